import { expect, test } from "vitest";
import type { CellProblem, Checklist } from "../desk/api.ts";
import { byForm, olderOf, tallyOf } from "./checklists.ts";
import { bySheet, reportText } from "./problems.ts";

const version = (id: string, form: string, published_at: string) =>
  ({ id, form, published_at, title: { en: `${form} ${id}` } }) as unknown as Checklist;

const held = [
  version("b2", "visit", "2021-01-05T00:00:00Z"),
  version("b1", "visit", "2021-01-02T00:00:00Z"),
  version("c1", "weekly", "2021-01-03T00:00:00Z"),
];

test("versions stand under their form, which bears the newest title", () => {
  expect(byForm(held).map(({ form, title, versions }) => [form, title.en, versions.length])).toEqual([
    ["visit", "visit b2", 2],
    ["weekly", "weekly c1", 1],
  ]);
});

test("a version is compared with the one published before it, of its own form", () => {
  expect(olderOf(held, held[0] as Checklist)?.id).toBe("b1");
  expect(olderOf(held, held[1] as Checklist)).toBeUndefined();
  expect(olderOf(held, held[2] as Checklist)).toBeUndefined();
});

test("changes that part the counts of a question are told apart from those that do not", () => {
  const changes = [
    { kind: "added", is_comparable: false },
    { kind: "changed", is_comparable: true },
    { kind: "changed", is_comparable: false },
    { kind: "moved", is_comparable: true },
  ] as const;
  expect(tallyOf(changes)).toEqual({ added: 1, removed: 0, moved: 1, changed: 2, broken: 1 });
});

const fault: CellProblem = {
  sheet: "survey",
  row: 7,
  column: "relevant",
  position: 3,
  message: "There is no question 'opnd'.",
  suggestion: "Did you mean 'opened'?",
  severity: "problem",
};

test("a copied report names sheet, row, column and character, and says which lines are only warnings", () => {
  const warning: CellProblem = { ...fault, sheet: "choices", row: 0, column: "", position: 0, severity: "warning" };
  expect(reportText([fault, { ...warning, suggestion: "" }])).toBe(
    [
      "sheet survey, row 7, column relevant, character 3: There is no question 'opnd'. Did you mean 'opened'?",
      "warning: sheet choices: There is no question 'opnd'.",
    ].join("\n"),
  );
});

test("problems are grouped by sheet in the order of the sheets", () => {
  const settings = { ...fault, sheet: "settings" };
  expect(bySheet([settings, fault, fault]).map(({ sheet, found }) => [sheet, found.length])).toEqual([
    ["settings", 1],
    ["survey", 2],
  ]);
});
