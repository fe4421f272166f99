/**
 * The words an attacker tries first, cut down to what is worth its download: the estimator's own lists hold 240,000 entries
 * in 800 kB; the first thousands decide what is guessable, and `vault/estimator.ts` treats every other word as a rarer one.
 */
import { dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";

const name = "virtual:common-words";
const most = 4000;
const lists = {
  passwords: common["passwords-common"],
  english: english["commonWords-en"],
  names: english["lastnames-en"].slice(0, 500),
};

/** Vite's plugin that answers `import … from "virtual:common-words"`. */
export function commonWords() {
  return {
    name,
    /** @param {string} id */
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    /** @param {string} id */
    load(id) {
      if (id !== `\0${name}`) return undefined;
      // One text instead of thousands of quoted strings: it is parsed at once and packs better.
      const texts = Object.entries(lists).map(([list, words]) => [list, words.slice(0, most).join("\n")]);
      return `export default ${JSON.stringify(Object.fromEntries(texts))}`;
    },
  };
}
