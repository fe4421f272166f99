import { describe, expect, test } from "vitest";
import type { Query } from "../desk/api";
import { askersOf, type Choice, chosenQueries, matrixOf } from "./board";

const due = "2021-01-11T12:00:00.000Z";
const after = Date.parse(due) + 1;

/** A query of `legal` to these teams, each with how it stands. */
function query(id: string, teams: Record<string, Query["state"]>, more: Partial<Query> = {}): Query {
  const states = Object.entries(teams).map(([code, state]) => ({ code, state }));
  const state = states.some((one) => one.state === "open") ? "open" : (states[0]?.state ?? "open");
  const rounds = [{ number: 1, asked_by: "legal", asked_by_functions: { en: "Legal analyst" }, due: null }];
  return { id, about: null, state, teams: states, rounds, ...more } as unknown as Query;
}

const every: Choice = { kind: "all", team: "", asker: "" };
const ids = (queries: readonly Query[]) => queries.map(({ id }) => id);

describe("the board", () => {
  const late = query("late", { LTO01: "answered", LTO02: "open" }, { rounds: [{ due, asked_by: "head" }] as never });
  const open = query("open", { LTO01: "open" });
  const done = query("done", { LTO03: "answered" });
  const all = [late, open, done];

  test("shows those that are open, that are late, or all", () => {
    const of = (kind: Choice["kind"]) => ids(chosenQueries(all, { ...every, kind }, after));
    expect([of("open"), of("late"), of("all")]).toEqual([["late", "open"], ["late"], ["late", "open", "done"]]);
  });

  test("shows those to one team, and those one person asked first", () => {
    expect(ids(chosenQueries(all, { ...every, team: "LTO01" }, after))).toEqual(["late", "open"]);
    expect(ids(chosenQueries(all, { ...every, asker: "legal" }, after))).toEqual(["open", "done"]);
    expect([...askersOf(all).keys()]).toEqual(["head", "legal"]);
  });
});

describe("the matrix", () => {
  test("has a line for what several teams were asked about no report, and a column for each of them", () => {
    const free = query("free", { LTO02: "answered", LTO01: "open" });
    const about = query("about", { LTO03: "open", LTO04: "open" }, { about: { submission: "s" } as never });
    const { teams, lines } = matrixOf([free, about, query("one", { LTO05: "open" })], after);
    expect(teams).toEqual(["LTO01", "LTO02"]);
    expect(lines.map((line) => [line.query.id, ...teams.map((team) => line.states.get(team))])).toEqual([
      ["free", "open", "answered"],
    ]);
  });

  test("says late of those alone who have not answered in time", () => {
    const rounds = [{ due, asked_by: "legal" }] as never;
    const [line] = matrixOf([query("free", { LTO01: "open", LTO02: "answered" }, { rounds })], after).lines;
    expect([...(line?.states.values() ?? [])]).toEqual(["late", "answered"]);
    const [before] = matrixOf([query("free", { LTO01: "open", LTO02: "answered" }, { rounds })], after - 2).lines;
    expect(before?.states.get("LTO01")).toBe("open");
  });
});
