import { expect, test } from "vitest";
import type { Query } from "../desk/api";
import { lateSince } from "./late";

const due = "2021-01-11T12:00:00.000Z";
const query = (state: Query["state"], ...dues: (string | null)[]): Query =>
  ({ state, rounds: dues.map((each, at) => ({ number: at + 1, due: each })) }) as unknown as Query;

test("a question is late once the time of its newest round has passed and nobody answered", () => {
  const [before, after] = [Date.parse(due) - 1, Date.parse(due) + 1];
  expect(lateSince(query("open", due), after)).toBe(due);
  expect(lateSince(query("open", due), before)).toBeUndefined();
  expect(lateSince(query("answered", due), after)).toBeUndefined();
  expect(lateSince(query("open", due, null), after)).toBeUndefined();
});
