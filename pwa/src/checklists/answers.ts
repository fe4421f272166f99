/**
 * Answers as they are stored and sent: flat, path → value (docs/checklists.md §2).
 * The twin of `backend/steppe/checklists/answers.py`.
 */

import { dayNumber } from "./dates";
import { type Answer, type Definition, isRepeat, type Question } from "./definition";
import { numberOf, textOf, tokensOf, type Value } from "./values";

export type { Answer, Answers, Patch } from "./definition";

export type Fault = "unknown_path" | "wrong_type" | "not_in_list" | "repeated";

const POINT = /^-?[0-9]+(?:\.[0-9]+)? -?[0-9]+(?:\.[0-9]+)?(?: -?[0-9]+(?:\.[0-9]+)?){0,2}$/;
const ROW = /^[A-Za-z0-9_-]{1,64}$/;

/** The parts of a path: `question` alone, or all three for a question inside a row. */
export interface Place {
  readonly question: string;
  readonly repeat?: string;
  readonly row?: string;
}

export function placeOf(path: string): Place {
  const [first = "", row, question] = path.split("/");
  return row === undefined || question === undefined ? { question: first } : { repeat: first, row, question };
}

/** The path of a question inside a row. */
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
  if (question.type === "select_one" || question.type === "select_multiple") {
    return choiceFault(definition, question, answer);
  }
  return fits(question, answer) ? null : "wrong_type";
}

function choiceFault(definition: Definition, question: Question, answer: unknown): Fault | null {
  // Choices the phone supplied: nobody else can list them, so only their form is looked at.
  if (question.reference) return rowsFault(answer);
  const names = new Set((definition.choices[question.list ?? ""] ?? []).map((choice) => choice.name));
  if (question.type === "select_one") {
    if (typeof answer !== "string") return "wrong_type";
    return names.has(answer) ? null : "not_in_list";
  }
  if (!isTexts(answer)) return "wrong_type";
  if (!answer.every((name) => names.has(name))) return "not_in_list";
  return new Set(answer).size === answer.length ? null : "repeated";
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
    case "calculate":
      return typeof answer === "string" || isNumber(answer);
    case "note":
      return false;
    case "acknowledge":
      return answer === "OK";
  }
  return typeof answer === "string" && textFits(question, answer);
}

function textFits(question: Question, answer: string): boolean {
  switch (question.type) {
    case "date":
      return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(answer) && isDay(answer);
    case "time":
      return /^[0-9]{2}:[0-9]{2}(?::[0-9]{2})?$/.test(answer) && isDay(answer);
    case "datetime":
      return answer.includes("T") && isDay(answer);
    case "photo":
      return /^[0-9a-f]{64}$/.test(answer);
    case "geopoint": {
      const [latitude, longitude] = answer.split(" ").map(Number);
      return POINT.test(answer) && Math.abs(latitude ?? 91) <= 90 && Math.abs(longitude ?? 181) <= 180;
    }
    default:
      return true;
  }
}

function isDay(answer: string): boolean {
  return !Number.isNaN(dayNumber(answer, 0));
}

function isNumber(answer: unknown): answer is number {
  return typeof answer === "number" && Math.abs(answer) < 1e300;
}

/**
 * An expression's value as an answer of the question's type; undefined when it says nothing. Numbers that JSON cannot
 * hold are no answer. A `calculate` keeps the kind of its value.
 */
export function answerOfValue(
  definition: Definition,
  question: Question,
  value: Value,
  offset: number,
): Answer | undefined {
  const { type } = question;
  if (type === "integer" || type === "decimal" || (type === "calculate" && typeof value === "number")) {
    const number = numberOf(value, offset);
    if (!Number.isFinite(number)) return undefined;
    return (type === "integer" ? Math.trunc(number) : number) + 0;
  }
  const text = textOf(value);
  if (text === "") return undefined;
  if (type !== "select_multiple") return text;
  const chosen = inListOrder(definition, question, tokensOf(text));
  return chosen.length === 0 ? undefined : chosen;
}

/** Known choice names once each, in the order of the question's list. */
export function inListOrder(definition: Definition, question: Question, names: readonly string[]): string[] {
  const wanted = new Set(names);
  return (definition.choices[question.list ?? ""] ?? [])
    .map((choice) => choice.name)
    .filter((name) => wanted.has(name));
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
