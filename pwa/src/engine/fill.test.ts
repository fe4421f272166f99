import { describe, expect, test } from "vitest";
import { above, form, now, station, text, view } from "../testing/forms";
import { type Fill, openFill, type RepeatView } from "./fill";
import { contextAt } from "./functions/dates";

describe("a new checklist", () => {
  const definition = form(
    [
      { id: "day", type: "date", default: ["call", "today"] },
      { id: "n", type: "integer", default: ["s", "7"] },
      { id: "m", type: "integer", default: ["*", ["ref", "n"], ["n", 2]] },
    ],
    [{ id: "x", type: "integer", default: ["call", "position"] }],
  );

  test("begins with its defaults, each seeing those before it", () => {
    expect(openFill(definition, {}, now).answers()).toEqual({ day: "2021-01-10", n: 7, m: 14 });
  });

  test("gives each new row its defaults", () => {
    const fill = openFill(definition, {}, now);
    fill.addRow("r", "a");
    fill.addRow("r", "b");
    expect(fill.answers()).toMatchObject({ r: ["a", "b"], "r/a/x": 1, "r/b/x": 2 });
  });

  test("takes no default again once something was answered", () => {
    expect(openFill(definition, { n: 1 }, now).answers()).toEqual({ n: 1 });
  });
});

describe("an answer", () => {
  const definition = form(
    [
      { id: "many", type: "select_multiple", list: "yn" },
      { id: "n", type: "integer", constraint: above("n", 5), constraint_message: text("Too few.") },
      { id: "why", required: ["b", true], relevant: above("n", 10) },
      { id: "double", type: "calculate", calculation: ["*", ["ref", "n"], ["n", 2]] },
      {
        id: "soft",
        type: "integer",
        soft: ["<", ["self"], ["n", 3]],
        soft_message: text("Really?"),
        negative: { fail: 2 },
      },
    ],
    [],
    ["why", "double"],
  );

  test("is kept in list order and cleared by nothing", () => {
    const fill = openFill(definition, {}, now);
    fill.set("many", ["no", "yes"]);
    expect(fill.answers()).toEqual({ many: ["yes", "no"] });
    for (const nothing of [undefined, null, "", []]) {
      fill.set("n", 5);
      fill.set("n", nothing);
      expect(view(fill, "n").value).toBeUndefined();
    }
  });

  test("shows, hides and calculates what depends on it", () => {
    const fill = openFill(definition, {}, now);
    fill.set("n", 11);
    expect(view(fill, "why")).toMatchObject({ relevant: true, required: true, problem: { kind: "required" } });
    expect(view(fill, "double").value).toBe(22);
    fill.set("why", "because");
    fill.set("n", 6);
    expect(view(fill, "why").relevant).toBe(false);
    expect(fill.finish()).toMatchObject({ ready: true, answers: { n: 6, double: 12 } });
    fill.set("n", 12);
    expect(view(fill, "why").value).toBe("because");
  });

  test("that breaks its constraint is saved and blocks finishing with the author's words", () => {
    const fill = openFill(definition, {}, now);
    fill.set("n", 1);
    expect(fill.answers()).toMatchObject({ n: 1 });
    expect(fill.finish()).toEqual({
      ready: false,
      problems: [{ path: "n", question: "n", section: "s", kind: "constraint", message: text("Too few.") }],
    });
  });

  test("that fails a soft check finishes and is flagged", () => {
    const fill = openFill(definition, {}, now);
    fill.set("soft", 4);
    expect(view(fill, "soft").soft).toEqual({ message: text("Really?") });
    expect(fill.finish()).toMatchObject({ ready: true, flags: [{ path: "soft", kind: "soft", severity: 2 }] });
  });

  test("of the wrong type, or with none beside another choice, blocks", () => {
    const fill = openFill(definition, {}, now);
    fill.set("n", "eleven");
    fill.set("many", ["yes", "none"]);
    expect(fill.finish()).toMatchObject({
      problems: [
        { path: "many", kind: "exclusive" },
        { path: "n", kind: "type" },
      ],
    });
  });

  test("to a calculated or unknown question is left alone", () => {
    const fill = openFill(definition, {}, now);
    for (const path of ["double", "nobody", "r/a/x", "s"]) fill.set(path, 5);
    expect(fill.answers()).toEqual({});
  });

  test("changes only the views it touches", () => {
    const fill = openFill(definition, {}, now);
    const before = view(fill, "soft");
    fill.set("many", ["yes"]);
    expect(view(fill, "soft")).toBe(before);
  });

  test("is told to those who listen, with the paths that changed", () => {
    const fill = openFill(definition, {}, now);
    const told: string[][] = [];
    const stop = fill.subscribe((paths) => told.push([...paths].sort()));
    fill.set("n", 11);
    stop();
    fill.set("n", 12);
    expect(told).toEqual([["double", "n", "why"]]);
  });
});

