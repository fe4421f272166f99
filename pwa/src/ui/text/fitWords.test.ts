import { expect, test } from "vitest";
import { fittingSize } from "./fitWords";

test("a word is drawn as large as its line allows", () => {
  expect(fittingSize(32, 400, 200)).toBeCloseTo(15.6, 1);
  expect(fittingSize(32, 210, 200)).toBeCloseTo(29.8, 1);
});

test("a word nobody could read any more is broken instead", () => {
  expect(fittingSize(32, 4000, 200)).toBe(12.8);
});
