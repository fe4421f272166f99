/** Numbers as people type them on a phone: decimal comma or point, spaces between thousands. */

export type Typed = { kind: "empty" } | { kind: "number"; number: number } | { kind: "unreadable" };

/** An `integer` takes whole numbers only: 12,5 in a count of ballots is a slip, not an answer. */
export function parseNumber(text: string, type: "integer" | "decimal"): Typed {
  const plain = text
    .replace(/[\s\u00a0\u202f]/g, "")
    .replace(",", ".")
    .replace(/^[−–]/, "-");
  if (plain === "") return { kind: "empty" };
  const pattern = type === "integer" ? /^-?\d+$/ : /^-?(\d+\.?\d*|\.\d+)$/;
  const number = Number(plain);
  if (!pattern.test(plain) || !Number.isFinite(number)) return { kind: "unreadable" };
  if (type === "integer" && !Number.isSafeInteger(number)) return { kind: "unreadable" };
  return { kind: "number", number };
}

/** Whether what was typed is a number, only larger than any that is kept. */
export function isTooLong(text: string, type: "integer" | "decimal"): boolean {
  const short = text.replace(/\d+/g, "1");
  return parseNumber(text, type).kind === "unreadable" && parseNumber(short, type).kind === "number";
}

/** A number answer as text in a field; Russian and Kazakh write a decimal comma. */
export function showNumber(number: number, language: string): string {
  const text = String(number);
  return language === "en" ? text : text.replace(".", ",");
}

/** The same with the thousands set apart by a narrow space, as `thousands-sep` asks; reading it back takes spaces. */
export function showGrouped(number: number, language: string): string {
  const [whole = "", ...fraction] = showNumber(number, language).split(/(?=[.,])/);
  return whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + fraction.join("");
}
