/**
 * Answers as they are stored and sent: flat, path → value (docs/checklists.md §2).
 * The twin of `backend/steppe/checklists/evaluation/answers.py`.
 */

import { type Answer, type Definition, isRepeat, type Question, type QuestionType } from "./definition";
import { type Context, dayNumber, inKind } from "./functions/dates";
import { numberOf, textOf, tokensOf, type Value } from "./functions/values";
import { choiceNamed, choicesOf } from "./offered";

export type { Answer, Answers, Patch } from "./definition";
export { placeOf } from "./paths";

/** The types whose answer is the hex SHA-256 of an attached file. */
export const ATTACHED: ReadonlySet<QuestionType> = new Set(["photo", "audio", "video", "file"]);

export type Fault = "unknown_path" | "wrong_type" | "not_in_list" | "repeated";

const POINT = /^-?[0-9]+(?:\.[0-9]+)? -?[0-9]+(?:\.[0-9]+)?(?: -?[0-9]+(?:\.[0-9]+)?){0,2}$/;
const ROW = /^[A-Za-z0-9_-]{1,64}$/;

/** The path of a question inside a row of a repeat that is not nested. */
export function rowPath(repeat: string, row: string, question: string): string {
  return `${repeat}/${row}/${question}`;
}

/** Whether an answer says nothing: absent, the empty string, an empty list. */
export function isEmpty(answer: unknown): boolean {
  return answer === undefined || answer === null || answer === "" || (Array.isArray(answer) && answer.length === 0);
}

/** What is wrong with an answer to a question; null when it fits. An absent answer fits. */
export function faultOf(definition: Definition, question: Question, answer: unknown): Fault | null {
  if (answer === undefined || answer === null) return null;
  if (question.type === "select_one" || question.type === "select_multiple" || question.type === "rank") {
    return choiceFault(definition, question, answer);
  }
  return fits(question, answer) ? null : "wrong_type";
}

function choiceFault(definition: Definition, question: Question, answer: unknown): Fault | null {
  // Choices the phone supplied: nobody else can list them, so only their form is looked at.
  if (question.reference) return rowsFault(answer);
  if (question.rows) return typeof answer === "string" ? null : "wrong_type";
  const isKnown = (name: string) => choiceNamed(definition, question, name) !== undefined;
  if (question.type === "select_one") {
    if (typeof answer !== "string") return "wrong_type";
    return isKnown(answer) ? null : "not_in_list";
  }
  if (!isTexts(answer)) return "wrong_type";
  if (!answer.every(isKnown)) return "not_in_list";
  if (new Set(answer).size !== answer.length) return "repeated";
  return question.type === "rank" && !isWhole(definition, question, answer) ? "wrong_type" : null;
}

/** A ranking names every choice; under a filter, which of them are offered is not looked at. */
function isWhole(definition: Definition, question: Question, answer: readonly string[]): boolean {
  return question.filter !== undefined || answer.length === choicesOf(definition, question).length;
}

function isTexts(answer: unknown): answer is readonly string[] {
  return Array.isArray(answer) && answer.every((item) => typeof item === "string");
}

/** What is wrong with the row list of a repeat; null when it fits. */
export function rowsFault(answer: unknown): Fault | null {
  if (answer === undefined || answer === null) return null;
  if (!isTexts(answer) || !answer.every((row) => ROW.test(row))) return "wrong_type";
  return new Set(answer).size === answer.length ? null : "repeated";
}

function fits(question: Question, answer: unknown): boolean {
  switch (question.type) {
    case "integer":
      return Number.isSafeInteger(answer);
    case "decimal":
      return isNumber(answer);
    case "range":
      return isNumber(answer) && isInRange(question, answer);
    case "calculate":
    case "hidden":
      return typeof answer === "string" || isNumber(answer);
    case "note":
      return false;
    case "acknowledge":
      return answer === "OK";
  }
  return typeof answer === "string" && textFits(question, answer);
}

