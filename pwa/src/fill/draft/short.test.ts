import { expect, test } from "vitest";
import type { Answers, Definition, Question } from "../../engine/definition.ts";
import { openFill } from "../../engine/fill.ts";
import { contextAt } from "../../engine/functions/dates.ts";
import { shortForm } from "./short.ts";
import { nextUnanswered, Steps } from "./steps.ts";
import { askedIn, showsShort, unseenAnswers, withoutUnseen } from "./visible.ts";

const texts = (en: string) => ({ en });
const text = (id: string, more: Partial<Question> = {}): Question => ({ id, type: "text", label: texts(id), ...more });
const short = { short_form: true } as const;

function form(sections: Definition["sections"], more: Partial<Definition> = {}): Definition {
  return {
    format: 1,
    id: "voting",
    version: "1",
    title: texts("Voting"),
    short: texts("Voting"),
    languages: ["en"],
    default_language: "en",
    kind: "polling_station",
    sections,
    choices: {},
    order: [],
    dependants: {},
    ...more,
  };
}
const section = (
  id: string,
  nodes: Definition["sections"][number]["nodes"],
  relevant?: Definition["sections"][number]["relevant"],
) => ({
  id,
  title: texts(id),
  nodes,
  ...(relevant ? { relevant } : {}),
});
const context = contextAt(0, "UTC");

const definition = form(
  [
    section("start", [
      text("station", { location: "station" }),
      text("needed", { required: ["b", true] }),
      text("weather", { default: ["s", "dry"] }),
    ]),
    section("details", [
      text("long"),
      text("opener"),
      text("critical", { ...short, relevant: ["=", ["ref", "opener"], ["s", "yes"]] }),
    ]),
    section("rows", [
      { repeat: true, id: "box", label: texts("Box"), questions: [text("seal", short), text("colour")] },
      { repeat: true, id: "person", label: texts("Person"), questions: [text("role")] },
    ]),
    section("rest", [text("other")]),
  ],
  { location: "station", order: ["critical"], dependants: { opener: ["critical"] } },
);

function shown(answers: Answers) {
  const asked = shortForm(definition);
  if (!asked) throw new Error("no short form");
  const fill = openFill(definition, answers, context);
  const shows = showsShort(asked);
  const steps = new Steps(shows).of(fill.sections());
  return {
    fill,
    shows,
    steps,
    ids: steps.flatMap(({ nodes }) => [...askedIn(nodes, shows)].map(({ view }) => view.path)),
  };
}

test("a checklist that marks nothing has no short form", () => {
  expect(shortForm(form([section("a", [text("x")])]))).toBeUndefined();
});

test("the short form asks what is marked, what is needed to finish, the place, and what decides whether these apply", () => {
  const { ids, steps } = shown({ opener: "yes", box: ["r1"], person: ["p1"] });
  expect(ids).toEqual(["station", "needed", "opener", "critical", "box/r1/seal"]);
  expect(steps.map(({ section: { id } }) => id)).toEqual(["start", "details", "rows"]);
});

test("only what is shown is counted", () => {
  const { steps } = shown({ station: "1", long: "a", weather: "wet" });
  expect(steps[0]?.progress).toMatchObject({ answered: 1, unanswered: 1 });
});

test("an answer given before turning to the short form goes with the report, a default nobody saw does not", () => {
  const { fill, shows } = shown({ needed: "n", weather: "dry", long: "seen early" });
  expect(unseenAnswers(fill.answers(), fill, shows, context)).toEqual({ long: "seen early" });
  expect(withoutUnseen(fill.answers(), fill, shows, context)).toEqual({ needed: "n", long: "seen early" });
});

test("the next unanswered question is the first after the present one, then the first of all", () => {
  const { steps, shows } = shown({ station: "1", opener: "no" });
  expect(nextUnanswered(steps, shows, { section: 1, path: "opener" })).toEqual({ section: 0, path: "needed" });
  expect(nextUnanswered(steps, shows, { section: 0 })).toEqual({ section: 0, path: "needed" });
  const open = shown({ station: "1", opener: "yes", box: ["r1", "r2"], "box/r1/seal": "whole" });
  const next = (section: number, path?: string) => nextUnanswered(open.steps, open.shows, { section, path });
  expect(next(0, "needed")).toEqual({ section: 1, path: "critical" });
  expect(next(1)).toEqual({ section: 1, path: "critical" });
  expect(next(1, "critical")).toEqual({ section: 2, path: "box/r2/seal" });
  expect(next(2, "box/r2/seal")).toEqual({ section: 0, path: "needed" });
});

test("when everything is answered there is no next question", () => {
  const { steps, shows } = shown({ station: "1", needed: "n", opener: "no" });
  expect(nextUnanswered(steps, shows, { section: 0, path: "needed" })).toBeUndefined();
});
