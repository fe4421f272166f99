import { describe, expect, test } from "vitest";
import { formOf, now, rows } from "../testing/forms";
import type { Ast } from "./definition";
import { type Fill, openFill } from "./fill";

const adult: Ast = [">", ["col", "age"], ["ref", "least"]];
const other: Ast = ["!=", ["call", "number", ["col", "position()"]], ["call", "position"]];

const definition = formOf([
  { id: "least", type: "integer" },
  rows("person", [
    { id: "name" },
    { id: "age", type: "integer" },
    { id: "friend", type: "select_one", rows: "name", filter: other },
  ]),
  { id: "head", type: "select_one", rows: "name", filter: adult },
  { id: "anybody", type: "select_one", rows: "name" },
]);

function filled(): Fill {
  const fill = openFill(definition, {}, now);
  fill.set("least", 17);
  for (const [row, name, age] of [
    ["a", "Aigul", 40],
    ["b", "Bolat", 12],
    ["c", "Aigul", 30],
    ["d", "", 50],
  ] as const) {
    fill.addRow("person", row);
    if (name) fill.set(`person/${row}/name`, name);
    fill.set(`person/${row}/age`, age);
  }
  return fill;
}

const offered = (fill: Fill, path: string) => fill.choices(path).map(({ name }) => name);

describe("choices that rows of a repeat offer", () => {
  test("are what the rows answered, each once", () => {
    const fill = filled();
    expect(fill.choices("anybody")).toEqual([
      { name: "Aigul", label: { en: "Aigul" } },
      { name: "Bolat", label: { en: "Bolat" } },
    ]);
  });

  test("are filtered by what else the row answered and by what the asker sees", () => {
    const fill = filled();
    expect(offered(fill, "head")).toEqual(["Aigul"]);
    fill.set("least", 10);
    expect(offered(fill, "head")).toEqual(["Aigul", "Bolat"]);
  });

  test("leave the asking row out when the filter says so", () => {
    const fill = filled();
    expect(offered(fill, "person/a/friend")).toEqual(["Bolat", "Aigul"]);
    expect(offered(fill, "person/b/friend")).toEqual(["Aigul"]);
  });

  test("follow the rows, and take an answer away with its row", () => {
    const fill = filled();
    fill.set("anybody", "Bolat");
    fill.set("person/b/name", "Berik");
    expect(fill.answers()).not.toHaveProperty("anybody");
    fill.set("anybody", "Berik");
    fill.removeRow("person", "b");
    expect(offered(fill, "anybody")).toEqual(["Aigul"]);
    expect(fill.answers()).not.toHaveProperty("anybody");
  });
});
