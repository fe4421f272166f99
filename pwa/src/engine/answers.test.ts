import { describe, expect, test } from "vitest";
import { now } from "../testing/forms";
import { answerOfValue, faultOf, placeOf, rowsFault } from "./answers";
import type { Definition, Question, QuestionType } from "./definition";

const definition = {
  choices: {
    yn: [
      { name: "yes", label: {} },
      { name: "no", label: {} },
    ],
  },
} as unknown as Definition;

function question(type: QuestionType): Question {
  const range = { parameters: { start: 0, end: 10, step: 2 } };
  return {
    id: "q",
    type,
    label: {},
    ...(type.startsWith("select") || type === "rank" ? { list: "yn" } : {}),
    ...(type === "range" ? range : {}),
  };
}

describe("an answer fits its question", () => {
  const fitting: [QuestionType, unknown][] = [
    ["text", "x"],
    ["integer", 5],
    ["decimal", 0.5],
    ["date", "2021-01-10"],
    ["time", "14:05"],
    ["datetime", "2021-01-10T14:05+06:00"],
    ["photo", "a".repeat(64)],
    ["geopoint", "43.2 76.9 0 5.5"],
    ["acknowledge", "OK"],
    ["calculate", 5],
    ["select_one", "yes"],
    ["select_multiple", ["no"]],
    ["rank", ["no", "yes"]],
    ["range", 4],
    ["audio", "b".repeat(64)],
    ["video", "b".repeat(64)],
    ["file", "b".repeat(64)],
    ["barcode", "4870001"],
    ["geotrace", "43 76 0 5; 43.1 76 0 5"],
    ["geoshape", "43 76;43.1 76;43.1 77;43 76;"],
    ["hidden", 5],
    ["metadata", "d1"],
    ["integer", null],
  ];
  test.each(fitting)("%s %j", (type, answer) => {
    expect(faultOf(definition, question(type), answer)).toBeNull();
  });
});

describe("an answer that does not fit is named", () => {
  const wrong: [QuestionType, unknown, string][] = [
    ["text", 5, "wrong_type"],
    ["integer", 5.5, "wrong_type"],
    ["integer", "5", "wrong_type"],
    ["integer", 2 ** 53, "wrong_type"],
    ["decimal", Number.NaN, "wrong_type"],
    ["date", "2021-02-30", "wrong_type"],
    ["date", "2021-01-10T10:00", "wrong_type"],
    ["time", "25:00", "wrong_type"],
    ["datetime", "2021-01-10", "wrong_type"],
    ["note", "x", "wrong_type"],
    ["photo", "photo.jpg", "wrong_type"],
    ["geopoint", "143 76", "wrong_type"],
    ["geopoint", "43", "wrong_type"],
    ["acknowledge", "yes", "wrong_type"],
    ["select_one", "maybe", "not_in_list"],
    ["select_one", ["yes"], "wrong_type"],
    ["select_multiple", ["yes", "maybe"], "not_in_list"],
    ["select_multiple", "yes", "wrong_type"],
    ["select_multiple", ["yes", "yes"], "repeated"],
    ["rank", ["no"], "wrong_type"],
    ["rank", ["no", "no"], "repeated"],
    ["range", 11, "wrong_type"],
    ["range", 1.5, "wrong_type"],
    ["file", "report.pdf", "wrong_type"],
    ["geotrace", "43 76", "wrong_type"],
    ["geotrace", "43 76; 143 76", "wrong_type"],
    ["geoshape", "43 76;43.1 76;43.1 77", "wrong_type"],
    ["barcode", 5, "wrong_type"],
  ];
  test.each(wrong)("%s %j", (type, answer, fault) => {
    expect(faultOf(definition, question(type), answer)).toBe(fault);
  });
});

test("row lists hold each row once", () => {
  expect(rowsFault(["0190-a", "b"])).toBeNull();
  expect(rowsFault(["a", "a"])).toBe("repeated");
  expect(rowsFault(["a/b"])).toBe("wrong_type");
  expect(rowsFault("a")).toBe("wrong_type");
});

test("a path names a question, or one inside a row", () => {
  expect(placeOf("q")).toEqual({ prefix: "", id: "q" });
  expect(placeOf("r/row/q")).toEqual({ prefix: "r/row/", id: "q" });
  expect(placeOf("r/row/s/other/q")).toEqual({ prefix: "r/row/s/other/", id: "q" });
});

test("a value becomes an answer of its question's type, or none", () => {
  const become = (type: QuestionType, value: Parameters<typeof answerOfValue>[2]) =>
    answerOfValue(definition, question(type), value, now);
  expect(become("integer", 2.9)).toBe(2);
  expect(become("integer", "x")).toBeUndefined();
  expect(become("decimal", "2.5")).toBe(2.5);
  expect(become("decimal", Number.POSITIVE_INFINITY)).toBeUndefined();
  expect(become("calculate", true)).toBe("true");
  expect(become("select_multiple", "no yes no other")).toEqual(["yes", "no"]);
  expect(Object.is(become("integer", -0.5), 0)).toBe(true);
});
