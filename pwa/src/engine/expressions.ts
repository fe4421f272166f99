/**
 * Evaluates expressions: AST in, value out, never throws. The same AST gives the same bytes in
 * `backend/steppe/checklists/expressions/expressions.py`; `tests/vectors/expressions.json` is run by both.
 */

import { operandsOf } from "./chains";
import type { Ast, AstPart } from "./definition";
import { FUNCTIONS, type FunctionScope, kindAt } from "./functions/functions";
import {
  areEqual,
  isOrdered,
  nodesOf,
  numberOf,
  pairOf,
  textOf,
  textOfAnswer,
  truthOf,
  type Value,
} from "./functions/values";
import { chosenItems, type RowScope } from "./lookups";
import { repeatOf } from "./reads";
import type { Source } from "./sources";

/** What an expression is evaluated in: the answers as seen from its place, its own answer, the row and the clock. */
export interface Scope extends FunctionScope, RowScope {
  /** The raw answer of a question with one answer here, or the node-set of one with many. */
  read(question: string): Read;
  /** Answer of the question the expression belongs to. */
  readonly self: unknown;
  /** A choice list or table by name. */
  source(name: string): Source | undefined;
  /** The rows of a repeat, seen from here: their answers as columns, and the prefix of each. */
  rowsOf(repeat: string): RowsRead;
  /** Whether the question at a path does not apply. */
  isIrrelevant(path: string): boolean;
  /** The answer at a path, as text. */
  answerAt(path: string): string;
  /** The answer of a question in rows chosen by their 1-based number: repeat id → number. */
  indexed(question: string, rows: ReadonlyMap<string, number>): string;
  /** The answer of a question when this form was last finished on this phone. */
  lastSaved(question: string): string;
}

/** `one` is an answer as stored (undefined when there is none), `many` a node-set. */
export type Read = { readonly one: unknown } | { readonly many: readonly string[] };

/** Rows of a repeat that conditions choose from. */
export interface RowsRead {
  readonly source: Source;
  readonly prefixes: readonly string[];
}

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "-": (a, b) => a - b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};

/** The value of an expression. */
export function evaluate(ast: Ast, scope: Scope): Value {
  const [kind, first, second] = ast;
  switch (kind) {
    case "n":
    case "s":
    case "b":
      return first as number | string | boolean;
    case "ref": {
      const read = scope.read(String(first));
      if (!("many" in read)) return textOfAnswer(read.one);
      scope.spend(read.many.length);
      return read.many;
    }
    case "self":
      return textOfAnswer(scope.self);
    case "col":
      return scope.item?.source.column(String(first))[scope.item.at] ?? "";
    case "items":
      return items(ast, scope);
    case "call":
      return call(ast, scope);
    case "neg":
      return -number(first, scope);
    case "or":
      return operandsOf(ast, kind).some((operand) => truth(operand, scope));
    case "and":
      return operandsOf(ast, kind).every((operand) => truth(operand, scope));
    case "+":
    case "*":
      return folded(kind, ast, scope);
    case "=":
    case "!=":
      return areEqual(...compared(first, second, scope), scope.context, kind === "=");
  }
  const relation = RELATIONS[kind];
  if (relation !== undefined) {
    return isOrdered(...compared(first, second, scope), scope.context, relation);
  }
  if (kind === "-") {
    const [one, other] = pairOf(value(first, scope), value(second, scope), scope.context);
    return one - other;
  }
  const arithmetic = ARITHMETIC[kind];
  return arithmetic === undefined ? "" : arithmetic(number(first, scope), number(second, scope));
}

/** Both sides of a comparison; node-sets are compared each with each. */
function compared(left: AstPart | undefined, right: AstPart | undefined, scope: Scope): [Value, Value] {
  const one = value(left, scope);
  const other = value(right, scope);
  if (typeof one === "object" || typeof other === "object") {
    scope.spend((typeof one === "object" ? one.length : 1) * (typeof other === "object" ? other.length : 1));
  }
  return [one, other];
}

