/** How a question's choices are offered and combined. */

import type { Question } from "../../engine/definition";

/** Choices or places that a search lists at once; more is a reason to type on, and no phone has to draw 20,000 lines. */
export const shownAtOnce = 50;

const honest = new Set(["yes", "no", "not_observed", "not_applicable"]);

/** Answers that say nothing was seen or nothing applies; they leave the denominator and are drawn quieter. */
export function isAside(name: string): boolean {
  return name === "not_observed" || name === "not_applicable";
}

/** Yes / No / Not observed / Not applicable: few enough, and asked often enough, for big buttons. */
export function isSegmented(names: readonly string[]): boolean {
  return names.length >= 2 && names.every((name) => honest.has(name));
}

/**
 * A `select_multiple` answer after a tap on `name`: names in list order; `none` excludes every other choice, and they it.
 * Undefined when nothing is left.
 */
export function toggled(chosen: readonly string[], name: string, list: readonly string[]): string[] | undefined {
  if (chosen.includes(name)) {
    const left = chosen.filter((other) => other !== name);
    return left.length > 0 ? left : undefined;
  }
  if (name === "none") return ["none"];
  const wanted = new Set([...chosen, name]);
  return list.filter((each) => each !== "none" && wanted.has(each));
}

/** Whether what a question offers can change with an answer: it is filtered, reads rows, or is shuffled by one. */
export function followsAnswers(question: Question): boolean {
  return question.filter !== undefined || question.rows !== undefined || question.parameters?.seed !== undefined;
}
