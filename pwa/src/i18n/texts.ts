/** Texts of the mission (titles, questions, places) in the reader's language. */
export type Texts = Readonly<Record<string, string>>;

/** Marks that turn the direction of what follows: overrides, embeddings, isolates. */
const turning = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * Text of others as it is shown, in its own order: a turning mark makes "evil" read "live", and the words around it too.
 * Languages written from right to left need none of them; what is stored and exported keeps them.
 */
export function inOrder(text: string): string {
  return text.replace(turning, "");
}

/** The text in `language`, else in English, else in any language there is, else nothing. */
export function textIn(texts: Texts | undefined, language: string): string {
  if (!texts) return "";
  return inOrder(texts[language] || texts.en || Object.values(texts).find(Boolean) || "");
}
