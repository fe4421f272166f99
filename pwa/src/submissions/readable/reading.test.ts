import { expect, test } from "vitest";
import type { Definition } from "../../engine/definition";
import { form, text } from "../../testing/forms.ts";
import { readReport } from "./reading.ts";

const definition: Definition = {
  ...form([]),
  id: "meeting_report",
  title: text("Meeting"),
  kind: "meeting",
  sections: [
    {
      id: "start",
      title: text("Start"),
      nodes: [
        { id: "a", type: "text", label: text("A") },
        { id: "b", type: "text", label: text("B") },
      ],
    },
    {
      id: "themes",
      title: text("Themes"),
      nodes: [
        { repeat: true, id: "t", label: text("Theme"), questions: [{ id: "x", type: "text", label: text("X") }] },
      ],
    },
    { id: "empty", title: text("Empty"), nodes: [{ id: "c", type: "text", label: text("C") }] },
  ],
  choices: {},
  order: [],
  dependants: {},
};

test("a report is read in the order of the checklist, rows in the order the observer gave them", () => {
  const answers = { "t/r1/x": "one", "t/r2/x": "two", t: ["r2", "r1"], b: "bee" };
  expect(
    readReport(definition, answers).map(({ id, lines }) => [
      id,
      lines.map(({ path, begins }) => [path, begins[0]?.number]),
    ]),
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

test("rows in rows begin where their first answer stands, where the checklist draws them", () => {
  const question = (id: string) => ({ id, type: "text" as const, label: text(id) });
  const repeat = (id: string, more: object) => ({
    repeat: true as const,
    id,
    label: text(id),
    questions: [],
    ...more,
  });
  const nested: Definition = {
    ...definition,
    sections: [
      {
        id: "s",
        title: text("S"),
        nodes: [
          repeat("outer", { questions: [question("first"), question("last")] }),
          repeat("inner", { inside: "outer", after: "first", questions: [question("x")] }),
          repeat("early", { inside: "outer", questions: [question("y")] }),
        ],
      },
    ],
  };
  const answers = {
    outer: ["o1", "o2"],
    "outer/o1/first": "1",
    "outer/o1/last": "9",
    "outer/o1/inner": ["i1", "i2"],
    "outer/o1/inner/i2/x": "5",
    "outer/o2/early": ["e1"],
    "outer/o2/early/e1/y": "0",
  };
  const lines = readReport(nested, answers)[0]?.lines ?? [];
  expect(
    lines.map(({ path, begins }) => [path, ...begins.map(({ repeat: { id }, number }) => `${id} ${number}`)]),
  ).toEqual([
    ["outer/o1/first", "outer 1"],
    ["outer/o1/inner/i2/x", "inner 2"],
    ["outer/o1/last"],
    ["outer/o2/early/e1/y", "outer 2", "early 1"],
  ]);
});

test("what the phone filled in unseen is not read out", () => {
  const node = (id: string, type: "hidden" | "metadata") => ({ id, type, label: text(id) });
  const [start] = definition.sections;
  if (!start) throw new Error("no section");
  const unseen = { ...definition, sections: [{ ...start, nodes: [node("h", "hidden"), node("m", "metadata")] }] };
  expect(readReport(unseen, { h: "x", m: "2021-01-10" })).toEqual([]);
});