/** A chain from the left, as pairs would come out: rounding is the same. */
function folded(operator: "+" | "*", ast: Ast, scope: Scope): number {
  const numbers = operandsOf(ast, operator).map((operand) => number(operand, scope));
  return numbers.reduce((whole, other) => (operator === "+" ? whole + other : whole * other));
}

/** The expression as a condition: XPath's `boolean()` of its value. */
export function holds(ast: Ast, scope: Scope): boolean {
  return truthOf(evaluate(ast, scope));
}

/** Every question an expression reads. */
export function referencesOf(ast: Ast, found: Set<string> = new Set()): Set<string> {
  if (ast[0] === "ref") found.add(String(ast[1]));
  for (const part of ast) if (typeof part === "object") referencesOf(part, found);
  return found;
}

/** `instance('source')/root/item[…]…/column`: the cells of the rows that every predicate leaves; `""` counts them. */
function items([, name, conditions, column]: Ast, scope: Scope): readonly string[] {
  const predicates = typeof conditions === "object" ? (conditions as unknown as Ast[]) : [];
  const repeat = repeatOf(String(name));
  if (repeat !== undefined) return rowItems(scope.rowsOf(repeat), predicates, String(column), scope);
  const source = scope.source(String(name));
  if (source === undefined) return [];
  const places = chosenItems(source, predicates, scope, evaluate);
  if (column === "") return places.map(() => "");
  const cells = source.column(String(column));
  return places.map((at) => cells[at] ?? "");
}

/** The answers of a question in the rows that every predicate leaves; rows in which it does not apply are left out. */
function rowItems(
  { source, prefixes }: RowsRead,
  predicates: readonly Ast[],
  column: string,
  scope: Scope,
): readonly string[] {
  const places = chosenItems(source, predicates, scope, evaluate);
  if (column === "") return places.map(() => "");
  scope.spend(places.length);
  return places
    .map((at) => (prefixes[at] ?? "") + column)
    .filter((path) => !scope.isIrrelevant(path))
    .map((path) => scope.answerAt(path));
}

function value(part: AstPart | undefined, scope: Scope): Value {
  return typeof part === "object" ? evaluate(part, scope) : "";
}

function number(part: AstPart | undefined, scope: Scope): number {
  return numberOf(value(part, scope), scope.context);
}

function truth(part: AstPart | undefined, scope: Scope): boolean {
  return truthOf(value(part, scope));
}

function call(ast: Ast, scope: Scope): Value {
  const name = String(ast[1]);
  if (name === "if") return value(truth(ast[2], scope) ? ast[3] : ast[4], scope);
  if (name === "once") return textOfAnswer(scope.self) || textOf(value(ast[2], scope));
  if (name === "last-saved") return scope.lastSaved(idOf(ast[2]));
  if (name === "indexed-repeat") return indexed(ast, scope);
  const signature = FUNCTIONS[name];
  if (signature === undefined) return "";
  const values: unknown[] = [];
  for (let index = 2; index < ast.length; index += 1) {
    values.push(converted(ast[index], kindAt(signature, index - 2), scope));
  }
  return signature.apply(scope, ...values);
}

function indexed(ast: Ast, scope: Scope): string {
  const rows = new Map<string, number>();
  for (let at = 3; at + 1 < ast.length; at += 2) rows.set(idOf(ast[at]), number(ast[at + 1], scope));
  return scope.indexed(idOf(ast[2]), rows);
}

function idOf(part: AstPart | undefined): string {
  return typeof part === "object" ? String(part[1]) : "";
}

function converted(part: AstPart | undefined, kind: string, scope: Scope): Value {
  const given = value(part, scope);
  if (kind === "n") return numberOf(given, scope.context);
  if (kind === "s") return textOf(given);
  if (kind === "b") return truthOf(given);
  return kind === "N" ? nodesOf(given) : given;
}
