import { describe, expect, test } from "vitest";
import { formOf, now, rows, text, view } from "../testing/forms";
import type { Ast, Choice } from "./definition";
import { openFill } from "./fill";
import { contextAt } from "./functions/dates";

const ref = (name: string): Ast => ["ref", name];
const town = (name: string, region: string): Choice => ({ name, label: text(name), columns: { region } });
const choices = {
  region: ["north", "south"].map((name) => ({ name, label: text(name) })),
  town: [town("ada", "north"), town("bor", "south"), town("cam", "north"), town("dor", "south")],
};
const inRegion: Ast = ["=", ["col", "region"], ref("region")];
const table = {
  columns: ["code", "label", "label::Russian (ru)", "region"],
  rows: Array.from({ length: 20_000 }, (_, at) => [`p${at}`, `Place ${at}`, `Место ${at}`, at % 2 ? "south" : "north"]),
};

describe("filtered choices", () => {
  const definition = formOf(
    [
      { id: "region", type: "select_one", list: "region" },
      { id: "town", type: "select_one", list: "town", filter: inRegion },
      { id: "towns", type: "select_multiple", list: "town", filter: inRegion },
      { id: "best", type: "rank", list: "town", filter: inRegion },
      { id: "other" },
    ],
    { choices },
  );
  const names = (fill: ReturnType<typeof openFill>, path: string) => fill.choices(path).map(({ name }) => name);

  test("follow what the filter reads, and stay the same array until then", () => {
    const fill = openFill(definition, {}, now);
    expect(fill.choices("town")).toEqual([]);
    fill.set("region", "north");
    const offered = fill.choices("town");
    expect(names(fill, "town")).toEqual(["ada", "cam"]);
    fill.set("other", "x");
    expect(fill.choices("town")).toBe(offered);
    const before = view(fill, "town");
    fill.set("region", "south");
    expect(names(fill, "town")).toEqual(["bor", "dor"]);
    expect(view(fill, "town")).not.toBe(before);
  });

  test("take answers away that they offer no more", () => {
    const fill = openFill(definition, {}, now);
    fill.set("region", "north");
    fill.set("town", "ada");
    fill.set("towns", ["ada", "cam"]);
    fill.set("best", ["cam", "ada"]);
    fill.set("region", "south");
    expect(fill.answers()).toEqual({ region: "south" });
  });

  test("leave an answer alone that they still offer", () => {
    const fill = openFill(definition, { region: "north", town: "cam", best: ["cam", "ada"] }, now);
    fill.set("region", "north");
    expect(fill.answers()).toMatchObject({ town: "cam", best: ["cam", "ada"] });
  });

  test("go by the answers of their own row", () => {
    const nested = formOf(
      [
        rows("r", [
          { id: "region", type: "select_one", list: "region" },
          { id: "town", type: "select_one", list: "town", filter: inRegion },
        ]),
      ],
      { choices },
    );
    const fill = openFill(nested, {}, now);
    for (const [row, region] of [["a", "north"] as const, ["b", "south"] as const]) {
      fill.addRow("r", row);
      fill.set(`r/${row}/region`, region);
    }
    expect([names(fill, "r/a/town"), names(fill, "r/b/town")]).toEqual([
      ["ada", "cam"],
      ["bor", "dor"],
    ]);
  });
});

describe("choices from a table", () => {
  const place = { id: "place", type: "select_one" as const, table: "places", value: "code" };
  const definition = formOf(
    [
      place,
      {
        id: "region",
        type: "calculate",
        calculation: ["items", "places", [["=", ["col", "code"], ref("place")]] as unknown as Ast, "region"],
      },
      { id: "label", type: "calculate", calculation: ["call", "jr:choice-name", ref("place"), ["s", "place"]] },
    ],
    { tables: { places: table }, languages: ["en", "ru"] },
  );

  test("are its rows, with a label in each language", () => {
    const fill = openFill(definition, {}, now);
    expect(fill.choices("place")).toHaveLength(20_000);
    expect(fill.choices("place")[3]).toEqual({ name: "p3", label: { en: "Place 3", ru: "Место 3" } });
  });

  test("are looked up by their name", () => {
    const fill = openFill(definition, {}, now);
    fill.set("place", "p19999");
    expect(fill.answers()).toEqual({ place: "p19999", region: "south", label: "Place 19999" });
    fill.set("place", "p20000");
    expect(view(fill, "place").problem?.kind).toBe("type");
  });
});

