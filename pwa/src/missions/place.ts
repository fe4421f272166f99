import type { Answers, Definition, Question } from "../checklists/definition";
import type { Places } from "../field/ports";
import { m } from "../i18n/paraglide/messages";
import { textIn } from "../i18n/texts";
import { indexStations, type Station, type StationIndex } from "./stations";

const indexes = new WeakMap<Places, StationIndex>();

/** The search index over a list of places, made once per list: folding 10,000 names takes a moment on a slow phone. */
export function stationIndex(places: Places): StationIndex {
  let index = indexes.get(places);
  if (!index) {
    index = indexStations(places.stations, places.districts);
    indexes.set(places, index);
  }
  return index;
}

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
    const station = places && stationIndex(places).find(code);
    return station ? stationName(station, language) : m.station_short({ number: code });
  }
  const list = kind === "district" ? places?.districts : places?.regions;
  const found = list?.find((place) => place.code === code);
  return found ? textIn(found.name, language) : code;
}

/** Where a submission was made, in words: the answer of the checklist's location question; "" while it has none. */
export function placeLabel(
  definition: Definition,
  answers: Answers,
  places: Places | undefined,
  language: string,
): string {
  const code = definition.location ? answers[definition.location] : undefined;
  if (typeof code !== "string" || !code) return "";
  const questions = definition.sections.flatMap(({ nodes }) => nodes).filter((node) => !("repeat" in node));
  const question = questions.find(({ id }) => id === definition.location) as Question | undefined;
  return placeName(question?.location, code, places, language);
}
