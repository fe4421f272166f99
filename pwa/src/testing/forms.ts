/** Forms to fill in tests, and a moment to fill them at. */
import { readFileSync } from "node:fs";
import type { Ast, Definition, Question, Repeat } from "../engine/definition";
import type { Fill, QuestionView } from "../engine/fill";
import { contextAt } from "../engine/functions/dates";

export const now = contextAt(Date.UTC(2021, 0, 10, 8, 5, 6), "Asia/Almaty");

/** A form compiled from a spreadsheet: choices, soft checks, a section and rows that come and go. */
export const station = (
  JSON.parse(readFileSync(new URL("../../../tests/vectors/flags.json", import.meta.url), "utf8")) as {
    definitions: { station: Definition };
  }
).definitions.station;

export function text(of: string) {
  return { en: of };
}

/** A form of one section with these questions, and with a repeat `r` of those after it. */
export function form(questions: Partial<Question>[], rows: Partial<Question>[] = [], order: string[] = []): Definition {
  const asked = (given: Partial<Question>[]) =>
    given.map((question) => ({ type: "text", label: text(question.id ?? ""), ...question }) as Question);
  const all = [...questions, ...rows].map(({ id }) => id ?? "");
  return {
    format: 1,
    id: "form",
    version: "1",
    title: text("Form"),
    short: text("Form"),
    languages: ["en"],
    default_language: "en",
    kind: "other",
    sections: [
      {
        id: "s",
        title: text("Section"),
        nodes: [
          ...asked(questions),
          ...(rows.length > 0 ? [{ repeat: true as const, id: "r", label: text("Rows"), questions: asked(rows) }] : []),
        ],
      },
    ],
    choices: { yn: ["yes", "no", "none"].map((name) => ({ name, label: text(name) })) },
    order,
    // Everything may depend on everything: allowed, only slower than what the compiler writes.
    dependants: Object.fromEntries([...all, "r"].map((id) => [id, [...order, ...all]])),
  };
}

export function view(fill: Fill, path: string): QuestionView {
  const found = fill.question(path);
  if (found === undefined) throw new Error(`no ${path}`);
  return found;
}

export const above = (name: string, number: number): Ast => [">", ["ref", name], ["n", number]];

/**
 * A form of one section with these questions and repeats, evaluated in the order of the document or the one given;
 * everything may depend on everything.
 */
export function formOf(nodes: readonly (Partial<Question> | Repeat)[], more: Partial<Definition> = {}): Definition {
  const whole = form([]);
  const given = nodes.map((node) => ("repeat" in node ? node : asked(node)));
  const ids = given.flatMap((node) => [node.id, ...("repeat" in node ? node.questions.map(({ id }) => id) : [])]);
  const order = [...new Set([...(more.order ?? []), ...ids])];
  return {
    ...whole,
    sections: [{ id: "s", title: text("Section"), nodes: given }],
    order,
    dependants: Object.fromEntries(ids.map((id) => [id, order.filter((other) => other !== id)])),
    ...more,
  };
}

/** A repeat of these questions. */
export function rows(id: string, questions: readonly Partial<Question>[], more: Partial<Repeat> = {}): Repeat {
  return { repeat: true, id, label: text(id), questions: questions.map(asked), ...more };
}

function asked(question: Partial<Question>): Question {
  return { id: "", type: "text", label: text(question.id ?? ""), ...question };
}
