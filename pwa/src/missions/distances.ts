/** Where the places of reports lie: in which district, and how far from each other in straight lines. */
import type { PlaceRef, Places } from "./places";
import { type Position, StationColumns } from "./stationList";
import { distanceKm } from "./stations";

/** A report's place, as precise as it is known. */
export interface Stop {
  place?: PlaceRef;
  district?: string;
}

interface Placed {
  stations: StationColumns;
  /** A district lies where its stations lie on average: the list gives it no position. */
  centres: Map<string, Position>;
}

const known = new WeakMap<Places, Placed>();

function placed(places: Places): Placed {
  const held = known.get(places);
  if (held) return held;
  const stations = new StationColumns(places.stations);
  const sums = new Map<string, { lat: number; lon: number; n: number }>();
  for (const [i, code] of stations.districts.entries()) {
    const position = stations.position(i);
    if (!position) continue;
    const { lat, lon, n } = sums.get(code) ?? { lat: 0, lon: 0, n: 0 };
    sums.set(code, { lat: lat + position.lat, lon: lon + position.lon, n: n + 1 });
  }
  const centres = new Map([...sums].map(([code, { lat, lon, n }]) => [code, { lat: lat / n, lon: lon / n }]));
  const made = { stations, centres };
  known.set(places, made);
  return made;
}

/** The district of a report: the one answered, else that of its station. */
export function districtOf({ district, place }: Stop, places: Places | undefined): string | undefined {
  if (district) return district;
  if (place?.kind === "district") return place.code;
  return place?.kind === "station" && places ? placed(places).stations.find(place.code)?.district : undefined;
}

/** Whole kilometres from each place to the next, in the order given; undefined when fewer than two can be placed. */
export function kilometresAlong(stops: readonly Stop[], places: Places | undefined): number | undefined {
  if (!places) return undefined;
  const { stations, centres } = placed(places);
  const route = stops.flatMap((stop): Position[] => {
    const { lat, lon } = (stop.place?.kind === "station" && stations.find(stop.place.code)) || {};
    if (lat !== undefined && lon !== undefined) return [{ lat, lon }];
    const centre = centres.get(districtOf(stop, places) ?? "");
    return centre ? [centre] : [];
  });
  if (route.length < 2) return undefined;
  let sum = 0;
  for (const [i, to] of route.entries()) {
    const from = route[i - 1];
    if (from) sum += distanceKm(from, to);
  }
  return Math.round(sum);
}
