import { expect, test } from "vitest";
import type { Definition } from "../../engine/definition.ts";
import { openFill } from "../../engine/fill.ts";
import { contextAt } from "../../engine/functions/dates.ts";
import { reviewOf } from "./review.ts";
import { Steps } from "./steps.ts";
import { showsAll } from "./visible.ts";

const texts = (en: string) => ({ en });
const definition: Definition = {
  format: 1,
  id: "voting",
  version: "1",
  title: texts("Voting"),
  short: texts("Voting"),
  languages: ["en"],
  default_language: "en",
  kind: "polling_station",
  sections: [
    {
      id: "start",
      title: texts("Start"),
      nodes: [{ id: "district", type: "text", label: texts("District"), required: ["b", true] }],
    },
    {
      id: "figures",
      title: texts("Figures"),
      nodes: [
        { id: "intro", type: "note", label: texts("Read this") },
        {
          id: "voted",
          type: "integer",
          label: texts("Voted"),
          constraint: [">=", ["self"], ["n", 0]],
          constraint_message: texts("Enter 0 or more."),
          soft: ["<=", ["self"], ["n", 100]],
          soft_message: texts("More than on the list."),
          negative: { fail: 3 },
        },
        {
          repeat: true,
          id: "t",
          label: texts("Theme"),
          questions: [{ id: "x", type: "text", label: texts("Statement") }],
        },
      ],
    },
  ],
  choices: {},
  order: [],
  dependants: {},
};

function reviewed(answers: Record<string, string | number | string[]>) {
  const fill = openFill(definition, answers, contextAt(0, "UTC"));
  return reviewOf(definition, new Steps(showsAll).of(fill.sections()), "en");
}

test("a missing answer that is needed is an error, any other is only unanswered", () => {
  const { errors, unanswered } = reviewed({ t: ["r1"] });
  expect(errors.map(({ path, section }) => [path, section])).toEqual([["district", 0]]);
  expect(unanswered.map(({ label }) => label)).toEqual(["Voted", "Theme, 1: Statement"]);
});

test("a hard constraint blocks and says the author's words", () => {
  expect(reviewed({ district: "d", voted: -1 }).errors).toEqual([
    { path: "voted", section: 1, label: "Voted", why: "Enter 0 or more." },
  ]);
});

test("a soft check is listed with its severity and blocks nothing", () => {
  const { errors, flags } = reviewed({ district: "d", voted: 5000 });
  expect(errors).toEqual([]);
  expect(flags).toEqual([
    { path: "voted", section: 1, label: "Voted", why: "5000. More than on the list.", severity: 3 },
  ]);
});
