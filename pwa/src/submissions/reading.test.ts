import { expect, test } from "vitest";
import type { Definition } from "../checklists/definition";
import { readReport } from "./reading.ts";

const texts = (en: string) => ({ en });
const definition: Definition = {
  format: 1,
  id: "meeting_report",
  version: "1",
  title: texts("Meeting"),
  short: texts("Meeting"),
  languages: ["en"],
  default_language: "en",
  kind: "meeting",
  sections: [
    {
      id: "start",
      title: texts("Start"),
      nodes: [
        { id: "a", type: "text", label: texts("A") },
        { id: "b", type: "text", label: texts("B") },
      ],
    },
    {
      id: "themes",
      title: texts("Themes"),
      nodes: [
        { repeat: true, id: "t", label: texts("Theme"), questions: [{ id: "x", type: "text", label: texts("X") }] },
      ],
    },
    { id: "empty", title: texts("Empty"), nodes: [{ id: "c", type: "text", label: texts("C") }] },
  ],
  choices: {},
  order: [],
  dependants: {},
};

test("a report is read in the order of the checklist, rows in the order the observer gave them", () => {
  const answers = { "t/r1/x": "one", "t/r2/x": "two", t: ["r2", "r1"], b: "bee" };
  expect(
    readReport(definition, answers).map(({ id, lines }) => [id, lines.map(({ path, row }) => [path, row?.number])]),
  ).toEqual([
    ["start", [["b", undefined]]],
    [
      "themes",
      [
        ["t/r2/x", 1],
        ["t/r1/x", 2],
      ],
    ],
  ]);
});

test("answers of a row that was removed are not read", () => {
  expect(readReport(definition, { "t/r1/x": "one" })).toEqual([]);
});
