/**
 * Search over the mission's whole list of polling stations, in memory: about 10,000 names in three languages,
 * answered within one keystroke on a slow phone (a linear scan of folded strings takes 1–3 ms on a laptop).
 */
import type { Places } from "./places.ts";
import { type Position, type Station, StationColumns, type StationList } from "./stationList.ts";
import { foldQuery, foldWords } from "./translit.ts";

export type { Position, Station, StationList } from "./stationList.ts";

export interface SearchContext {
  /** Station numbers used lately, latest first. They lead their group. */
  recent?: readonly string[];
  /** The team's regions; their stations come before others. */
  regions?: readonly string[];
  /** Where the observer stands: the nearest lead their group instead, those without a position close it. */
  near?: Position;
  /** At most so many hits; 30 unless told. */
  limit?: number;
}

export interface StationIndex {
  readonly size: number;
  /** The station with exactly this number. */
  find(number: string): Station | undefined;
  /**
   * The best hits first: exact number, beginning of a number, beginnings of words, parts of words; within each,
   * recent stations, then the team's regions, then list order, or by distance. Every word of the query must match.
   * An empty query gives the recent stations, then those of the team's regions, or the nearest.
   */
  search(query: string, context?: SearchContext): Station[];
}

/** A place whose names help to find the stations in it. */
export interface NamedPlace {
  code: string;
  name: Record<string, string>;
}

const DIGITS = /^[0-9]+$/;
const MISS = 4;
/** A recent station's rank must fit into two decimal digits of the sort key. */
const RECENT_LIMIT = 50;
/** Ten metres a step; a station farther than any on earth has no position. */
const FARTHEST = 10_000_000;
const EARTH_KM = 6371;
const RADIAN = Math.PI / 180;

/** Kilometres between two positions, as the crow flies (haversine on a sphere: within 0.5 %). */
export function distanceKm(a: Position, b: Position): number {
  const half = (from: number, to: number) => Math.sin(((to - from) * RADIAN) / 2) ** 2;
  const arc = half(a.lat, b.lat) + Math.cos(a.lat * RADIAN) * Math.cos(b.lat * RADIAN) * half(a.lon, b.lon);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(arc)));
}

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

/** Folds every name once. `districts` makes stations findable by the name of their district. */
export function indexStations(list: StationList, districts: readonly NamedPlace[] = []): StationIndex {
  const stations = new StationColumns(list);
  const haystacks = foldAll(stations, districts);

  function hits(query: string, context: SearchContext): number[] {
    const tokens = foldQuery(query);
    const recent = new Map((context.recent ?? []).slice(0, RECENT_LIMIT).map((number, rank) => [number, rank]));
    const own = new Set(context.regions ?? []);
    const keys = new Float64Array(stations.size);
    const near = context.near && farFrom(context.near, stations);
    let found = 0;
    for (let i = 0; i < stations.size; i++) {
      const fit = fitOf(tokens, stations.numbers[i] ?? "", haystacks[i] ?? "");
      if (fit === undefined) continue;
      if (near) {
        keys[found++] = (fit * FARTHEST + near(i)) * stations.size + i;
        continue;
      }
      const rank = recent.get(stations.numbers[i] ?? "") ?? RECENT_LIMIT;
      const away = own.has(stations.regions[i] ?? "") ? 0 : 1;
      // One number per hit sorts faster than a comparator: fit, recency, own region, place in the list.
      keys[found++] = ((fit * 100 + rank) * 2 + away) * stations.size + i;
    }
    const best = keys.subarray(0, found).sort();
    return Array.from(best.subarray(0, context.limit ?? 30), (key) => key % stations.size);
  }

  return {
    size: stations.size,
    find: (number) => stations.find(number),
    search(query, context = {}) {
      let found = hits(query, context);
      if (found.length === 0) {
        const before = halfTyped(query);
        if (before !== undefined) found = hits(before, context);
      }
      return found.map((i) => stations.at(i));
    },
  };
}

/**
 * The query without its last letter, if that letter may be the first half of a sound still being typed ("c" of "ch",
 * "y" of "yo"), whose key changes once it is whole. Otherwise undefined.
 */
function halfTyped(query: string): string | undefined {
  const typed = query.trimEnd();
  return typed.length > 1 && /[cdiyийы]$|dz$|дз$/iu.test(typed) ? typed.slice(0, -1) : undefined;
}

/** How far each station is, in steps below FARTHEST. */
function farFrom(here: Position, stations: StationColumns): (i: number) => number {
  return (i) => {
    const there = stations.position(i);
    return there ? Math.floor(distanceKm(here, there) * 100) : FARTHEST - 1;
  };
}

/** How well every token fits a station, smaller is better; undefined when one does not fit at all. */
function fitOf(tokens: readonly string[], number: string, haystack: string): number | undefined {
  let worst = 0;
  let sum = 0;
  for (const token of tokens) {
    const fit = fitOfToken(token, number, haystack, tokens.length === 1);
    if (fit === MISS) return undefined;
    worst = Math.max(worst, fit);
    sum += fit;
  }
  return worst * 100 + Math.min(sum, 99);
}

/** Beside other words ("school 12") a number is as likely the school's as the beginning of the station's. */
function fitOfToken(token: string, number: string, haystack: string, alone: boolean): number {
  if (DIGITS.test(token)) {
    if (number === token) return 0;
    if (number.startsWith(token)) return alone ? 1 : 2;
  }
  const at = haystack.indexOf(token);
  if (at < 0) return MISS;
  return haystack.charAt(at - 1) === " " || haystack.includes(` ${token}`) ? 2 : 3;
}

/** One string of distinct folded words per station, each word after a space. */
function foldAll(stations: StationColumns, districts: readonly NamedPlace[]): string[] {
  const known = new Map<string, string[]>();
  const districtWords = new Map(
    districts.map(({ code, name }) => [code, Object.values(name).flatMap((text) => foldWords(text, known))]),
  );
  return stations.numbers.map((_, i) => {
    const words = new Set<string>();
    for (const text of stations.texts(i)) for (const word of foldWords(text, known)) words.add(word);
    for (const word of districtWords.get(stations.districts[i] ?? "") ?? []) words.add(word);
    return ` ${[...words].join(" ")}`;
  });
}
