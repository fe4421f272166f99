import { describe, expect, test } from "vitest";
import { passing, withNames } from "./directImports.js";

describe("a file that only passes names on", () => {
  test("is known by its one statement", () => {
    expect(passing('export{u as Me,t as default}from"./screens-a.js";')).toEqual({
      chunk: "./screens-a.js",
      names: new Map([
        ["Me", "u"],
        ["default", "t"],
      ]),
    });
  });

  test.each([
    'import{a}from"./base.js";export{a as b};',
    'import"./base.js";export{a as b}from"./screens.js";',
    "const a=1;export{a as b};",
    'export*from"./screens.js";',
    "",
  ])("anything else stays: %s", (code) => {
    expect(passing(code)).toBeUndefined();
  });
});

describe("a chunk that is imported itself", () => {
  const chunk = 'import{a}from"./base.js";const s={"}":1},d=2;export{s as t,d as n};';

  test("exports the names that are asked for beside its own", () => {
    expect(withNames(chunk, new Map([["Today", "t"]]))).toBe(chunk.replace("d as n}", "d as n,s as Today}"));
  });

  test("names that it has stay as they are", () => {
    expect(withNames(chunk, new Map([["n", "n"]]))).toBe(chunk);
  });

  test.each([
    ["a name it does not have", new Map([["Today", "x"]])],
    ["a name that means something else in it", new Map([["n", "t"]])],
    [
      "one name for two things",
      new Map([
        ["t", "n"],
        ["n", "n"],
      ]),
    ],
  ])("%s stops the build", (_, names) => {
    expect(() => withNames(chunk, names)).toThrow(/exports/);
  });

  test("code that does not end with its exports stops the build", () => {
    expect(() => withNames("export{a as t};f()", new Map([["Today", "t"]]))).toThrow(/does not end/);
  });
});
