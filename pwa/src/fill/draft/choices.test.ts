import { expect, test } from "vitest";
import { followsAnswers, isSegmented, toggled } from "./choices.ts";

const list = ["police", "employer", "other", "none"];

test("choices are kept in list order, whatever order they were tapped in", () => {
  expect(toggled(["other"], "police", list)).toEqual(["police", "other"]);
});

test("none excludes every other choice, and any other choice excludes none", () => {
  expect(toggled(["police", "other"], "none", list)).toEqual(["none"]);
  expect(toggled(["none"], "employer", list)).toEqual(["employer"]);
});

test("taking the last choice away leaves no answer", () => {
  expect(toggled(["police"], "police", list)).toBeUndefined();
});

test("only lists of yes, no and the honest ways out become big buttons", () => {
  expect(isSegmented(["yes", "no"])).toBe(true);
  expect(isSegmented(["yes", "no", "not_observed", "not_applicable"])).toBe(true);
  expect(isSegmented(["fully", "mostly", "not_observed"])).toBe(false);
  expect(isSegmented(["yes"])).toBe(false);
});

test("what is filtered, read from rows or shuffled by an answer may change with one, all else never does", () => {
  const question = { id: "q", type: "select_one", label: { en: "Q" }, choices: "list" } as const;
  expect(followsAnswers(question)).toBe(false);
  expect(followsAnswers({ ...question, parameters: { randomize: "true" } })).toBe(false);
  expect(followsAnswers({ ...question, filter: ["ref", "region"] })).toBe(true);
  expect(followsAnswers({ ...question, rows: "name" })).toBe(true);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how forms write output values
  expect(followsAnswers({ ...question, parameters: { randomize: "true", seed: "${number}" } })).toBe(true);
});
