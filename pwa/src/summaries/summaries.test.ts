import { expect, test } from "vitest";
import type { QuestionSummary, Region } from "../desk/api.ts";
import { everyDay, most, reportsElsewhere } from "./days.ts";
import { grouped, isAnswered, longest } from "./questions.ts";
import { isTold, layTiles, neighbour } from "./tiles.ts";

const region = (code: string, column: number, row: number): Region => ({
  code,
  name: { en: code },
  column,
  row,
  reports: 0,
  kinds: {},
  critical: 0,
  last_received_at: null,
  is_broken_down: true,
});

const question = (id: string, change: Partial<QuestionSummary> = {}): QuestionSummary => ({
  id,
  type: "select_one",
  label: { en: id },
  theme: null,
  section: { en: "Voting" },
  repeat: null,
  versions: ["1"],
  n: 0,
  choices: [],
  not_observed: 0,
  not_applicable: 0,
  total: null,
  flags: { "1": 0, "2": 0, "3": 0 },
  ...change,
});

const choice = (n: number) => ({ name: "yes", label: { en: "Yes" }, n, severity: 0, places: [] });

test("tiles stand in their places and the map ends with the last of them", () => {
  const { tiles, width, height } = layTiles([region("KZ-A", 0, 1), region("KZ-B", 2, 0)]);
  expect(tiles.map(({ short, x, y }) => [short, x, y])).toEqual([
    ["A", 0, 102],
    ["B", 204, 0],
  ]);
  expect([width, height]).toEqual([300, 198]);
  expect(layTiles([])).toEqual({ tiles: [], width: 0, height: 0 });
});

test("a tile too small to be broken down shows no number, least of all none", () => {
  const few = { ...region("KZ-A", 0, 0), is_broken_down: false };
  const { tiles } = layTiles([few, { ...region("KZ-B", 1, 0), reports: 4 }, region("KZ-C", 2, 0)]);
  expect(tiles.map(({ reports }) => reports)).toEqual(["–", "4", "0"]);
});

test("a page tells of no reports only who would be told of one", () => {
  expect(isTold({ reports: 0 })).toBe(true);
  expect(isTold({ reports: 0, small_cell: null })).toBe(true);
  expect(isTold({ reports: 0, small_cell: 3 })).toBe(false);
  expect(isTold({ reports: 3, small_cell: 3 })).toBe(true);
});

test("arrow keys lead to the tile straight ahead before one aside, and never back", () => {
  const { tiles } = layTiles([region("a", 0, 0), region("b", 2, 0), region("c", 1, 1)]);
  const [a, b] = tiles;
  if (!a || !b) throw new Error("tiles are missing");
  expect(neighbour(tiles, a, "ArrowRight")?.region.code).toBe("b");
  expect(neighbour(tiles, a, "ArrowDown")?.region.code).toBe("c");
  expect(neighbour(tiles, b, "ArrowRight")).toBeUndefined();
  expect(neighbour(tiles, a, "x")).toBeUndefined();
});

test("a report long after the mission does not push the mission off the chart", () => {
  const days = [
    { day: "2020-12-21", reports: 3 },
    { day: "2021-01-10", reports: 90 },
    { day: "2026-11-25", reports: 1 },
  ];
  const shown = everyDay(days);
  expect([shown.length, shown.at(0)?.day, shown.at(-1)?.day]).toEqual([21, "2020-12-21", "2021-01-10"]);
  expect(reportsElsewhere(days, shown)).toBe(1);
});

test("days without reports are days, and of two equal stretches the later is shown", () => {
  const days = everyDay([
    { day: "2021-01-08", reports: 2 },
    { day: "2021-01-10", reports: 5 },
  ]);
  expect(days.map(({ reports }) => reports)).toEqual([2, 0, 5]);
  const long = everyDay([
    { day: "2020-01-01", reports: 1 },
    { day: "2021-01-10", reports: 1 },
  ]);
  expect(long).toEqual([{ day: "2021-01-10", reports: 1 }]);
  const whole = everyDay([
    { day: "2021-01-01", reports: 1 },
    { day: "2021-03-01", reports: 1 },
  ]);
  expect(whole.length).toBe(most);
  expect(everyDay([])).toEqual([]);
});

test("questions stand under their sections, and only those asked for", () => {
  const questions = [
    question("a", { choices: [choice(3)] }),
    question("b"),
    question("c", { section: { en: "Count" }, not_observed: 2, flags: { "1": 0, "2": 0, "3": 1 } }),
  ];
  const ids = (onlyAnswered: boolean, onlyFlagged: boolean) =>
    grouped(questions, { onlyAnswered, onlyFlagged }).map((group) => [
      group.title.en,
      ...group.questions.map(({ id }) => id),
    ]);
  expect(ids(false, false)).toEqual([
    ["Voting", "a", "b"],
    ["Count", "c"],
  ]);
  expect(ids(true, false)).toEqual([
    ["Voting", "a"],
    ["Count", "c"],
  ]);
  expect(ids(true, true)).toEqual([["Count", "c"]]);
});

test("not observed is an answer somebody gave", () => {
  expect(isAnswered(question("a", { not_observed: 1 }))).toBe(true);
  expect(isAnswered(question("a"))).toBe(false);
});

test("a full bar is the largest count of the checklist, whatever the question", () => {
  expect(longest([question("a", { choices: [choice(3), choice(40)] }), question("b", { choices: [choice(7)] })])).toBe(
    40,
  );
  expect(longest([])).toBe(1);
});
