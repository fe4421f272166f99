import { expect, test } from "vitest";
import type { Question } from "./definition.ts";
import { severityOf } from "./severity.ts";

const question = (negative: Question["negative"]): Question => ({
  id: "q",
  type: "select_multiple",
  label: { en: "Q" },
  ...(negative ? { negative } : {}),
});

test("`any` marks every choice but the ones that say nothing went wrong", () => {
  expect(severityOf(question({ any: 2 }), "police")).toBe(2);
  expect(severityOf(question({ any: 2 }), "none")).toBeUndefined();
  expect(severityOf(question({ any: 2 }), "not_observed")).toBeUndefined();
});

test("a choice's own severity wins over `any`", () => {
  expect(severityOf(question({ any: 2, death: 3 }), "death")).toBe(3);
});

test("a question without negative indicators marks nothing", () => {
  expect(severityOf(question(undefined), "no")).toBeUndefined();
});
