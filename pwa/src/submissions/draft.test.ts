import { expect, test } from "vitest";
import type { Definition, Question } from "../engine/definition.ts";
import { firstWords } from "./draft.ts";

const texts = (en: string) => ({ en });
const question = (id: string, facts: Partial<Question> = {}): Question => ({
  id,
  type: "text",
  label: texts(id),
  ...facts,
});
const nodes = [
  question("device", { metadata: "deviceid" }),
  question("sum", { calculation: ["s", "made up"] }),
  question("source", { sealed: true }),
  question("station", { location: "station" }),
  question("locality"),
  question("note"),
];
const definition = { sections: [{ id: "start", title: texts("Start"), nodes }] } as unknown as Definition;

test("a draft is told apart by the first words its observer wrote, never by a source or a place's code", () => {
  const answers = { device: "x", sum: "y", source: "Aigul", station: "4071", note: "Calm." };
  expect(firstWords(definition, answers)).toBe("Calm.");
  expect(firstWords(definition, { ...answers, locality: "  Oral " })).toBe("Oral");
  expect(firstWords(definition, { ...answers, note: " " })).toBe("");
});
