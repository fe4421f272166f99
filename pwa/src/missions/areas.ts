/** What a place of the mission's list lies in. */

import type { Definition } from "../engine/definition";
import { indexOf } from "../engine/form";
import { placeOf } from "../engine/paths";
import type { PlaceRef, Places } from "./places";
import { type Station, StationColumns } from "./stationList";

const finest: readonly PlaceRef["kind"][] = ["station", "district", "region"];
const lists = new WeakMap<Places, StationColumns>();

/** A station by its number. */
export function stationIn(places: Places, number: string): Station | undefined {
  let list = lists.get(places);
  if (!list) {
    list = new StationColumns(places.stations);
    lists.set(places, list);
  }
  return list.find(number);
}

/** Code of the district or region a place lies in, or is; undefined when the list does not know, or there is none. */
export function areaOf(place: PlaceRef, kind: "district" | "region", places: Places | undefined): string | undefined {
  if (place.kind === kind) return place.code;
  if (!places || place.kind === "region") return undefined;
  const station = place.kind === "station" ? stationIn(places, place.code) : undefined;
  const district = station?.district ?? (place.kind === "district" ? place.code : undefined);
  if (kind === "district") return district || undefined;
  if (station?.region) return station.region;
  return places.districts.find(({ code }) => code === district)?.region || undefined;
}

/** The questions for places that stand beside the one at a path, in the same row, the finest first. */
export function placesBeside(definition: Definition, path: string): { kind: PlaceRef["kind"]; at: string }[] {
  const { entries } = indexOf(definition);
  const { prefix, id } = placeOf(path);
  const chain = entries.get(id)?.chain.join("/");
  const beside = [...entries.values()].flatMap((entry) => {
    const { id: other, location } = entry.question;
    return location && entry.chain.join("/") === chain ? [{ kind: location, at: prefix + other }] : [];
  });
  return beside.sort((one, other) => finest.indexOf(one.kind) - finest.indexOf(other.kind));
}
