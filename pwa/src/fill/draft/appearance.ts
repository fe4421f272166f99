/** How a question is drawn: from its type, its choices and the words in its `appearance` column. */

import type { Question } from "../../engine/definition";
import { isSegmented } from "./choices";

/** One way to answer; each is a component. */
export type Control =
  | "nothing"
  | "shown"
  | "place"
  | "segments"
  | "list"
  | "sheet"
  | "search"
  | "rank"
  | "range"
  | "number"
  | "text"
  | "partial-date"
  | "photo"
  | "drawing"
  | "recording"
  | "file"
  | "barcode"
  | "point"
  | "trace"
  | "acknowledge";

/** More choices than this are not scrolled but searched. */
export const searchedFrom = 30;

/** Whether one of these words stands in the appearance. */
export function looks(question: Question, ...words: readonly string[]): boolean {
  return question.appearance?.some((word) => words.includes(word)) === true;
}

/** How to answer a question that offers these choices. */
export function controlOf(question: Question, names: readonly string[]): Control {
  if (question.location) return "place";
  switch (question.type) {
    case "note":
    case "hidden":
    case "metadata":
      return "nothing";
    case "calculate":
      return "shown";
    case "select_one":
    case "select_multiple":
      return choosing(question, names);
    case "integer":
    case "decimal":
      return "number";
    case "date":
      return looks(question, "month-year", "year") ? "partial-date" : "text";
    case "photo":
      return looks(question, "signature", "draw", "annotate") ? "drawing" : "photo";
    case "audio":
    case "video":
      return "recording";
    case "geopoint":
      return "point";
    case "geotrace":
    case "geoshape":
      return "trace";
    case "rank":
    case "range":
    case "file":
    case "barcode":
    case "acknowledge":
      return question.type;
    default:
      return "text";
  }
}

function choosing(question: Question, names: readonly string[]): Control {
  // The head of a grid asks nothing; without lines below it, it is a text.
  if (looks(question, "label")) return "nothing";
  if (looks(question, "autocomplete", "search") || names.length > searchedFrom) return "search";
  if (looks(question, "minimal")) return "sheet";
  const isPlain = !columnsOf(question) && !looks(question, "no-buttons", "quick");
  return question.type === "select_one" && isPlain && isSegmented(names) ? "segments" : "list";
}

/** How choices stand beside each other: so many columns at most, as many as fit, or on one scale. */
export type Columns = number | "pack" | "scale";

/** Undefined: one below the other. */
export function columnsOf(question: Question): Columns | undefined {
  if (looks(question, "likert")) return "scale";
  if (looks(question, "columns-pack", "horizontal-compact", "compact", "quickcompact")) return "pack";
  for (const word of question.appearance ?? []) {
    const count = /^(?:columns|compact|quickcompact)-(\d{1,2})$/.exec(word)?.[1];
    if (count) return Number(count);
  }
  return looks(question, "columns", "horizontal") ? 2 : undefined;
}

/** Whether a choice brings the next question at once. */
export function isQuick(question: Question): boolean {
  return (
    question.type === "select_one" && question.appearance?.some((word) => /^quick(compact.*)?$/.test(word)) === true
  );
}

/** Answers that only a button takes away again; the others are emptied where they are written. */
export function isClearable({ type }: Question): boolean {
  return ["select_one", "date", "time", "datetime", "rank", "range"].includes(type);
}
