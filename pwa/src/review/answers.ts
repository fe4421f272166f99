/** An answer of a report in the reader's words. */

import type { ReportAnswer } from "../desk/api";
import { pointText } from "../fill/draft/pointText";
import { pointsOf } from "../fill/draft/trace";
import { formatDay, formatWritten } from "../i18n/dates";
import { showNumber } from "../i18n/numbers";
import { m } from "../i18n/paraglide/messages";
import { inOrder, textIn } from "../i18n/texts";

/** Whether an answer is a file: shown, not told. */
export function isFile({ type }: Pick<ReportAnswer, "type">): boolean {
  return ["photo", "audio", "video", "file"].includes(type);
}

/** The points of a line or an area: drawn, not told. A single point is told. */
export function traceOf({ type, value }: ReportAnswer): { points: string[]; isShape: boolean } | undefined {
  if ((type !== "geotrace" && type !== "geoshape") || typeof value !== "string") return undefined;
  const points = pointsOf(value, type === "geoshape");
  return points.length > 1 ? { points, isShape: type === "geoshape" } : undefined;
}

/** The short code of the report a line of the answer refers to: a choice that no list names but the phone offered. */
export function entryAt({ value, labels }: ReportAnswer, line: number): string | undefined {
  const label = labels[line];
  return label && Array.isArray(value) && Object.keys(label).length === 0 ? value[line] : undefined;
}

/** What was answered, line by line and in its own order: each chosen choice is one. Files and traces are shown, not told. */
export function answerLines(answer: ReportAnswer, language: string): string[] {
  return written(answer, language).map(inOrder);
}

function written(answer: ReportAnswer, language: string): string[] {
  const { value, type, labels } = answer;
  if (value === null || isFile(answer) || traceOf(answer)) return [];
  const names = Array.isArray(value) ? value : [value];
  if (labels.length) return labels.map((label, at) => textIn(label, language) || String(names[at] ?? ""));
  if (Array.isArray(value)) return value;
  if (typeof value === "number") return [showNumber(value, language)];
  switch (type) {
    case "date":
      return [formatDay(value, language)];
    case "datetime":
      return [formatWritten(value, language)];
    case "geopoint":
    case "geotrace":
    case "geoshape":
      return [pointText(value)];
    case "acknowledge":
      return [m.yes_word()];
    default:
      return [value];
  }
}
