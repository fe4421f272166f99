import { describe, expect, test } from "vitest";
import type { Question, QuestionType } from "../../engine/definition";
import { showGrouped } from "../../i18n/numbers";
import { form } from "../../testing/forms";
import { answerText } from "../draft/answerText";
import { type Control, columnsOf, controlOf, isQuick } from "../draft/appearance";
import { foldMore, lookUp } from "./lookup";
import { clockText } from "./media/clock";
import { numberAt, scaleOf, stepsTo } from "./range";
import { movedTo, placeAt, standing } from "./rank";

const asked = (type: QuestionType, appearance = "", more: Partial<Question> = {}): Question => ({
  id: "q",
  type,
  label: { en: "Q" },
  ...(appearance ? { appearance: appearance.split(" ") } : {}),
  ...more,
});
const names = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);

describe("the way to answer", () => {
  test.each<[QuestionType, string, Control]>([
    ["note", "", "nothing"],
    ["hidden", "", "nothing"],
    ["metadata", "", "nothing"],
    ["calculate", "", "shown"],
    ["date", "no-calendar", "text"],
    ["date", "month-year", "partial-date"],
    ["date", "year", "partial-date"],
    ["photo", "new", "photo"],
    ["photo", "signature", "drawing"],
    ["photo", "annotate", "drawing"],
    ["audio", "", "recording"],
    ["geopoint", "placement-map", "point"],
    ["geoshape", "", "trace"],
    ["text", "multiline", "text"],
  ])("of %s %s is %s", (type, appearance, way) => {
    expect(controlOf(asked(type, appearance), [])).toBe(way);
  });

  test("to choose follows the appearance, and the length of a list before it", () => {
    const choosing = (appearance: string, count: number, type: QuestionType = "select_one") =>
      controlOf(asked(type, appearance), names(count));
    expect(choosing("", 5)).toBe("list");
    expect(choosing("minimal", 30)).toBe("sheet");
    expect(choosing("minimal", 31)).toBe("search");
    expect(choosing("autocomplete", 3, "select_multiple")).toBe("search");
    expect(choosing("map", 5)).toBe("list");
  });

  test("to say yes or no is big buttons, unless the author asks for another look", () => {
    const yesNo = ["yes", "no", "not_observed"];
    expect(controlOf(asked("select_one"), yesNo)).toBe("segments");
    expect(controlOf(asked("select_one", "likert"), yesNo)).toBe("list");
    expect(controlOf(asked("select_one", "quick"), yesNo)).toBe("list");
    expect(controlOf(asked("select_multiple"), yesNo)).toBe("list");
  });

  test("a place is picked from the mission's list, whatever its type", () => {
    expect(controlOf(asked("text", "", { location: "station" }), [])).toBe("place");
  });
});

test("columns are those asked for", () => {
  const columns = (appearance: string) => columnsOf(asked("select_one", appearance));
  expect(["", "columns", "columns-4", "columns-pack", "likert", "horizontal", "quickcompact-3"].map(columns)).toEqual([
    undefined,
    2,
    4,
    "pack",
    "scale",
    2,
    3,
  ]);
});

test("only a single choice can bring the next question", () => {
  expect(isQuick(asked("select_one", "quick"))).toBe(true);
  expect(isQuick(asked("select_one", "quickcompact"))).toBe(true);
  expect(isQuick(asked("select_multiple", "quick"))).toBe(false);
});

describe("a range", () => {
  test("goes in steps without the crumbs of binary fractions", () => {
    const scale = scaleOf({ start: 0, end: 1, step: 0.1 });
    expect(scale.steps).toBe(10);
    expect(Array.from({ length: 11 }, (_, at) => numberAt(scale, at))).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ]);
    expect(stepsTo(scale, 0.7)).toBe(7);
  });

  test("may go down, may not end on a step, and has ODK's defaults", () => {
    expect(numberAt(scaleOf({ start: 5, end: -5, step: 5 }), 2)).toBe(-5);
    expect(numberAt(scaleOf({ start: 0, end: 10, step: 3 }), 99)).toBe(9);
    expect(scaleOf(undefined)).toEqual({ start: 1, end: 10, step: 1, steps: 9 });
    expect(scaleOf({ step: 0 }).step).toBe(1);
  });
});

