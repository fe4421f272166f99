/** Answers that lie outside the short form a report is finished in. */

import type { Answer, Answers } from "../../engine/definition";
import { type Fill, openFill } from "../../engine/fill";
import type { Context } from "../../engine/functions/dates";
import { askedIn, isAnswered, type Shows } from "./asked";

/**
 * What an observer answered before turning to the short form, by path. Defaults are not among them: nobody saw these, let
 * alone meant them.
 */
export function unseenAnswers(answers: Answers, fill: Fill, shows: Shows, context: Context): Answers {
  const defaults = openFill(fill.definition, {}, context).answers();
  return Object.fromEntries(unseen(answers, fill, shows).filter(([path, answer]) => !isSame(answer, defaults[path])));
}

/** The answers of a finished short form: without the defaults of questions it did not ask. */
export function withoutUnseen(answers: Answers, fill: Fill, shows: Shows, context: Context): Answers {
  const given = unseenAnswers(answers, fill, shows, context);
  const dropped = new Set(unseen(answers, fill, shows).flatMap(([path]) => (path in given ? [] : path)));
  return Object.fromEntries(Object.entries(answers).filter(([path]) => !dropped.has(path)));
}

function unseen(answers: Answers, fill: Fill, shows: Shows): [path: string, answer: Answer][] {
  const seen = new Set<string>();
  for (const { nodes, relevant } of fill.sections()) {
    if (relevant) for (const { view } of askedIn(nodes, shows)) seen.add(view.path);
  }
  return Object.entries(answers).filter(([path]) => {
    const view = fill.question(path);
    return view?.relevant && isAnswered(view.question) && !seen.has(path);
  });
}

function isSame(answer: Answer, other: Answer | undefined): boolean {
  return JSON.stringify(answer) === JSON.stringify(other);
}
