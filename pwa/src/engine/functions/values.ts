/**
 * Values of expressions and how they turn into one another: XPath 1.0 §3–4 with ODK's dates.
 * The twin of `backend/steppe/checklists/expressions/values.py`; the same input must give the same bytes in both.
 */

import { type Context, DAY_MS, dayNumber, momentOf } from "./dates";

/** A number (IEEE double), a string, a boolean or a node-set (strings in document order). */
export type Value = number | string | boolean | readonly string[];

const NUMBER = /^[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*$/;

/** XPath's number format: no exponent; the digits are the shortest that read back as the same double. */
export function textOfNumber(number: number): string {
  const text = String(number);
  const at = text.indexOf("e");
  if (at < 0) return text;
  const sign = number < 0 ? "-" : "";
  const [whole = "", fraction = ""] = text.slice(sign.length, at).split(".");
  const figures = whole + fraction;
  const point = whole.length + Number(text.slice(at + 1));
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${figures}`;
  // An exponent is written only beyond 21 digits, more than a double has: the point never falls among the figures.
  return sign + figures + "0".repeat(point - figures.length);
}

/** XPath's `number()` of a string: optional minus, digits, no plus, no exponent; then ISO dates and times. */
export function numberOfText(text: string, context: Context | null): number {
  return NUMBER.test(text) ? Number(text) : dayNumber(text, context);
}

/** An answer as the string an expression sees; the empty string when there is none. */
export function textOfAnswer(answer: unknown): string {
  if (typeof answer === "string") return answer;
  if (typeof answer === "number") return textOfNumber(answer);
  if (typeof answer === "boolean") return answer ? "true" : "false";
  if (Array.isArray(answer)) return answer.map(textOfAnswer).join(" ");
  return "";
}

/** XPath's `string()`. */
export function textOf(value: Value): string {
  return typeof value === "object" ? (value[0] ?? "") : textOfAnswer(value);
}

/** XPath's `number()` extended by dates; `context` as in `dayNumber`. */
export function numberOf(value: Value, context: Context): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return numberOfText(value, context);
  return value[0] === undefined ? Number.NaN : numberOfText(value[0], context);
}

/** XPath's `boolean()`: non-zero and not NaN, non-empty string, non-empty node-set. */
export function truthOf(value: Value): boolean {
  return typeof value === "object" ? value.length > 0 : Boolean(value);
}

/** A value as a node-set; a single value is a set of one. */
export function nodesOf(value: Value): readonly string[] {
  return typeof value === "object" ? value : [textOf(value)];
}

/** The items of a space-separated list, as `select_multiple` answers are seen by expressions. */
export function tokensOf(text: string): string[] {
  return text.match(/[^ \t\r\n]+/g) ?? [];
}

/** XPath 1.0 §3.4 `=` and `!=`: existential over node-sets, else booleans, then numbers, then strings. */
export function areEqual(left: Value, right: Value, context: Context, wanted: boolean): boolean {
  if (typeof left === "boolean" || typeof right === "boolean") return (truthOf(left) === truthOf(right)) === wanted;
  if (typeof left === "object" || typeof right === "object") {
    return pairs(left, right, (one, other) => areEqual(one, other, context, wanted));
  }
  if (typeof left === "number" || typeof right === "number") {
    return (numberOf(left, context) === numberOf(right, context)) === wanted;
  }
  return (left === right) === wanted;
}

/** XPath 1.0 §3.4 `<`, `<=`, `>`, `>=`: as numbers, existential over node-sets. */
export function isOrdered(
  left: Value,
  right: Value,
  context: Context,
  holds: (a: number, b: number) => boolean,
): boolean {
  if (typeof left === "boolean" || typeof right === "boolean") {
    return holds(
      numberOf(typeof left === "object" ? truthOf(left) : left, context),
      numberOf(typeof right === "object" ? truthOf(right) : right, context),
    );
  }
  return pairs(left, right, (one, other) => holds(...pairOf(one, other, context)));
}

/**
 * Two values as numbers that are compared or subtracted; of two date-times with an offset, the moments in days. Wall
 * clocks would make an hour of nothing, or nothing of an hour, between moments on both sides of a change of clocks.
 */
export function pairOf(left: Value, right: Value, context: Context): [number, number] {
  if (typeof left === "string" && typeof right === "string") {
    const [one, other] = [momentOf(left), momentOf(right)];
    if (!Number.isNaN(one) && !Number.isNaN(other)) {
      const shift = context.offset * 60_000;
      return [(one + shift) / DAY_MS, (other + shift) / DAY_MS];
    }
  }
  return [numberOf(left, context), numberOf(right, context)];
}

function pairs(left: Value, right: Value, holds: (one: Value, other: Value) => boolean): boolean {
  const rights = typeof right === "object" ? right : [right];
  for (const one of typeof left === "object" ? left : [left]) {
    for (const other of rights) if (holds(one, other)) return true;
  }
  return false;
}
