/** Texts of the mission (titles, questions, places) in the reader's language. */
export type Texts = Readonly<Record<string, string>>;

/** The text in `language`, else in English, else in any language there is, else nothing. */
export function textIn(texts: Texts | undefined, language: string): string {
  if (!texts) return "";
  return texts[language] || texts.en || Object.values(texts).find(Boolean) || "";
}
