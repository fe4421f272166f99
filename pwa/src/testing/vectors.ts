/** For tests: expressions as the shared vectors describe them, with answers, rows and a clock, without a form. */
import { readFileSync } from "node:fs";
import type { Ast, Definition, Table } from "../engine/definition";
import type { Read, Scope } from "../engine/expressions";
import { contextAt } from "../engine/functions/dates";
import { Budget } from "../engine/functions/limits";
import { textOfAnswer, textOfNumber, type Value } from "../engine/functions/values";
import { Source, sourceOf } from "../engine/sources";

export interface Given {
  now: string;
  zone: string;
  answers?: Record<string, unknown>;
  rows?: Record<string, string[]>;
  self?: unknown;
  position?: number;
  /** Places of the enclosing rows, nearest first. */
  outer?: number[];
  tables?: Record<string, Table>;
  lastSaved?: Record<string, unknown>;
  choices?: Record<string, Record<string, string>>;
}

export interface Vector {
  expr?: string;
  ast: Ast;
  context: Given;
  expected: { type: string; value: string | string[] };
}

export function scopeOf(given: Given): Scope {
  const budget = new Budget();
  const definition = { choices: {}, tables: given.tables ?? {} } as unknown as Definition;
  return {
    context: contextAt(Date.parse(given.now), given.zone),
    position: (up) => [given.position ?? 0, ...(given.outer ?? [])][up] ?? 0,
    self: given.self,
    version: "2021-01-05",
    property: () => "",
    spend: (operations) => budget.spend(operations),
    item: undefined,
    source: (name) => sourceOf(definition, name),
    rowsOf: () => ({ source: new Source(0, () => []), prefixes: [] }),
    isIrrelevant: () => false,
    answerAt: () => "",
    indexed: (question, rows) => given.rows?.[question]?.[(rows.get(`rows-of-${question}`) ?? 1) - 1] ?? "",
    lastSaved: (question) => textOfAnswer(given.lastSaved?.[question]),
    choiceName: (question, name) => given.choices?.[question]?.[name] ?? "",
    read(question): Read {
      const rows = given.rows?.[question];
      return rows === undefined ? { one: given.answers?.[question] } : { many: rows };
    },
  };
}

export function described(value: Value): Vector["expected"] {
  if (typeof value === "object") return { type: "nodes", value: [...value] };
  return { type: typeof value, value: typeof value === "number" ? textOfNumber(value) : String(value) };
}

export function vectors(file: string | URL): Vector[] {
  return JSON.parse(readFileSync(file, "utf8")) as Vector[];
}
