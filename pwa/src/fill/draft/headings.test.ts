import { expect, test } from "vitest";
import type { Definition } from "../../engine/definition.ts";
import { headingsOf, holds, piecesOf } from "./headings.ts";
import type { NodeView } from "./visible.ts";

const texts = (en: string) => ({ en });
const definition = {
  groups: {
    boxes: { label: texts("Boxes") },
    stationary: { label: texts("Stationary"), inside: "boxes" },
    silent: {},
  },
} as unknown as Definition;
const node = (path: string, group?: string) => ({ path, question: { id: path, group } }) as unknown as NodeView;
const heads = (nodes: NodeView[]) =>
  Object.fromEntries([...headingsOf(nodes, definition)].map(([key, found]) => [key, found.map(({ id }) => id)]));

test("a group's heading stands before its first shown question, outer groups first", () => {
  expect(heads([node("a"), node("b", "stationary"), node("c", "stationary"), node("d", "boxes"), node("e")])).toEqual({
    b: ["boxes", "stationary"],
  });
});

test("a group without a label has no heading, one that begins again has it again", () => {
  expect(heads([node("a", "silent"), node("b", "boxes"), node("c"), node("d", "boxes")])).toEqual({
    b: ["boxes"],
    d: ["boxes"],
  });
});

test("a section is cut between groups, early the first time, and at forty all the same", () => {
  const sizes = (nodes: NodeView[]) => piecesOf(nodes).map(({ length }) => length);
  const many = (count: number, group?: string) =>
    Array.from({ length: count }, (_, at) => node(`${group}${at}`, group));
  expect(sizes(many(25))).toEqual([2, 5, 5, 5, 5, 3]);
  expect(sizes([...many(8), ...many(12, "boxes"), ...many(3)])).toEqual([2, 5, 13, 3]);
  expect(sizes(many(85, "boxes"))).toEqual([40, 40, 5]);
  expect(sizes([])).toEqual([]);
});

test("a repeat holds the questions of its rows and no others", () => {
  expect(holds(node("t"), "t/r1/x")).toBe(true);
  expect(holds(node("t"), "tt/r1/x")).toBe(false);
  expect(holds(node("t"), "t")).toBe(true);
  expect(holds(node("t"), undefined)).toBe(false);
});
