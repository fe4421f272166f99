import { expect, test } from "vitest";
import type { Answers, Definition } from "../../engine/definition.ts";
import { openFill } from "../../engine/fill.ts";
import { contextAt } from "../../engine/functions/dates.ts";
import { findQuestions } from "./search.ts";
import { Steps } from "./steps.ts";
import { showsAll } from "./visible.ts";

const texts = (en: string, ru: string) => ({ en, ru });
const definition: Definition = {
  format: 1,
  id: "voting",
  version: "1",
  title: texts("Voting", "Голосование"),
  short: texts("Voting", "Голосование"),
  languages: ["en", "ru"],
  default_language: "en",
  kind: "polling_station",
  sections: [
    {
      id: "boxes",
      title: texts("Boxes", "Ящики"),
      nodes: [
        { id: "seal", type: "select_one", list: "state", label: texts("Seal of the box", "Пломба ящика") },
        { id: "queue", type: "text", label: texts("Queue", "Очередь"), hint: texts("Before the box", "Перед ящиком") },
        { id: "hidden", type: "hidden", label: texts("Box", "Ящик") },
        { id: "source", type: "text", label: texts("Source", "Источник"), sealed: true },
      ],
    },
    {
      id: "people",
      title: texts("People", "Люди"),
      nodes: [
        {
          repeat: true,
          id: "officer",
          label: texts("Officer", "Сотрудник"),
          questions: [{ id: "name", type: "text", label: texts("Function", "Должность") }],
        },
      ],
    },
  ],
  choices: { state: [{ name: "whole", label: texts("Whole", "Цела") }] },
  order: [],
  dependants: {},
};

function found(query: string, answers: Answers = {}, language = "en") {
  const fill = openFill(definition, answers, contextAt(0, "UTC"));
  const hits = findQuestions(query, {
    definition,
    steps: new Steps(showsAll).of(fill.sections()),
    shows: showsAll,
    places: undefined,
    language,
    text: (text, path) => (text ? fill.text(text, path, language) : ""),
    choices: (path) => fill.choices(path),
  });
  return hits.map(({ path, why }) => (why ? `${path}: ${why}` : path));
}

test("words of the question come before words of choices, answers and hints", () => {
  expect(found("box", { queue: "a box in the corner" })).toEqual(["seal", "queue: a box in the corner"]);
  expect(found("whole")).toEqual(["seal: Whole"]);
  expect(found("before")).toEqual(["queue: Before the box"]);
});

test("every word must begin a word, in any order", () => {
  expect(found("bo seal")).toEqual(["seal"]);
  expect(found("eal")).toEqual([]);
  expect(found("  ")).toEqual([]);
});

test.each(["plomba", "Пломба", "пломб"])("%s finds the Russian text in any script", (query) => {
  expect(found(query, {}, "ru")).toEqual(["seal"]);
});

test("a question in a row is found by its row and named with it", () => {
  const answers = { officer: ["r1", "r2"], "officer/r2/name": "chair" };
  expect(found("officer 2", answers)).toEqual(["officer/r2/name"]);
  expect(found("chair", answers)).toEqual(["officer/r2/name: chair"]);
});

test("what is never drawn is not found, and a sealed answer is not shown", () => {
  expect(found("source", { source: "marker" })).toEqual(["source"]);
  expect(found("marker", { source: "marker" })).toEqual([]);
});