test("shuffled choices keep one order for one draft, and follow a seed", () => {
  const shuffled = (parameters: Record<string, string | number>) =>
    formOf([{ id: "seed" }, { id: "q", type: "select_one", list: "town", parameters }], { choices });
  const order = (seed: string, parameters = {}, answers = {}) =>
    openFill(shuffled({ randomize: "true", ...parameters }), answers, now, { seed })
      .choices("q")
      .map(({ name }) => name);
  expect(order("one")).toEqual(order("one"));
  const orders = new Set(["one", "two", "three", "four", "five"].map((seed) => order(seed).join()));
  expect(orders.size).toBeGreaterThan(1);
  expect(order("one", { seed: 42 })).toEqual(order("two", { seed: "42" }));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how forms write output values
  expect(order("one", { seed: "${seed}" }, { seed: "42" })).toEqual(order("two", { seed: 42 }));
  expect(order("one").sort()).toEqual(["ada", "bor", "cam", "dor"]);
});

describe("what the phone fills in", () => {
  const definition = formOf([
    { id: "start", type: "metadata", metadata: "start" },
    { id: "end", type: "metadata", metadata: "end" },
    { id: "day", type: "metadata", metadata: "today" },
    { id: "device", type: "metadata", metadata: "deviceid", required: ["b", true] },
    { id: "phone", type: "metadata", metadata: "phonenumber", required: ["b", true] },
    { id: "again", default: ["call", "last-saved", ref("again")] },
    { id: "id", type: "calculate", calculation: ["call", "uuid"] },
  ]);

  test("stands in a new checklist, is neither counted nor required, and ends at finishing", () => {
    const fill = openFill(definition, {}, now, { metadata: { deviceid: "d1" }, lastSaved: { again: "x" } });
    expect(fill.answers()).toMatchObject({ day: "2021-01-10", device: "d1", again: "x" });
    expect(fill.section("s")?.progress).toMatchObject({ answered: 1, unanswered: 0 });
    fill.set("device", "d2");
    fill.tick(contextAt(Date.UTC(2021, 0, 10, 9), "Asia/Almaty"));
    const finished = fill.finish();
    expect(finished).toMatchObject({ ready: true, answers: { device: "d1", end: "2021-01-10T15:00:00.000+06:00" } });
  });

  test("is drawn once", () => {
    const fill = openFill(definition, {}, now);
    const { id } = fill.answers();
    fill.tick(now);
    fill.set("again", "y");
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(fill.answers().id).toBe(id);
  });
});

test("a triggered calculation runs when the observer changes its trigger, and is an answer between", () => {
  const definition = formOf([
    { id: "a", type: "integer" },
    { id: "b", type: "integer" },
    { id: "sum", type: "integer", calculation: ["+", ref("a"), ref("b")], trigger: ["a"] },
    rows("r", [{ id: "x" }, { id: "seen", calculation: ["call", "concat", ref("x"), ref("a")], trigger: ["a", "x"] }]),
  ]);
  const fill = openFill(definition, { a: 1, b: 1, r: ["one", "two"] }, now);
  fill.set("b", 5);
  expect(fill.answers().sum).toBeUndefined();
  fill.set("a", 2);
  expect(fill.answers()).toMatchObject({ sum: 7, "r/one/seen": "2", "r/two/seen": "2" });
  fill.set("sum", 3);
  fill.set("b", 6);
  fill.set("r/one/x", "x");
  expect(fill.answers()).toMatchObject({ sum: 3, "r/one/seen": "x2", "r/two/seen": "2" });
});

test("a view is replaced when a text of it says something else", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how forms write output values
  const definition = formOf([{ id: "name" }, { id: "q", label: text("Is ${name} here?") }, { id: "other" }]);
  const fill = openFill(definition, {}, now);
  const [q, other] = [view(fill, "q"), view(fill, "other")];
  fill.set("name", "Aigul");
  expect(view(fill, "q")).not.toBe(q);
  expect(view(fill, "other")).toBe(other);
  expect(fill.text(q.question.label, "q", "en")).toBe("Is Aigul here?");
});
