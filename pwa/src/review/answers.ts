/** An answer of a report in the reader's words. */

import type { ReportAnswer, ReportAttachment, ReportPart } from "../desk/api";
import { pointsOf, pointText } from "../fill/draft/trace";
import { formatDay, formatWritten } from "../i18n/dates";
import { showNumber } from "../i18n/numbers";
import { m } from "../i18n/paraglide/messages";
import { inOrder, textIn } from "../i18n/texts";

/** Whether an answer is a file: shown, not told. */
export function isFile({ type }: Pick<ReportAnswer, "type">): boolean {
  return ["photo", "audio", "video", "file"].includes(type);
}

/** The file that was answered. The same picture may have been sent twice: then one that has arrived. */
export function fileOf(answer: ReportAnswer, attachments: readonly ReportAttachment[]): ReportAttachment | undefined {
  if (!isFile(answer)) return undefined;
  const same = attachments.filter(({ plain_sha256 }) => plain_sha256 === answer.value);
  return same.find((each) => each.is_complete) ?? same[0];
}

/** A row of a set of photos. */
export interface PhotoRow {
  id: string;
  photos: ReportAnswer[];
  /** What was written beside it, in its own order; "" where nothing was. */
  caption: string;
}

/**
 * The rows of a repeat that asked for photos and texts and was answered with nothing else: they are shown side by side
 * (docs/decisions/0010). Undefined where a row has more to tell: a flag, a sealed answer, rows of its own.
 */
export function photoRows({ rows }: ReportPart, language: string): PhotoRow[] | undefined {
  const answers = rows.flatMap((row) => row.answers);
  const isSet = answers.every(
    ({ type, severity, is_sealed }) => (type === "photo" || type === "text") && severity === null && !is_sealed,
  );
  const hasMore = rows.some(({ repeats }) => repeats.length > 0);
  if (!isSet || hasMore || !answers.some(({ type }) => type === "photo")) return undefined;
  return rows.map((row) => ({
    id: row.id,
    photos: row.answers.filter(({ type }) => type === "photo"),
    caption: row.answers.flatMap((answer) => answerLines(answer, language)).join(" · "),
  }));
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

/** An answer in one line; of a file or a trace, which are shown and not told, how its value begins. */
export function answerText(answer: ReportAnswer, language: string): string {
  if (answer.is_sealed) return m.desk_sealed();
  const lines = answerLines(answer, language);
  return lines.length > 0 ? lines.join("; ") : inOrder(String(answer.value ?? "").slice(0, 12));
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

/** Paths of the answers that are shown beside each other in these parts, rows of rows too. */
export const pathsIn = (parts: readonly ReportPart[]): string[] =>
  parts.flatMap(({ answer, rows }) => [
    ...(answer && !answer.is_sealed ? [answer.path] : []),
    ...(rows ?? []).flatMap((row) => [
      ...row.answers.filter((each) => !each.is_sealed).map(({ path }) => path),
      ...pathsIn(row.repeats),
    ]),
  ]);
