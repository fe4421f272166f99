import type { Places } from "../field/ports";
import { formatDay, formatWritten } from "../i18n/dates";
import { m } from "../i18n/paraglide/messages";
import { textIn } from "../i18n/texts";
import { placeName } from "../missions/place";
import type { Answer } from "./answers";
import type { Definition, Question } from "./definition";
import { showNumber } from "./numbers";

/** `"lat lon alt acc"` as people read it. */
export function pointText(answer: string): string {
  const [latitude = "", longitude = "", , accuracy = ""] = answer.split(" ");
  return m.geo_accuracy({ latitude, longitude, metres: accuracy ? String(Math.round(Number(accuracy))) : "?" });
}

/** An answer in words, for reading: choices by their labels, days and places by their names. A photo is shown, not told. */
export function answerText(
  definition: Definition,
  question: Question,
  answer: Answer,
  places: Places | undefined,
  language: string,
): string {
  const label = (name: string) => {
    const choice = definition.choices[question.list ?? ""]?.find((each) => each.name === name);
    return choice ? textIn(choice.label, language) : name;
  };
  if (typeof answer === "number") return showNumber(answer, language);
  if (typeof answer !== "string") return answer.map(label).join("; ");
  if (question.location) return placeName(question.location, answer, places, language);
  switch (question.type) {
    case "select_one":
      return label(answer);
    case "date":
      return formatDay(answer, language);
    case "datetime":
      return formatWritten(answer, language);
    case "geopoint":
      return pointText(answer);
    case "acknowledge":
      return m.yes_word();
    default:
      return answer;
  }
}
