/** Lines and areas of points, as `geotrace` and `geoshape` keep them: `"lat lon alt acc; lat lon alt acc; …"`. */

import { m } from "../../i18n/paraglide/messages";

/** One point as it is kept: `"lat lon alt acc"`. */
export type PointText = string;

/** The points of an answer; an area's last point, which repeats the first, is left out. */
export function pointsOf(answer: string | undefined, isShape: boolean): PointText[] {
  const points = (answer ?? "")
    .split(";")
    .map((point) => point.trim())
    .filter(Boolean);
  const isClosed = isShape && points.length > 2 && points[0] === points.at(-1);
  return isClosed ? points.slice(0, -1) : points;
}

/** The answer of these points; undefined for none. An area of three points or more is closed. */
export function answerOf(points: readonly PointText[], isShape: boolean): string | undefined {
  const [first] = points;
  if (first === undefined) return undefined;
  return (isShape && points.length > 2 ? [...points, first] : points).join("; ");
}

/** `"lat lon alt acc"` as people read it; coordinates that were typed say nothing of their accuracy. */
export function pointText(answer: string): string {
  const [latitude = "", longitude = "", , accuracy = "0"] = answer.split(" ");
  const metres = Math.round(Number(accuracy));
  if (Number(accuracy) === 0) return `${latitude}, ${longitude}`;
  return m.geo_accuracy({ latitude, longitude, metres: Number.isFinite(metres) ? String(metres) : "?" });
}

/** What somebody typed as "latitude, longitude", with a decimal point or comma; undefined when it is no place on Earth. */
export function typedPoint(text: string): PointText | undefined {
  const number = String.raw`([-−–+]?\d{1,3}(?:[.,]\d+)?)`;
  const match = new RegExp(`^\\s*${number}\\s*°?\\s*(?:[,;]\\s*|\\s)\\s*${number}\\s*°?\\s*$`).exec(text);
  if (!match) return undefined;
  const [latitude, longitude] = [match[1] ?? "", match[2] ?? ""].map((part) =>
    Number(part.replace(/[−–]/, "-").replace(",", ".")),
  );
  if (latitude === undefined || longitude === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return `${latitude.toFixed(6)} ${longitude.toFixed(6)} 0.0 0.0`;
}

const radius = 6_378_100;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const placeOf = (point: PointText) => {
  const [latitude = 0, longitude = 0] = point.split(" ").map(Number);
  return { latitude: radians(latitude), longitude: radians(longitude) };
};

/** Metres along the points, over the sphere that ODK measures on. */
export function lengthOf(points: readonly PointText[], isShape: boolean): number {
  const way = isShape && points.length > 2 ? [...points, points[0] ?? ""] : points;
  let metres = 0;
  for (const [at, point] of way.slice(1).entries()) {
    const [from, to] = [placeOf(way[at] ?? ""), placeOf(point)];
    const half =
      Math.sin((to.latitude - from.latitude) / 2) ** 2 +
      Math.cos(from.latitude) * Math.cos(to.latitude) * Math.sin((to.longitude - from.longitude) / 2) ** 2;
    metres += 2 * radius * Math.asin(Math.min(1, Math.sqrt(half)));
  }
  return metres;
}

/** Square metres enclosed by the points. */
export function areaOf(points: readonly PointText[]): number {
  if (points.length < 3) return 0;
  let sum = 0;
  for (const [at, point] of points.entries()) {
    const [from, to] = [placeOf(point), placeOf(points[(at + 1) % points.length] ?? "")];
    sum += (to.longitude - from.longitude) * (2 + Math.sin(from.latitude) + Math.sin(to.latitude));
  }
  return Math.abs((sum * radius * radius) / 2);
}

/** Metres and square metres as people say them. */
export function metresText(metres: number, language: string): string {
  return metres < 1000
    ? `${Math.round(metres)} ${unit(language)}`
    : `${decimal(metres / 1000, language)} ${thousand(language)}`;
}
export function areaText(metres: number, language: string): string {
  if (metres < 10_000) return `${Math.round(metres)} ${unit(language)}²`;
  return `${decimal(metres / 10_000, language)} ${language === "en" ? "ha" : "га"}`;
}
const unit = (language: string) => (language === "en" ? "m" : "м");
const thousand = (language: string) => (language === "en" ? "km" : "км");
const decimal = (number: number, language: string) => {
  const text = number.toFixed(2);
  return language === "en" ? text : text.replace(".", ",");
};

export interface Sketch {
  /** Of each point, within a square of `size` with a margin of a tenth. */
  readonly places: readonly (readonly [x: number, y: number])[];
}

/** Where the points lie on a square, north up; degrees of longitude shortened as they are at that latitude. */
export function sketchOf(points: readonly PointText[], size: number): Sketch {
  const places = points.map(placeOf);
  const middle = places.reduce((sum, { latitude }) => sum + latitude, 0) / Math.max(1, places.length);
  const xs = places.map(({ longitude }) => longitude * Math.cos(middle));
  const ys = places.map(({ latitude }) => -latitude);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top) || 1;
  const inner = size * 0.8;
  const shift = (all: readonly number[], least: number) => (inner - ((Math.max(...all) - least) / extent) * inner) / 2;
  const [right, down] = [shift(xs, left), shift(ys, top)];
  return {
    places: xs.map((x, at) => [
      size * 0.1 + right + ((x - left) / extent) * inner,
      size * 0.1 + down + (((ys[at] ?? 0) - top) / extent) * inner,
    ]),
  };
}
