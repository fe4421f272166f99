import { expect, test } from "vitest";
import { isTooLong, parseNumber, showNumber } from "./numbers.ts";

test.each([
  ["1 204", 1204],
  ["1\u00a0204", 1204],
  ["007", 7],
  ["-3", -3],
  ["−3", -3],
  ["0", 0],
])("%j is a whole number", (text, number) => {
  expect(parseNumber(text, "integer")).toEqual({ kind: "number", number });
});

test.each(["12,5", "1.0", "ten", "1e3", "12-", "99999999999999999999"])("%j is no whole number", (text) => {
  expect(parseNumber(text, "integer")).toEqual({ kind: "unreadable" });
});

test("a decimal may be written with comma or point", () => {
  expect(parseNumber("12,5", "decimal")).toEqual({ kind: "number", number: 12.5 });
  expect(parseNumber("12.", "decimal")).toEqual({ kind: "number", number: 12 });
  expect(parseNumber("1,2,3", "decimal")).toEqual({ kind: "unreadable" });
});

test("nothing typed is no answer, not zero", () => {
  expect(parseNumber("  ", "integer")).toEqual({ kind: "empty" });
});

test("what is shown can be read back", () => {
  expect(showNumber(12.5, "ru")).toBe("12,5");
  expect(parseNumber(showNumber(12.5, "kk"), "decimal")).toEqual({ kind: "number", number: 12.5 });
});

test("twenty digits are a number that is too long, letters are none", () => {
  expect(isTooLong("12345678901234567890", "integer")).toBe(true);
  expect(isTooLong("12,5", "integer")).toBe(false);
  expect(isTooLong("many", "integer")).toBe(false);
  expect(isTooLong("123", "integer")).toBe(false);
});
