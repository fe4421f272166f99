/**
 * The function library of checklist expressions. The twin of `backend/steppe/checklists/expressions/functions.py`, where every
 * signature is explained; names and arity are checked at publishing, so here an unknown function is the empty string.
 */

import { type Context, formatDayNumber, isoDate, isoNow, isoToday } from "./dates";
import { base64Decoded, digest } from "./digests";
import { area, crossesItself, encloses, length, lineOf } from "./geometry";
import { OverBudget, TEXT_BYTES, utf8Length } from "./limits";
import * as maths from "./maths";
import { matches, stepsOf } from "./patterns";
import { power } from "./powers";
import { shuffled } from "./shuffle";
import { nodesOf, numberOf, numberOfText, tokensOf, type Value } from "./values";

/** What a function may know besides its arguments. */
export interface FunctionScope {
  readonly context: Context;
  /** 1-based place of the row, or of the row `up` levels above it; 0 outside rows. */
  position(up: number): number;
  /** The label of a choice in the definition's default language; the empty string when there is none. */
  choiceName(question: string, name: string): string;
  /** Takes operations off the budget of this evaluation; throws OverBudget. */
  spend(operations: number): void;
  /** The form's version. */
  readonly version: string;
  /** What the phone knows of itself: `deviceid`, `username`, …; the empty string for anything else. */
  property(name: string): string;
}

/** Arguments arrive converted: number, string, boolean, node-set or any value, as the signature's letters say. */
interface Signature {
  readonly kinds: string;
  /** How many of the last kinds repeat when there are more arguments. */
  readonly cycle: number;
  // biome-ignore lint/suspicious/noExplicitAny: the kinds above promise the argument types
  readonly apply: (scope: FunctionScope, ...values: any[]) => Value;
}

// biome-ignore lint/suspicious/noExplicitAny: as in Signature
function signature(kinds: string, apply: (scope: FunctionScope, ...values: any[]) => Value, cycle = 1): Signature {
  return { kinds, cycle, apply };
}

/** The kind of an argument: `n` number, `s` string, `b` boolean, `N` node-set, `v` any value. */
export function kindAt({ kinds, cycle }: Signature, index: number): string {
  const place = index < kinds.length ? index : kinds.length - cycle + ((index - kinds.length) % cycle);
  return kinds[place] ?? "v";
}

/** XPath's `round()`: the nearest whole number, halves towards positive infinity, never minus zero. */
function roundHalfUp(number: number): number {
  if (!Number.isFinite(number)) return number;
  const below = Math.floor(number);
  return (number - below >= 0.5 ? below + 1 : below) + 0;
}

function round(_: FunctionScope, number: number, decimals = 0): number {
  const places = Math.trunc(decimals);
  if (Number.isNaN(places)) return Number.NaN;
  if (!Number.isFinite(number)) return number;
  const scale = SCALES[Math.min(Math.abs(places), 22)] ?? 1;
  if (places < 0) return roundHalfUp(number / scale) * scale;
  const scaled = number * scale;
  return Number.isFinite(scaled) ? roundHalfUp(scaled) / scale : number;
}

/** Powers of ten that a double holds exactly. */
const SCALES = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

function strings(values: readonly Value[]): string[] {
  return values.flatMap((value) => nodesOf(value));
}

function numbers(scope: FunctionScope, values: readonly Value[]): number[] {
  const { context } = scope;
  return values.flatMap((value) =>
    typeof value === "object" ? value.map((node) => numberOfText(node, context)) : [numberOf(value, context)],
  );
}

function extreme(found: readonly number[], better: (one: number, best: number) => boolean): number {
  if (found.length === 0 || found.some(Number.isNaN)) return Number.NaN;
  return found.reduce((best, one) => (better(one, best) ? one : best));
}

/** A number as a place in a text or list; null for NaN. */
function place(number: number): number | null {
  return Number.isNaN(number) ? null : Math.trunc(Math.max(-1e9, Math.min(1e9, number)));
}

function substr(_: FunctionScope, text: string, start: number, end = Number.POSITIVE_INFINITY): string {
  const from = place(start);
  const to = place(end);
  if (from === null || to === null) return "";
  const characters = Array.from(text);
  const { length } = characters;
  const first = Math.min(Math.max(0, from < 0 ? from + length : from), length);
  const last = Math.min(Math.max(0, to < 0 ? to + length : to), length);
  return characters.slice(first, Math.max(first, last)).join("");
}

function selectedAt(_: FunctionScope, items: string, at: number): string {
  const index = place(at);
  return index === null || index < 0 ? "" : (tokensOf(items)[index] ?? "");
}

