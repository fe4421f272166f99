import { describe, expect, test } from "vitest";
import type { Answer, Ast, Definition, Question, QuestionType } from "./definition";
import { openFill } from "./fill";
import { contextAt } from "./functions/dates";

const now = contextAt(Date.parse("2021-01-10T09:00:00Z"), "Asia/Almaty");
const texts = (text: string) => ({ en: text });
const word: Ast = ["s", "nonsense"];
const never: Ast = ["=", ["n", 1], ["n", 2]];

const types: QuestionType[] = [
  "text",
  "integer",
  "decimal",
  "date",
  "time",
  "datetime",
  "select_one",
  "select_multiple",
  "photo",
  "geopoint",
  "calculate",
  "acknowledge",
  "range",
  "rank",
  "audio",
  "video",
  "file",
  "barcode",
  "geotrace",
  "geoshape",
  "hidden",
];

/** How a question comes to a value that fits it in no way, or to none. */
const ways: Record<string, Partial<Question>> = {
  "nothing given": {},
  "a default": { default: word },
  "a calculation": { calculation: word },
  "a calculation of the moment": { calculation: ["call", "now"] },
  "a calculation kept once": { calculation: ["call", "once", word] },
  "a calculation on a trigger": { calculation: word, trigger: ["starter"] },
  "only read": { read_only: true, default: word },
  "read only by a condition": { read_only_when: ["b", true], default: word },
  "only read, on a trigger": { read_only: true, calculation: word, trigger: ["starter"] },
  irrelevant: { relevant: never, default: word },
};
const demands: Record<string, Partial<Question>> = {
  required: { required: ["b", true] },
  constrained: { constraint: never },
  "required and constrained": { required: ["b", true], constraint: never },
};

function form(question: Question): Definition {
  const starter: Question = { id: "starter", type: "text", label: texts("Starter") };
  const calculates = question.calculation !== undefined && question.trigger === undefined;
  return {
    format: 1,
    id: "exits",
    version: "1",
    title: texts("Exits"),
    short: texts("Exits"),
    languages: ["en"],
    default_language: "en",
    kind: "other",
    sections: [{ id: "s", title: texts("S"), nodes: [starter, question] }],
    choices: {
      list: [
        { name: "a", label: texts("A") },
        { name: "b", label: texts("B") },
      ],
    },
    order: calculates || question.relevant ? ["q"] : [],
    dependants: {},
  };
}

/** Whether an observer can give the question another answer. */
function isOpen(fill: ReturnType<typeof openFill>): boolean {
  const view = fill.question("q");
  const { question } = view ?? {};
  if (view === undefined || question === undefined || !view.relevant || view.readOnly) return false;
  const isKept = question.type === "calculate" || question.type === "hidden";
  return !isKept && (question.calculation === undefined || question.trigger !== undefined);
}

describe("nothing keeps a report from being finished that its observer cannot change", () => {
  const list = (type: QuestionType) =>
    ["select_one", "select_multiple", "rank"].includes(type) ? { list: "list" } : {};
  for (const type of types) {
    test.each(Object.keys(ways).flatMap((way) => Object.keys(demands).map((demand) => [way, demand] as const)))(
      `${type}: %s, %s`,
      (way, demand) => {
        const question = { id: "q", type, label: texts("Q"), ...list(type), ...ways[way], ...demands[demand] };
        const fill = openFill(form(question as Question), {}, now);
        fill.set("starter", "go" satisfies Answer);
        const finished = fill.finish();
        const named = finished.ready ? [] : finished.problems.map(({ path }) => path);
        expect(named.every((path) => path === "q" && isOpen(fill))).toBe(true);
      },
    );
  }
});
