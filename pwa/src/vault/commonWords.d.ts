/** Made by build/commonWords.js: each list as one text, a word a line, the commonest first. */
declare module "virtual:common-words" {
  const lists: { passwords: string; english: string; names: string };
  export default lists;
}
