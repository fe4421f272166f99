/** An answer of a report in the reader's words. */

import { pointText } from "../checklists/answerText";
import { showNumber } from "../checklists/numbers";
import type { ReportAnswer } from "../desk/api";
import { formatDay, formatWritten } from "../i18n/dates";
import { m } from "../i18n/paraglide/messages";
import { textIn } from "../i18n/texts";

/** What was answered, line by line: each chosen choice is one. Photos are shown, not told. */
export function answerLines(answer: ReportAnswer, language: string): string[] {
  const { value, type, labels } = answer;
  if (value === null || type === "photo") return [];
  if (labels.length) return labels.map((label) => textIn(label, language));
  if (Array.isArray(value)) return value;
  if (typeof value === "number") return [showNumber(value, language)];
  switch (type) {
    case "date":
      return [formatDay(value, language)];
    case "datetime":
      return [formatWritten(value, language)];
    case "geopoint":
      return [pointText(value)];
    case "acknowledge":
      return [m.yes_word()];
    default:
      return [value];
  }
}
