/** Where the last visit was: a next one of the same kind begins with its district and region, never with its station. */

import type { Definition } from "../engine/definition";
import { indexOf } from "../engine/form";
import { areaOf } from "../missions/areas";
import type { PlaceRef, Places } from "../missions/places";
import type { LedgerEntry } from "./ledger";

/** The question of a visit's first station; undefined where a form asks for none outside its rows: it is about no visit to one. */
export function stationQuestion(definition: Definition): string | undefined {
  const entries = [...indexOf(definition).entries.values()];
  return entries.find(({ question, chain }) => question.location === "station" && chain.length === 0)?.question.id;
}

/** By the moment of observation; of the same minute or day, by the number of the report. */
const byCourse = (one: LedgerEntry, other: LedgerEntry) =>
  Date.parse(one.at) - Date.parse(other.at) || one.code.localeCompare(other.code, "en", { numeric: true });

/**
 * The district, or else the region, of the report of this kind that was observed last; `entries` are those finished on this
 * phone. Undefined when there is none, or when its place is on no list: an older report says nothing about where people are.
 */
export function lastVisitArea(
  entries: readonly LedgerEntry[],
  kind: string,
  places: Places | undefined,
): PlaceRef | undefined {
  const last = entries
    .filter((entry) => entry.kind === kind)
    .toSorted(byCourse)
    .at(-1);
  if (!last) return undefined;
  for (const area of ["district", "region"] as const) {
    const named = area === "district" ? last.district : undefined;
    const code = (last.place && areaOf(last.place, area, places)) ?? named;
    if (code !== undefined) return { kind: area, code };
  }
  return undefined;
}
