import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { described, scopeOf, vectors } from "../testing/vectors";
import type { Answer, Answers, Definition } from "./definition";
import { Engine } from "./engine";
import { evaluate } from "./expressions";
import { type Fill, openFill, type QuestionView } from "./fill";
import { type Flag, flags, flagsOf } from "./flags";
import { contextAt } from "./functions/dates";
import { viewsIn } from "./views";

interface FlagCase {
  rule: string;
  definition: string;
  now: string;
  zone: string;
  answers: Answers;
  values: Answers;
  flags: Flag[];
}

interface FilledForm {
  definition: Definition;
  /** Rows by place: `outer/#0/inner/#2/q`. */
  edits: [keyof Fill, string, ...unknown[]][];
  lastSaved: Answers;
  now: string;
  zone: string;
}

function read<T>(file: string | URL): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

describe("the shared flags", () => {
  const { definitions, cases } = read<{ definitions: Record<string, Definition>; cases: FlagCase[] }>(
    new URL("../../../tests/vectors/flags.json", import.meta.url),
  );
  for (const { rule, definition: name, now, zone, answers, values, flags: expected } of cases) {
    test(rule, () => {
      const definition = definitions[name] as Definition;
      const context = contextAt(Date.parse(now), zone);
      expect(Object.fromEntries(new Engine(definition, answers, context).values)).toEqual(values);
      expect(flags(definition, answers, context)).toEqual(expected);
    });
  }
});

// The server's side generates what follows and sets these variables; see tests/checklists/test_agreement.py.
const expressions = process.env.STEPPE_GENERATED_EXPRESSIONS;
const forms = process.env.STEPPE_GENERATED_FORMS;

test.runIf(expressions !== undefined)("generated expressions give the same bytes in both languages", () => {
  const differing = vectors(expressions ?? "")
    .map((vector) => ({ ...vector, got: described(evaluate(vector.ast, scopeOf(vector.context))) }))
    .filter(({ expected, got }) => JSON.stringify(got.value) !== JSON.stringify(expected.value));
  expect(differing.slice(0, 5)).toEqual([]);
});

test.runIf(forms !== undefined)("generated forms, edited step by step, stay what their answers say", () => {
  const ended = read<FilledForm[]>(forms ?? "").map(({ definition, edits, lastSaved, now, zone }) => {
    const context = contextAt(Date.parse(now), zone);
    const extras = { lastSaved, seed: "seed" };
    const fill = openFill(definition, {}, context, extras);
    const begun = fill.answers();
    for (const edit of edits) {
      apply(fill, edit);
      drawn(fill); // so that a view kept too long would show
    }
    const answers = fill.answers();
    if (Object.keys(answers).length > 0) {
      const anew = openFill(definition, answers, context, extras);
      expect(anew.sections(), JSON.stringify(edits)).toEqual(fill.sections());
      expect(drawn(anew), JSON.stringify(edits)).toEqual(drawn(fill));
    }
    const views = fill.sections().flatMap(({ nodes }) => [...viewsIn(nodes)]);
    const engine = new Engine(definition, answers, context, extras);
    const finished = fill.finish();
    if (finished.ready) expect(finished.answers).toEqual(Object.fromEntries(engine.values));
    return {
      begun,
      answers,
      values: Object.fromEntries(engine.values),
      paths: views.map(({ path }) => path),
      irrelevant: views.flatMap(({ path, relevant }) => (relevant ? [] : [path])).sort(),
      gaps: gapsOf(views),
      flags: flagsOf(engine),
    };
  });
  writeFileSync(process.env.STEPPE_ENDED ?? "", JSON.stringify(ended));
});

function apply(fill: Fill, [kind, name, ...rest]: FilledForm["edits"][number]): void {
  const path = placed(fill, name);
  if (path === undefined) return;
  if (kind === "set") fill.set(path, rest[0] as Answer | null);
  if (kind === "addRow") fill.addRow(path, String(rest[0]));
  if (kind === "set" || kind === "addRow") return;
  const row = placed(fill, `${path}/${String(rest[0])}`)?.slice(path.length + 1);
  if (row === undefined) return;
  if (kind === "removeRow") fill.removeRow(path, row);
  else fill.moveRow(path, row, Number(rest[1]));
}

/** A path with its rows by place, as it is now; undefined when there is no such row. */
function placed(fill: Fill, name: string): string | undefined {
  const answers = fill.answers();
  let path = "";
  for (const part of name.split("/")) {
    const rows = answers[path];
    const own = part.startsWith("#") && typeof rows === "object" ? rows[Number(part.slice(1))] : part;
    if (own === undefined || own.startsWith("#")) return undefined;
    path = path === "" ? own : `${path}/${own}`;
  }
  return path;
}

/** What is drawn besides views: texts with their output values, and the choices offered. */
function drawn(fill: Fill): unknown {
  return fill
    .sections()
    .flatMap(({ nodes }) => [...viewsIn(nodes)])
    .map(({ path, question }) => [path, fill.text(question.label, path, "en"), fill.choices(path)]);
}

function gapsOf(views: readonly QuestionView[]): [string, string][] {
  return views
    .flatMap(({ path, problem }): [string, string][] => (problem === undefined ? [] : [[path, problem.kind]]))
    .sort();
}
