import type { Answer } from "../../engine/answers";
import type { Definition, Question, Texts } from "../../engine/definition";
import { choiceNamed } from "../../engine/offered";
import { plainText } from "../../engine/texts/marks";
import { formatDay, formatMonth, formatWritten } from "../../i18n/dates";
import { showGrouped, showNumber } from "../../i18n/numbers";
import { m } from "../../i18n/paraglide/messages";
import { inOrder, textIn } from "../../i18n/texts";
import { placeName } from "../../missions/place";
import type { Places } from "../../missions/places";
import { looks } from "./appearance";
import { areaOf, areaText, lengthOf, metresText, pointsOf, pointText } from "./trace";

/** The words of a text of a form as lists tell them: without its marks, values still named in it. */
export function formText(texts: Texts | undefined, language: string): string {
  return plainText(textIn(texts, language));
}

/** Whether the answer is the hash of a photo, recording or file: shown, not told. */
export function isAttachment({ type }: Question): boolean {
  return type === "photo" || type === "audio" || type === "video" || type === "file";
}

/** How many points a line or an area has, how long it is, and how large. */
function traceText(answer: string, isShape: boolean, language: string): string {
  const points = pointsOf(answer, isShape);
  const length = metresText(lengthOf(points, isShape), language);
  return [
    m.trace_points({ count: points.length }),
    isShape ? m.shape_length({ length }) : m.trace_length({ length }),
    ...(isShape ? [m.shape_area({ area: areaText(areaOf(points), language) })] : []),
  ].join("; ");
}

function dayText(question: Question, answer: string, language: string): string {
  if (looks(question, "year")) return answer.slice(0, 4);
  return looks(question, "month-year") ? formatMonth(answer, language) : formatDay(answer, language);
}

/** An answer in words, for reading: choices by their labels, days and places by their names, all in their own order. */
export function answerText(
  definition: Definition,
  question: Question,
  answer: Answer,
  places: Places | undefined,
  language: string,
): string {
  return inOrder(written(definition, question, answer, places, language));
}

function written(
  definition: Definition,
  question: Question,
  answer: Answer,
  places: Places | undefined,
  language: string,
): string {
  const label = (name: string) => {
    const choice = choiceNamed(definition, question, name);
    return choice ? formText(choice.label, language) : name;
  };
  if (typeof answer === "number") {
    // What was worked out has digits that nobody reads; they are kept all the same.
    if (question.calculation) return showNumber(Number(answer.toFixed(6)), language);
    return looks(question, "thousands-sep") ? showGrouped(answer, language) : showNumber(answer, language);
  }
  if (typeof answer !== "string") {
    const words = answer.map(label);
    return (question.type === "rank" ? words.map((word, at) => `${at + 1}. ${word}`) : words).join("; ");
  }
  if (question.location) return placeName(question.location, answer, places, language);
  switch (question.type) {
    case "select_one":
      return label(answer);
    case "date":
      return dayText(question, answer, language);
    case "datetime":
      return formatWritten(answer, language);
    case "geopoint":
      return pointText(answer);
    case "geotrace":
    case "geoshape":
      return traceText(answer, question.type === "geoshape", language);
    case "acknowledge":
      return m.yes_word();
    default:
      return looks(question, "masked") ? "••••••" : answer;
  }
}