function translate(_: FunctionScope, text: string, wanted: string, given: string): string {
  const table = new Map<string, string>();
  const replacements = Array.from(given);
  for (const [index, character] of Array.from(wanted).entries()) {
    if (!table.has(character)) table.set(character, replacements[index] ?? "");
  }
  return Array.from(text, (character) => table.get(character) ?? character).join("");
}

function ticked(least: number, most: number, weights: readonly (readonly [number, number])[]): boolean {
  let total = 0;
  for (const [value, weight] of weights) if (value > 0) total += weight;
  return (least === -1 || total >= least) && (most === -1 || total <= most);
}

function weightedChecklist(scope: FunctionScope, least: number, most: number, ...values: Value[]): boolean {
  const weights: (readonly [number, number])[] = [];
  for (let at = 0; at + 1 < values.length; at += 2) {
    const ticks = numbers(scope, values.slice(at, at + 1));
    const given = numbers(scope, values.slice(at + 1, at + 2));
    for (let index = 0; index < Math.min(ticks.length, given.length); index += 1) {
      weights.push([ticks[index] ?? 0, given[index] ?? 0]);
    }
  }
  return ticked(least, most, weights);
}

function dayNumberOf(scope: FunctionScope, value: Value): number {
  return numberOf(value, scope.context);
}

function fractionOfDay(scope: FunctionScope, value: Value): number {
  const number = dayNumberOf(scope, value);
  return Number.isFinite(number) ? number - Math.floor(number) + 0 : Number.NaN;
}

function after(_: FunctionScope, text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? "" : text.slice(at + mark.length);
}

function rounded(function_: (...numbers: number[]) => number): (scope: FunctionScope, ...numbers: number[]) => number {
  return (_, ...numbers) => maths.rounded(function_(...numbers));
}

/** Without a length a UUID of version 4, else so many of the characters that ODK draws from. */
function uuid(_: FunctionScope, size?: number): string {
  if (size === undefined) return crypto.randomUUID();
  const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const wanted = Math.min(64, Math.max(0, place(size) ?? 0));
  return Array.from({ length: wanted }, () => letters[Math.floor(Math.random() * letters.length)]).join("");
}

/** The texts as one, when the whole is no longer than a text answer may be. */
function together(mark: string, texts: readonly string[]): string {
  const bytes = texts.reduce((sum, text) => sum + utf8Length(text), 0);
  if (bytes + utf8Length(mark) * Math.max(0, texts.length - 1) > TEXT_BYTES) throw new OverBudget();
  return texts.join(mark);
}

// biome-ignore lint/suspicious/noExplicitAny: as in Signature
type Apply = (scope: FunctionScope, ...values: any[]) => Value;

/** A function that walks its first text: a sixteenth of an operation for every byte. */
function walking(function_: Apply): Apply {
  return (scope, ...values) => {
    scope.spend(Math.floor(utf8Length(String(values[0])) / 16));
    return function_(scope, ...values);
  };
}

function regex(scope: FunctionScope, text: string, pattern: string): boolean {
  scope.spend(stepsOf(pattern) * (Array.from(text).length + 1));
  return matches(text, pattern);
}

function intersects(scope: FunctionScope, value: Value): boolean {
  const line = lineOf(value);
  scope.spend((line?.length ?? 0) ** 2);
  return crossesItself(line);
}

