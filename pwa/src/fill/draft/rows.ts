/** The rows of a repeat as lines of a list: what stands in them, which are open. */

import type { Definition, Repeat } from "../../engine/definition";
import type { RepeatView, RowView } from "../../engine/fill";
import { m } from "../../i18n/paraglide/messages";
import type { Places } from "../../missions/places";
import { answerText, isAttachment } from "./answerText";
import { askedIn, isAnswered, type Shows, showsAll } from "./visible";

export interface RowLine {
  /** The first answers of the row in words; "" while it has none. */
  summary: string;
  unanswered: number;
  problems: number;
  flagged: number;
}

/** So many rows are shown open from the start; more make a list of lines to open. */
export const fewRows = 3;
/** From so many rows on, one is gone to by its number rather than by scrolling. */
export const manyRows = 8;

/** So many photos a repeat of photos takes: with those of single questions they fit into one report. */
export const mostPhotos = 20;

/** Whether the rows of a repeat are photos with words beside them. */
export function isOfPhotos({ questions }: Repeat): boolean {
  return (
    questions.some(({ type }) => type === "photo") && questions.every(({ type }) => /^(photo|text|note)$/.test(type))
  );
}

/** Hashes of the photos in the rows of a repeat. */
export function photosIn({ rows }: RepeatView): string[] {
  return rows.flatMap(({ nodes }) =>
    [...askedIn(nodes, showsAll)].flatMap(({ view: { question, value } }) =>
      question.type === "photo" && typeof value === "string" ? [value] : [],
    ),
  );
}

const summed = 3;
const longestSummary = 80;
const untold = new Set(["geotrace", "geoshape", "note", "acknowledge"]);

/** The line of a closed row. */
export function rowLine(
  row: RowView,
  shows: Shows,
  definition: Definition,
  places: Places | undefined,
  language: string,
): RowLine {
  const line = { unanswered: 0, problems: 0, flagged: 0 };
  const said: string[] = [];
  let files = 0;
  let untoldAnswers = 0;
  for (const { view } of askedIn(row.nodes, shows)) {
    const { question, value, problem, flags } = view;
    if (problem && problem.kind !== "required") line.problems += 1;
    if (flags.length > 0) line.flagged += 1;
    if (value === undefined) {
      if (isAnswered(question)) line.unanswered += 1;
    } else if (isAttachment(question)) files += 1;
    else if (untold.has(question.type) || question.sealed) untoldAnswers += isAnswered(question) ? 1 : 0;
    else if (said.length < summed) said.push(answerText(definition, question, value, places, language));
  }
  if (files > 0) said.push(m.row_files({ count: files }));
  // Nothing of it may stand in a list; that it is there may.
  if (said.length === 0 && untoldAnswers > 0) said.push(m.row_untold());
  return { ...line, summary: clipped(said.join(" · ")) };
}

/** Cut between code points, not inside one. */
function clipped(text: string): string {
  const points = [...text.replaceAll(/\s+/g, " ")];
  return points.length > longestSummary ? `${points.slice(0, longestSummary).join("").trimEnd()}…` : points.join("");
}
