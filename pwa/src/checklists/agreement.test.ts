import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contextAt } from "./dates";
import type { Answer, Answers, Definition } from "./definition";
import { Engine } from "./engine";
import { evaluate } from "./expressions";
import { type Fill, openFill, type QuestionView } from "./fill";
import { type Flag, flags } from "./flags";
import { indexOf } from "./form";
import { described, scopeOf, vectors } from "./vectors";

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
  edits: [keyof Fill, string, ...unknown[]][];
  now: string;
  zone: string;
  answers: Answers;
  values: Answers;
  irrelevant: string[];
  gaps: [string, string][];
  flags: Flag[];
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

test.runIf(forms !== undefined)("generated forms end alike, edited step by step here and evaluated whole there", () => {
  for (const form of read<FilledForm[]>(forms ?? "")) {
    const context = contextAt(Date.parse(form.now), form.zone);
    const fill = openFill(form.definition, {}, context);
    for (const edit of form.edits) {
      apply(fill, edit);
      fill.sections(); // draws, so that a view kept too long would show
    }
    const views = viewsOf(fill);
    const edits = JSON.stringify(form.edits);
    expect(valuesOf(views), edits).toEqual(withoutRows(form));
    expect(
      views
        .filter(({ relevant }) => !relevant)
        .map(({ path }) => path)
        .sort(),
      edits,
    ).toEqual(form.irrelevant.filter((path) => views.some((view) => view.path === path)));
    expect(gapsOf(views), edits).toEqual(form.gaps);
    expect(byPath(views.flatMap((view) => view.flags)), edits).toEqual(byPath(form.flags));
    expect(flags(form.definition, form.answers, context), edits).toEqual(form.flags);
    const finished = fill.finish();
    if (finished.ready) expect(finished.answers, edits).toEqual(form.values);
  }
});

function apply(fill: Fill, [kind, name, ...rest]: FilledForm["edits"][number]): void {
  if (kind === "set") fill.set(name, rest[0] as Answer | null);
  else if (kind === "addRow") fill.addRow(name, String(rest[0]));
  else if (kind === "removeRow") fill.removeRow(name, String(rest[0]));
  else fill.moveRow(name, String(rest[0]), Number(rest[1]));
}

function viewsOf(fill: Fill): QuestionView[] {
  return fill
    .sections()
    .flatMap(({ nodes }) =>
      nodes.flatMap((node) => ("rows" in node ? node.rows.flatMap((row) => row.questions) : [node])),
    );
}

function valuesOf(views: readonly QuestionView[]): Answers {
  return Object.fromEntries(views.flatMap(({ path, value }) => (value === undefined ? [] : [[path, value]])));
}

function withoutRows({ definition, values }: FilledForm): Answers {
  const { repeats } = indexOf(definition);
  return Object.fromEntries(Object.entries(values).filter(([path]) => !repeats.has(path)));
}

/** Required and constraint only: the server has no list of wrong types here, and the generator makes none. */
function gapsOf(views: readonly QuestionView[]): [string, string][] {
  return views
    .flatMap(({ path, problem }): [string, string][] => (problem === undefined ? [] : [[path, problem.kind]]))
    .sort();
}

function byPath(found: readonly Flag[]): Flag[] {
  return [...found].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
