import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Answer, Definition } from "./definition";
import { type Fill, openFill } from "./fill";
import { contextAt } from "./functions/dates";
import { viewsIn } from "./views";

/** A small form as authors write them, what is filled into it, and where that must end (test_form_cases.py). */
interface FormCase {
  name: string;
  rule: string;
  /** The section of a specification whose sentence it holds, where it comes from one. */
  source?: string;
  definition: Definition;
  now?: string;
  zone?: string;
  fill?: ["set" | "addRow", string, Answer | null][];
  looked_at?: string[];
  values: Record<string, Answer | null>;
  choices?: Record<string, string[]>;
  irrelevant?: string[];
  relevant?: string[];
  gaps?: [string, string][];
  flags?: [string, string, number][];
}

const cases = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/forms.json", import.meta.url), "utf8"),
) as FormCase[];

describe("a form as authors write them", () => {
  for (const one of cases) {
    test(`${one.name}: ${one.rule}`, () => {
      const zone = one.zone ?? "Asia/Almaty";
      const began = one.now ?? "2021-01-10T09:00:00+00:00";
      const fill = openFill(one.definition, {}, contextAt(Date.parse(began), zone));
      for (const [kind, path, value] of one.fill ?? []) {
        if (kind === "addRow") fill.addRow(path, String(value));
        else fill.set(placed(fill, path), value);
      }
      for (const moment of one.looked_at ?? [began]) {
        fill.tick(contextAt(Date.parse(moment), zone));
        holds(fill, one);
      }
    });
  }
});

function holds(fill: Fill, { values, choices = {}, irrelevant = [], relevant = [], gaps = [], flags = [] }: FormCase) {
  const got = Object.keys(values).map((path) => [path, fill.question(placed(fill, path))?.value ?? null]);
  expect(Object.fromEntries(got)).toEqual(values);
  const offered = Object.keys(choices).map((path) => [path, fill.choices(placed(fill, path)).map(({ name }) => name)]);
  expect(Object.fromEntries(offered)).toEqual(choices);
  for (const path of irrelevant) expect(fill.question(placed(fill, path))?.relevant).toBe(false);
  for (const path of relevant) expect(fill.question(placed(fill, path))?.relevant).toBe(true);
  const finished = fill.finish();
  const problems = finished.ready ? [] : finished.problems.map(({ path, kind }) => [path, kind]);
  expect(problems).toEqual(gaps);
  if (finished.ready) expect(finished.flags.map((flag) => [flag.path, flag.kind, flag.severity])).toEqual(flags);
  const open = fill.sections().flatMap(({ nodes }) => [...viewsIn(nodes)].filter(({ problem }) => problem));
  expect(open.map(({ path }) => path)).toEqual(gaps.map(([path]) => path));
}

/** A path whose rows are said by place (`r/#0/q`). */
function placed(fill: Fill, name: string): string {
  const answers = fill.answers();
  let path = "";
  for (const part of name.split("/")) {
    const rows = answers[path];
    const own = part.startsWith("#") && typeof rows === "object" ? (rows[Number(part.slice(1))] ?? part) : part;
    path = path === "" ? own : `${path}/${own}`;
  }
  return path;
}