/** `if` and `once` are not here: the evaluator treats them itself, since their arguments are not all evaluated. */
export const FUNCTIONS: Readonly<Record<string, Signature>> = {
  abs: signature("n", (_, number: number) => Math.abs(number)),
  acos: signature("n", rounded(maths.arccosine)),
  area: signature("v", (_, ...values: Value[]) => area(lineOf(...values))),
  asin: signature("n", rounded(maths.arcsine)),
  atan: signature("n", rounded(maths.arctangent)),
  atan2: signature("nn", rounded(maths.direction)),
  "base64-decode": signature("s", (_, text: string) => base64Decoded(text)),
  boolean: signature("b", (_, value: boolean) => value),
  "boolean-from-string": signature("s", (_, text: string) => text === "true" || text === "1"),
  ceiling: signature("n", (_, number: number) => Math.ceil(number) + 0),
  checklist: signature("nnv", (scope, least: number, most: number, ...values: Value[]) =>
    ticked(
      least,
      most,
      numbers(scope, values).map((number) => [number, 1] as const),
    ),
  ),
  coalesce: signature("ss", (_, one: string, other: string) => one || other),
  concat: signature("v", (_, ...values: Value[]) => together("", strings(values))),
  contains: signature("ss", (_, text: string, part: string) => text.includes(part)),
  cos: signature("n", rounded(maths.cosine)),
  count: signature("N", (_, nodes: readonly string[]) => nodes.length),
  "count-non-empty": signature("N", (_, nodes: readonly string[]) => nodes.filter((node) => node !== "").length),
  "count-selected": signature(
    "s",
    walking((_, items: string) => tokensOf(items).length),
  ),
  date: signature("v", (scope, value: Value) => isoDate(dayNumberOf(scope, value))),
  "decimal-date-time": signature("v", dayNumberOf),
  "decimal-time": signature("v", fractionOfDay),
  digest: signature(
    "sss",
    walking((_, text: string, algorithm: string, encoding?: string) => digest(text, algorithm, encoding)),
  ),
  distance: signature("v", (_, ...values: Value[]) => length(lineOf(...values))),
  "enclosed-area": signature("v", (_, ...values: Value[]) => area(lineOf(...values))),
  "ends-with": signature("ss", (_, text: string, end: string) => text.endsWith(end)),
  exp: signature("n", rounded(maths.exponentialOf)),
  exp10: signature(
    "n",
    rounded((exponent = Number.NaN) => power(10, exponent)),
  ),
  false: signature("", () => false),
  floor: signature("n", (_, number: number) => Math.floor(number) + 0),
  "format-date": signature("vs", (scope, value: Value, form: string) =>
    formatDayNumber(dayNumberOf(scope, value), form),
  ),
  "format-date-time": signature("vs", (scope, value: Value, form: string) =>
    formatDayNumber(dayNumberOf(scope, value), form),
  ),
  geofence: signature("vv", (_, spot: Value, shape: Value) => encloses(lineOf(shape), lineOf(spot))),
  int: signature("n", (_, number: number) => Math.trunc(number) + 0),
  intersects: signature("v", intersects),
  join: signature("sv", (_, mark: string, ...values: Value[]) => together(mark, strings(values))),
  "jr:choice-name": signature("ss", (scope, name: string, question: string) => scope.choiceName(question, name)),
  log: signature("n", rounded(maths.naturalLogarithm)),
  log10: signature("n", rounded(maths.decimalLogarithm)),
  max: signature("v", (scope, ...values: Value[]) => extreme(numbers(scope, values), (one, best) => one > best)),
  min: signature("v", (scope, ...values: Value[]) => extreme(numbers(scope, values), (one, best) => one < best)),
  "normalize-space": signature(
    "s",
    walking((_, text: string) => tokensOf(text).join(" ")),
  ),
  not: signature("b", (_, condition: boolean) => !condition),
  now: signature("", (scope) => isoNow(scope.context)),
  number: signature("n", (_, number: number) => number),
  pi: signature("", () => Math.PI),
  position: signature("n", (scope, up = 0) => scope.position(up)),
  pow: signature("nn", (_, base: number, exponent: number) => power(base, exponent)),
  property: signature("s", (scope, name: string) => scope.property(name)),
  random: signature("", () => Math.random()),
  randomize: signature("Nn", (_, nodes: readonly string[], seed: number) => shuffled(nodes, seed)),
  regex: signature("ss", regex),
  round: signature("nn", round),
  selected: signature(
    "ss",
    walking((_, items: string, name: string) => tokensOf(items).includes(name)),
  ),
  "selected-at": signature("sn", walking(selectedAt)),
  sin: signature("n", rounded(maths.sine)),
  sqrt: signature("n", (_, number: number) => Math.sqrt(number)),
  "starts-with": signature("ss", (_, text: string, start: string) => text.startsWith(start)),
  string: signature("s", (_, text: string) => text),
  "string-length": signature("s", (_, text: string) => Array.from(text).length),
  substr: signature("snn", substr),
  "substring-after": signature("ss", after),
  "substring-before": signature("ss", (_, text: string, mark: string) =>
    text.slice(0, Math.max(0, text.indexOf(mark))),
  ),
  sum: signature("N", (scope, nodes: readonly string[]) =>
    nodes.reduce((total, node) => total + numberOfText(node, scope.context), 0),
  ),
  tan: signature("n", rounded(maths.tangent)),
  today: signature("", (scope) => isoToday(scope.context)),
  translate: signature("sss", walking(translate)),
  true: signature("", () => true),
  uuid: signature("n", uuid),
  version: signature("", (scope) => scope.version),
  "weighted-checklist": signature("nnvv", weightedChecklist, 2),
};