describe("progress", () => {
  test("counts relevant questions that an observer answers", () => {
    const definition = form(
      [
        { id: "a", type: "integer" },
        { id: "b", relevant: above("a", 1) },
        { id: "note", type: "note" },
        { id: "calc", type: "calculate", calculation: ["n", 1] },
        { id: "c", type: "select_one", list: "yn", negative: { no: 2 } },
      ],
      [{ id: "x" }],
      ["b", "calc"],
    );
    const fill = openFill(definition, {}, now);
    expect(fill.section("s")?.progress).toEqual({ answered: 0, unanswered: 2, flagged: 0, problems: 0 });
    fill.set("a", 2);
    fill.set("c", "no");
    fill.addRow("r", "one");
    expect(fill.section("s")?.progress).toEqual({ answered: 2, unanswered: 2, flagged: 1, problems: 0 });
  });
});

describe("rows", () => {
  const definition = form(
    [{ id: "total", type: "calculate", calculation: ["call", "sum", ["ref", "votes"]] }],
    [
      { id: "votes", type: "integer" },
      { id: "place", type: "calculate", calculation: ["call", "position"] },
      { id: "share", type: "calculate", calculation: ["div", ["ref", "votes"], ["ref", "total"]] },
    ],
    ["place", "total", "share"],
  );

  function filled(): Fill {
    const fill = openFill(definition, {}, now);
    for (const [row, votes] of [
      ["a", 1],
      ["b", 2],
      ["c", 5],
    ] as const) {
      fill.addRow("r", row);
      fill.set(`r/${row}/votes`, votes);
    }
    return fill;
  }

  test("are summed, numbered and shared", () => {
    expect(filled().answers()).toMatchObject({ total: 8, "r/a/share": 0.125, "r/c/place": 3 });
  });

  test("can be removed and brought back as they were", () => {
    const fill = filled();
    const before = fill.answers();
    const removed = fill.removeRow("r", "b");
    expect(fill.answers()).toMatchObject({ total: 6, "r/c/place": 2 });
    expect(fill.question("r/b/votes")).toBeUndefined();
    expect(Object.keys(fill.answers())).not.toContain("r/b/votes");
    if (removed) fill.restoreRow(removed);
    expect(fill.answers()).toEqual(before);
  });

  test("move with their answers", () => {
    const fill = filled();
    fill.moveRow("r", "c", 0);
    expect(fill.answers()).toMatchObject({ r: ["c", "a", "b"], "r/c/votes": 5, "r/c/place": 1, "r/b/place": 3 });
    const [, repeat] = fill.section("s")?.nodes ?? [];
    expect((repeat as RepeatView).rows.map(({ id, position }) => [id, position])).toEqual([
      ["c", 1],
      ["a", 2],
      ["b", 3],
    ]);
  });

  test("of an unknown repeat, twice the same, or gone already change nothing", () => {
    const fill = filled();
    const before = fill.answers();
    fill.addRow("nobody", "x");
    fill.addRow("r", "a");
    fill.moveRow("r", "x", 0);
    expect(fill.removeRow("r", "x")).toBeUndefined();
    expect(fill.answers()).toEqual(before);
  });
});

test("a later moment changes what reads the clock", () => {
  const fill = openFill(form([{ id: "d", type: "date", constraint: ["<=", ["self"], ["call", "today"]] }]), {}, now);
  fill.set("d", "2021-01-11");
  expect(view(fill, "d").problem?.kind).toBe("constraint");
  fill.tick(contextAt(Date.UTC(2021, 0, 11), "Asia/Almaty"));
  expect(view(fill, "d").problem).toBeUndefined();
});

test("a draft of another version opens without the answers that stand nowhere", () => {
  const fill = openFill(station, { open: "yes", gone: "x", "l/r1/votes": 5, "x/r1/votes": 3 }, now);
  expect(Object.keys(fill.answers()).sort()).toEqual(["open", "rows", "total"]);
});

/** Ways to fill the polling-station form. */
