import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Definition } from "../definition";
import { openFill } from "../fill";
import { contextAt } from "../functions/dates";
import { isMarked, type Line, linesOf, plainText } from "./marks";

/** Read by the server too (test_marks.py), which tells the words only. */
const cases = JSON.parse(readFileSync(new URL("../../../../tests/vectors/marks.json", import.meta.url), "utf8")) as {
  rule: string;
  text: string;
  plain: string;
  lines: Line[];
}[];

describe("marks of a text", () => {
  test.each(cases)("$rule", ({ text, plain, lines }) => {
    expect(linesOf(text)).toEqual(lines);
    expect(plainText(text)).toBe(plain);
  });

  test("tags in tags are counted up to a bound, and the words stay", () => {
    const text = `${"<b>".repeat(1000)}word${"</b>".repeat(1000)}`;
    expect(linesOf(text)).toEqual([{ runs: [{ text: "word", strong: true }] }]);
  });

  test("a text without marks is drawn as it is", () => {
    expect(isMarked(linesOf("one\n5 < 6"))).toBe(false);
    expect(isMarked(linesOf("one *two*"))).toBe(true);
    expect(isMarked(linesOf("# one"))).toBe(true);
  });
});

test("an answer put into a text stays as it was typed, whatever marks it holds", () => {
  const label = { en: ["*$", "{who}* said <b>$", "{who}</b>"].join("") };
  const definition: Definition = {
    format: 1,
    id: "f",
    version: "1",
    title: { en: "F" },
    short: { en: "F" },
    languages: ["en"],
    default_language: "en",
    kind: "other",
    choices: {},
    order: [],
    dependants: {},
    sections: [
      {
        id: "s",
        title: { en: "S" },
        nodes: [
          { id: "who", type: "text", label: { en: "Who" } },
          { id: "said", type: "text", label },
        ],
      },
    ],
  };
  const typed = "**x** <i>[a](b)</i>";
  const fill = openFill(definition, { who: typed }, contextAt(0, "UTC"));
  expect(fill.text(label, "said", "en")).toBe(`${typed} said ${typed}`);
  expect(fill.lines(label, "said", "en")).toEqual([
    { runs: [{ text: typed, emphasis: true }, { text: " said " }, { text: typed, strong: true }] },
  ]);
});
