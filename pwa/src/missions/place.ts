import { type Answers, type Definition, isRepeat, type Question } from "../engine/definition";
import { m } from "../i18n/paraglide/messages";
import { inOrder, textIn } from "../i18n/texts";
import { stationIn } from "./areas";
import type { PlaceRef, Places } from "./places";
import type { Station } from "./stationList";

export function stationName(station: Station, language: string): string {
  return `${m.station_short({ number: station.number })} · ${textIn(station.name, language)}`;
}

/** The name of an answer of a `location` question; the bare code or number when the list does not know it. */
export function placeName(
  kind: Question["location"],
  code: string,
  places: Places | undefined,
  language: string,
): string {
  if (kind === "station") {
    const station = places && stationIn(places, code);
    return station ? stationName(station, language) : m.station_short({ number: inOrder(code) });
  }
  const list = kind === "district" ? places?.districts : places?.regions;
  const found = list?.find((place) => place.code === code);
  return found ? textIn(found.name, language) : inOrder(code);
}

/** Most precise first. */
const precision = ["station", "district", "region"];

/** Where a submission was made: its most precise place; undefined while it has none. */
export function placeOfAnswers(definition: Definition, answers: Answers): PlaceRef | undefined {
  const located = definition.sections
    .flatMap(({ nodes }) => nodes)
    .filter(
      (node): node is Question =>
        !isRepeat(node) && node.location !== undefined && typeof answers[node.id] === "string",
    )
    .sort((a, b) => precision.indexOf(a.location ?? "") - precision.indexOf(b.location ?? ""));
  const [best] = located;
  return best?.location ? { kind: best.location, code: String(answers[best.id]) } : undefined;
}

/** A place in words, in the language of whoever reads; "" for none. A string is what older reports kept: the words themselves. */
export function placeText(place: PlaceRef | string | undefined, places: Places | undefined, language: string): string {
  if (place === undefined || typeof place === "string") return inOrder(place ?? "");
  return placeName(place.kind, place.code, places, language);
}
