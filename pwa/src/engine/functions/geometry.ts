/**
 * Distances and areas on the Earth, and lines on the map (ODK XForms: geopoint, geotrace, geoshape): a sphere with the
 * radius of the equator, as the other tools of the ODK family reckon; metres and square metres are rounded to hundredths.
 * The twin of `backend/steppe/checklists/expressions/geometry.py`.
 */

import { arcsine, cosine, sine } from "./maths";
import { nodesOf, numberOfText, tokensOf, type Value } from "./values";

const RADIUS = 6_378_100;

/** Latitude and longitude in degrees. */
type Point = readonly [number, number];
export type Line = readonly Point[];

/** The points of geopoints, traces or shapes, one after the other; null when some part is no point. */
export function lineOf(...values: readonly Value[]): Line | null {
  const line: Point[] = [];
  for (const text of values.flatMap((value) => nodesOf(value).flatMap((node) => node.split(";")))) {
    const numbers = tokensOf(text).map((token) => numberOfText(token, null));
    if (numbers.length === 0) continue;
    const [latitude = Number.NaN, longitude = Number.NaN] = numbers;
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
    line.push([latitude, longitude]);
  }
  return line;
}

/** Each two points that follow one another; `closed`: the last and the first too. */
function pairs(line: Line, closed: boolean): (readonly [Point, Point])[] {
  const [first] = line;
  const next = closed && first !== undefined ? [...line.slice(1), first] : line.slice(1);
  return next.map((other, at) => [line[at] as Point, other]);
}

/** Metres along a line. */
export function length(line: Line | null): number {
  if (line === null) return Number.NaN;
  let total = 0;
  for (const [one, other] of pairs(line, false)) total += between(one, other);
  return hundredths(total);
}

/** The great circle between two points by haversines, which do not lose near points. */
function between(one: Point, other: Point): number {
  const up = sine(radians(other[0] - one[0]) / 2);
  const along = sine(radians(other[1] - one[1]) / 2);
  const square = up * up + cosine(radians(one[0])) * cosine(radians(other[0])) * along * along;
  return 2 * RADIUS * arcsine(Math.sqrt(Math.min(1, square)));
}

/** Square metres inside a line; its last point need not repeat the first. */
export function area(line: Line | null): number {
  if (line === null) return Number.NaN;
  let total = 0;
  if (line.length > 2) {
    for (const [one, other] of pairs(line, true)) {
      const height = 2 + sine(radians(one[0])) + sine(radians(other[0]));
      total += radians(other[1] - one[1]) * height;
    }
  }
  return hundredths(Math.abs((total * RADIUS * RADIUS) / 2));
}

function hundredths(number: number): number {
  return Math.floor(number * 100 + 0.5) / 100;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Whether one point lies inside a shape (even-odd rule); nothing lies in what is no shape. */
export function encloses(shape: Line | null, place: Line | null): boolean {
  const [point] = place ?? [];
  if (shape === null || point === undefined || shape.length < 3 || place?.length !== 1) return false;
  const [latitude, longitude] = point;
  let inside = false;
  for (const [one, other] of pairs(shape, true)) {
    if (one[0] > latitude === other[0] > latitude) continue;
    const share = (latitude - one[0]) / (other[0] - one[0]);
    if (longitude < one[1] + share * (other[1] - one[1])) inside = !inside;
  }
  return inside;
}

/** Whether a line meets itself; the point where a shape closes does not count. */
export function crossesItself(line: Line | null): boolean {
  if (line === null) return false;
  const parts = pairs(line, false).filter(([one, other]) => !isSame(one, other));
  return parts.some(([one, other], first) =>
    parts.slice(first + 1).some(([third, fourth], ahead) => {
      if (ahead === 0) return turnsBack(one, other, fourth);
      const isClosing = first === 0 && ahead === parts.length - 2 && isSame(fourth, one);
      return isClosing ? turnsBack(other, one, third) : meet(one, other, third, fourth);
    }),
  );
}

function isSame(one: Point, other: Point): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

function turn(one: Point, other: Point, third: Point): number {
  return (other[1] - one[1]) * (third[0] - one[0]) - (other[0] - one[0]) * (third[1] - one[1]);
}

/** Whether a line in one direction turns back on itself. */
function turnsBack(before: Point, shared: Point, after: Point): boolean {
  const up = (before[0] - shared[0]) * (after[0] - shared[0]);
  return turn(before, shared, after) === 0 && up + (before[1] - shared[1]) * (after[1] - shared[1]) > 0;
}

function meet(one: Point, other: Point, third: Point, fourth: Point): boolean {
  const [a, b] = [turn(one, other, third), turn(one, other, fourth)];
  const [c, d] = [turn(third, fourth, one), turn(third, fourth, other)];
  if (a !== 0 && b !== 0 && c !== 0 && d !== 0) return a > 0 !== b > 0 && c > 0 !== d > 0;
  return (
    (a === 0 && isOn(third, one, other)) ||
    (b === 0 && isOn(fourth, one, other)) ||
    (c === 0 && isOn(one, third, fourth)) ||
    (d === 0 && isOn(other, third, fourth))
  );
}

function isOn(point: Point, one: Point, other: Point): boolean {
  return ([0, 1] as const).every(
    (axis) => Math.min(one[axis], other[axis]) <= point[axis] && point[axis] <= Math.max(one[axis], other[axis]),
  );
}