function textFits(question: Question, answer: string): boolean {
  if (ATTACHED.has(question.type)) return /^[0-9a-f]{64}$/.test(answer);
  switch (question.type) {
    case "date":
      return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(answer) && isDay(answer);
    case "time":
      return /^[0-9]{2}:[0-9]{2}(?::[0-9]{2})?$/.test(answer) && isDay(answer);
    case "datetime":
      return answer.includes("T") && isDay(answer);
    case "geopoint":
      return isPoint(answer);
    case "geotrace":
      return pointsOf(answer).length >= 2 && pointsOf(answer).every(isPoint);
    case "geoshape":
      return isShape(pointsOf(answer));
    default:
      return true;
  }
}

function isPoint(text: string): boolean {
  const [latitude, longitude] = text.split(" ").map(Number);
  return POINT.test(text) && Math.abs(latitude ?? 91) <= 90 && Math.abs(longitude ?? 181) <= 180;
}

/** The points of a trace: `lat lon alt acc; lat lon alt acc; …`, a semicolon at the end allowed. */
function pointsOf(answer: string): string[] {
  return answer.replace(/;[ ]*$/, "").split(/;[ ]*/);
}

/** A closed line around an area: three corners at least, and the first again at the end. */
function isShape(points: readonly string[]): boolean {
  return points.length >= 4 && points.every(isPoint) && points[0] === points.at(-1);
}

/** The bounds of a range and whether it takes fractions, by its `start`, `end` and `step` (1, 10 and 1). */
function boundsOf({ parameters = {} }: Question): { from: number; to: number; whole: boolean } {
  const { start = 1, end = 10, step = 1 } = parameters;
  const [one, other, by] = [Number(start), Number(end), Number(step)];
  const whole = [one, other, by].every(Number.isInteger);
  return { from: Math.min(one, other), to: Math.max(one, other), whole };
}

function isInRange(question: Question, answer: number): boolean {
  const { from, to, whole } = boundsOf(question);
  return answer >= from && answer <= to && (!whole || Number.isInteger(answer));
}

function isDay(answer: string): boolean {
  return !Number.isNaN(dayNumber(answer, null));
}

function isNumber(answer: unknown): answer is number {
  return typeof answer === "number" && Math.abs(answer) < 1e300;
}

/**
 * An expression's value as an answer of the question's type; undefined when it says nothing. Numbers that JSON cannot
 * hold are no answer. A `calculate` keeps the kind of its value. A date, time or date-time becomes the one of them that
 * is asked; a moment without a clock begins at midnight.
 */
export function answerOfValue(
  definition: Definition,
  question: Question,
  value: Value,
  context: Context,
): Answer | undefined {
  const { type } = question;
  const keepsNumbers = (type === "calculate" || type === "hidden") && typeof value === "number";
  if (type === "integer" || type === "decimal" || type === "range" || keepsNumbers) {
    const number = numberOf(value, context);
    if (!Number.isFinite(number)) return undefined;
    return (type === "integer" ? Math.trunc(number) : number) + 0;
  }
  const text = textOf(value);
  if (text === "") return undefined;
  if (type === "date" || type === "time" || type === "datetime") {
    return inKind(type, text, numberOf(value, context), context) || undefined;
  }
  if (type !== "select_multiple" && type !== "rank") return text;
  const chosen =
    type === "rank" ? ranked(definition, question, text) : inListOrder(definition, question, tokensOf(text));
  return chosen.length === 0 ? undefined : chosen;
}

/** Known choice names once each, in the order of the question's choices. */
export function inListOrder(definition: Definition, question: Question, names: readonly string[]): string[] {
  const known = new Set(names.flatMap((name) => choiceNamed(definition, question, name) ?? []));
  if (known.size < 2) return [...known].map(({ name }) => name);
  return choicesOf(definition, question)
    .filter((choice) => known.has(choice))
    .map(({ name }) => name);
}

function ranked(definition: Definition, question: Question, text: string): string[] {
  return [...new Set(tokensOf(text))].filter((name) => choiceNamed(definition, question, name) !== undefined);
}

/** Every question in document order with the repeat it stands in. */
export function* questionsOf(definition: Definition): Generator<{ question: Question; repeat?: string }> {
  for (const section of definition.sections) {
    for (const node of section.nodes) {
      if (isRepeat(node)) for (const question of node.questions) yield { question, repeat: node.id };
      else yield { question: node };
    }
  }
}
