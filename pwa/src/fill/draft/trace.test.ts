import { expect, test } from "vitest";
import { answerOf, areaOf, areaText, lengthOf, metresText, pointsOf, sketchOf, typedPoint } from "./trace";

const point = (latitude: number, longitude: number) => `${latitude} ${longitude} 0 0`;
const [south, north, east] = [point(43, 76), point(43.01, 76), point(43.01, 76.01)];

test("an area is closed when it has three corners, and opens again to be changed", () => {
  expect(answerOf([south, north], true)).toBe(`${south}; ${north}`);
  const closed = answerOf([south, north, east], true);
  expect(closed).toBe([south, north, east, south].join("; "));
  expect(pointsOf(closed, true)).toEqual([south, north, east]);
  expect(answerOf([], true)).toBeUndefined();
});

test("a line that comes back to its beginning stays a line of all its points", () => {
  const way = [south, north, east, south];
  expect(pointsOf(answerOf(way, false), false)).toEqual(way);
});

test("a hundredth of a degree of latitude is 1.11 km; the way round an area counts the last side", () => {
  expect(lengthOf([south, north], false)).toBeCloseTo(1113.19, 1);
  expect(lengthOf([south], false)).toBe(0);
  expect(lengthOf([south, north, east], true)).toBeGreaterThan(lengthOf([south, north, east], false));
});

test("an area is the same whichever way round it was walked", () => {
  const square = [point(0, 0), point(0, 0.01), point(0.01, 0.01), point(0.01, 0)];
  expect(areaOf(square)).toBeCloseTo(1_239_200, -3);
  expect(areaOf(square.toReversed())).toBeCloseTo(areaOf(square), 6);
  expect(areaOf(square.slice(0, 2))).toBe(0);
});

test("lengths and areas change their unit where people do", () => {
  expect(metresText(999, "en")).toBe("999 m");
  expect(metresText(1500, "ru")).toBe("1,50 км");
  expect(areaText(9_000, "en")).toBe("9000 m²");
  expect(areaText(25_000, "kk")).toBe("2,50 га");
});

test.each([
  ["43.2389, 76.8897", "43.238900 76.889700 0.0 0.0"],
  ["43,2389; 76,8897", "43.238900 76.889700 0.0 0.0"],
  ["43.2389 76.8897", "43.238900 76.889700 0.0 0.0"],
  ["−33.5°, 151.2°", "-33.500000 151.200000 0.0 0.0"],
  ["91, 10", undefined],
  ["10, 181", undefined],
  ["43.2389", undefined],
  ["Almaty", undefined],
])("%s typed is %s", (typed, expected) => {
  expect(typedPoint(typed)).toBe(expected);
});

test("the sketch holds every point within its margins, north up", () => {
  const { places } = sketchOf([south, north, east], 100);
  for (const part of places.flat()) expect(part).toBeGreaterThanOrEqual(10 - 1e-9);
  for (const part of places.flat()) expect(part).toBeLessThanOrEqual(90 + 1e-9);
  expect(places[1]?.[1]).toBeLessThan(places[0]?.[1] ?? 0);
  expect(places[2]?.[0]).toBeGreaterThan(places[1]?.[0] ?? 100);
  expect(sketchOf([south, south], 100).places).toHaveLength(2);
});
