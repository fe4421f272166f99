/** How far a team came: straight lines between the places it reported from. */
import type { PlaceRef, Places } from "../field/ports";
import { distanceKm, type Position } from "./stations";

const centres = new WeakMap<Places, Map<string, Position>>();

/** Positions of places by `kind/code`. A district lies where its stations lie on average: the list gives it no centre. */
function positionsOf(places: Places): Map<string, Position> {
  const held = centres.get(places);
  if (held) return held;
  const { columns, rows } = places.stations;
  const [number, district, lat, lon] = ["number", "district", "lat", "lon"].map((name) => columns.indexOf(name));
  const positions = new Map<string, Position>();
  const sums = new Map<string, { lat: number; lon: number; n: number }>();
  for (const row of rows) {
    const at = { lat: row[lat ?? -1], lon: row[lon ?? -1] };
    if (typeof at.lat !== "number" || typeof at.lon !== "number") continue;
    positions.set(`station/${row[number ?? -1]}`, { lat: at.lat, lon: at.lon });
    const code = String(row[district ?? -1]);
    const sum = sums.get(code) ?? { lat: 0, lon: 0, n: 0 };
    sums.set(code, { lat: sum.lat + at.lat, lon: sum.lon + at.lon, n: sum.n + 1 });
  }
  for (const [code, { lat: north, lon: east, n }] of sums) {
    positions.set(`district/${code}`, { lat: north / n, lon: east / n });
  }
  centres.set(places, positions);
  return positions;
}

/** Whole kilometres from each place to the next, in the order given; undefined when fewer than two can be placed. */
export function kilometresAlong(
  stops: readonly { place?: PlaceRef; district?: string }[],
  places: Places | undefined,
): number | undefined {
  if (!places) return undefined;
  const positions = positionsOf(places);
  const route = stops.flatMap(({ place, district }) => {
    const found = place && positions.get(`${place.kind}/${place.code}`);
    const position = found ?? positions.get(`district/${district}`);
    return position ? [position] : [];
  });
  if (route.length < 2) return undefined;
  let sum = 0;
  for (const [i, to] of route.entries()) {
    const from = route[i - 1];
    if (from) sum += distanceKm(from, to);
  }
  return Math.round(sum);
}