describe("a ranking", () => {
  test("keeps the order given, drops what is no longer offered, adds what is new at the end", () => {
    expect(standing([], ["a", "b"])).toEqual(["a", "b"]);
    expect(standing(["c", "a"], ["a", "b", "c", "d"])).toEqual(["c", "a", "b", "d"]);
    expect(standing(["gone", "a"], ["a", "b"])).toEqual(["a", "b"]);
  });

  test("moves one name, to the ends at most", () => {
    expect(movedTo(["a", "b", "c"], "c", 0)).toEqual(["c", "a", "b"]);
    expect(movedTo(["a", "b", "c"], "a", 9)).toEqual(["b", "c", "a"]);
    expect(movedTo(["a", "b", "c"], "a", -1)).toEqual(["a", "b", "c"]);
  });

  test("drops a dragged line among the middles it lies between", () => {
    expect([5, 15, 25, 99].map((y) => placeAt(y, [10, 20, 30]))).toEqual([0, 1, 2, 3]);
  });
});

describe("looking up a choice", () => {
  const choice = (name: string, en: string, ru = en) => ({ name, label: { en, ru } });
  const choices = [choice("1", "Aktobe", "Ақтөбе"), choice("2", "Oral", "Уральск"), choice("3", "New Aktobe")];

  test("takes any of three scripts, part of a word, and the name", () => {
    foldMore(choices, 10);
    const found = (typed: string) => lookUp(choices, typed, 10).choices.map(({ name }) => name);
    expect(found("актобе")).toEqual(["1", "3"]);
    expect(found("ural")).toEqual(["2"]);
    expect(found("tobe new")).toEqual(["3"]);
    expect(found("2")).toEqual(["2"]);
    expect(found("nowhere")).toEqual([]);
    expect(found("")).toEqual(["1", "2", "3"]);
  });

  test("puts beginnings of words before parts of words", () => {
    const [inside, first] = [choice("inside", "Kokal"), choice("first", "Alatau")];
    const both = [inside, first];
    foldMore(both, 10);
    expect(lookUp(both, "al", 10).choices).toEqual([first, inside]);
  });

  test("gives no more than can be drawn, and says how many more there are", () => {
    const many = Array.from({ length: 20_000 }, (_, at) => choice(`s${at}`, `Settlement ${at}`));
    expect(lookUp(many, "", 50)).toEqual({ choices: many.slice(0, 50), more: 19_950 });
    foldMore(many, 20_000);
    const { choices: found, more } = lookUp(many, "settl", 50);
    expect([found.length, more]).toEqual([50, 19_950]);
  });

  test("finds what is folded so far, and the rest once it is", () => {
    const list = [choice("1", "Aktobe"), choice("2", "New Aktobe")];
    expect(foldMore(list, 1)).toBe(1);
    expect(lookUp(list, "aktobe", 10).choices).toEqual([list[0]]);
    expect(foldMore(list, 5)).toBe(2);
    expect(lookUp(list, "aktobe", 10).choices).toEqual(list);
  });
});

test("thousands stand apart, fractions and signs stay", () => {
  expect(showGrouped(1234567, "en")).toBe("1\u202f234\u202f567");
  expect(showGrouped(-1250.1234, "ru")).toBe("-1\u202f250,1234");
  expect(showGrouped(999, "en")).toBe("999");
});

test("a recording's length reads like a clock", () => {
  expect([0, 65, 3605].map(clockText)).toEqual(["0:00", "1:05", "1:00:05"]);
});

describe("an answer in words", () => {
  const definition = {
    ...form([]),
    choices: { l: ["a", "b"].map((name) => ({ name, label: { en: name.toUpperCase() } })) },
  };
  const words = (question: Question, answer: string | number | string[], language = "en") =>
    answerText(definition, question, answer, undefined, language);

  test("numbers the places of a ranking", () => {
    expect(words(asked("rank", "", { list: "l" }), ["b", "a"])).toBe("1. B; 2. A");
  });

  test("says only what was asked of a date", () => {
    expect(words(asked("date", "year"), "1994-01-01")).toBe("1994");
    expect(words(asked("date", "month-year"), "2019-03-01", "ru")).toBe("март 2019");
    expect(words(asked("date"), "2019-03-01")).toBe("1 Mar 2019");
  });

  test("claims no accuracy for coordinates that were typed", () => {
    expect(words(asked("geopoint"), "43.238900 76.889700 0.0 0.0")).toBe("43.238900, 76.889700");
  });

  test("covers what was covered while it was written", () => {
    expect(words(asked("text", "masked"), "jusan")).not.toContain("jusan");
  });

  test("looks a name up in a form's table", () => {
    const tables = { towns: { columns: ["name", "label"], rows: [["t1", "Taraz"]] } };
    const question = asked("select_one", "", { table: "towns" });
    expect(answerText({ ...definition, tables }, question, "t1", undefined, "en")).toBe("Taraz");
  });
});
