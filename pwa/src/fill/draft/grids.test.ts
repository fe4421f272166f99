import { expect, test } from "vitest";
import type { Definition, Question } from "../../engine/definition";
import { isAsked, type QuestionView } from "../../engine/views";
import { form } from "../../testing/forms";
import { gridsOf } from "./grids";

const names = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `c${at}`, label: { en: `${at}` } }));
const definition: Definition = {
  ...form([]),
  groups: { table: { appearance: ["field-list", "table-list"] }, plain: {} },
  choices: { four: names(4), other: names(3), wide: names(7) },
};

const view = (id: string, more: Partial<Question> = {}): QuestionView => ({
  path: id,
  question: { id, type: "select_one", label: { en: id }, list: "four", ...more },
  relevant: true,
  required: false,
  readOnly: false,
  flags: [],
});
const drawn = (views: QuestionView[]) =>
  gridsOf(views, definition).map((block) =>
    block.kind === "grid" ? [block.head?.path ?? "", ...block.rows.map(({ path }) => path)] : block.key,
  );
const label = (id: string, more: Partial<Question> = {}) => view(id, { appearance: ["label"], ...more });
const line = (id: string, more: Partial<Question> = {}) => view(id, { appearance: ["list-nolabel"], ...more });

test("a label and the lines after it are one grid, the question after them is not", () => {
  expect(drawn([label("h"), line("a"), line("b"), view("c")])).toEqual([["h", "a", "b"], "c"]);
});

test("each label begins a grid of its own, and another list ends one", () => {
  expect(drawn([label("h"), line("a"), label("i"), line("b")])).toEqual([
    ["h", "a"],
    ["i", "b"],
  ]);
  expect(drawn([label("h"), line("a"), line("b", { list: "other" })])).toEqual([["h", "a"], "b"]);
});

test("selects of a table-list group are one grid without a head", () => {
  const inside = { group: "table" };
  expect(drawn([view("a", inside), view("b", inside), view("c", { group: "plain" })])).toEqual([["", "a", "b"], "c"]);
});

test("what would not fit a thumb, is filtered, or is no choice stays single", () => {
  const inside = { group: "table" };
  expect(drawn([view("a", { ...inside, list: "wide" }), view("b", { ...inside, list: "wide" })])).toEqual(["a", "b"]);
  expect(drawn([view("a", { ...inside, filter: ["b", true] }), view("b", inside)])).toEqual(["a", "b"]);
  expect(drawn([view("a", { ...inside, type: "text" }), view("b", inside), view("c", inside)])).toEqual([
    "a",
    ["", "b", "c"],
  ]);
});

test("the head of a grid is no question: nobody has to answer it", () => {
  expect(isAsked(label("h").question)).toBe(false);
  expect(isAsked(line("a").question)).toBe(true);
});

test("a label alone, and a line alone, are questions like others", () => {
  expect(drawn([label("h"), view("a"), line("b")])).toEqual(["h", "a", "b"]);
});
