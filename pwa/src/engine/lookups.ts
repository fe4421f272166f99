/** Choosing rows of choice lists and tables by predicates. The twin of `backend/steppe/checklists/expressions/lookups.py`. */

import { operandsOf, sizeOf } from "./chains";
import type { Ast, AstPart } from "./definition";
import { truthOf, type Value } from "./functions/values";
import type { Source } from "./sources";

/** Of a scope, what a lookup moves: the row of a choice list or table at hand. */
export interface RowScope {
  item: { readonly source: Source; readonly at: number } | undefined;
  /** Takes operations off the budget of this evaluation; throws OverBudget. */
  spend(operations: number): void;
}

/** The evaluator of expressions: predicates hold lookups and lookups hold predicates, so it is handed in. */
type Evaluate<S> = (ast: Ast, scope: S) => Value;

/**
 * The 0-based places of the rows that every predicate leaves, in order. A predicate that is a number chooses by
 * 1-based place among the rows left so far.
 */
export function chosenItems<S extends RowScope>(
  source: Source,
  predicates: readonly Ast[],
  scope: S,
  evaluate: Evaluate<S>,
): readonly number[] {
  const outer = scope.item;
  let left: readonly number[] | undefined;
  for (const predicate of predicates) left = narrowed(source, predicate, left, scope, evaluate);
  scope.item = outer;
  return left ?? everyPlace(source);
}

function everyPlace({ size }: Source): number[] {
  return Array.from({ length: size }, (_, at) => at);
}

function narrowed<S extends RowScope>(
  source: Source,
  predicate: Ast,
  left: readonly number[] | undefined,
  scope: S,
  evaluate: Evaluate<S>,
): readonly number[] {
  const { found, rest } = byHash(source, predicate, left, scope, evaluate);
  if (rest.length === 0) return found;
  scope.spend(sizeOf(predicate) * found.length);
  return found.filter((at, place) => {
    scope.item = { source, at };
    return rest.every((ast) => holdsFor(evaluate(ast, scope), place + 1));
  });
}

function holdsFor(value: Value, place: number): boolean {
  return typeof value === "number" ? value === place : truthOf(value);
}

/**
 * An equality of a column and something that no row changes is found by hash; what else the predicate asks is left to
 * be asked of the rows found. Most filters and lookups are such an equality.
 */
function byHash<S extends RowScope>(
  source: Source,
  predicate: Ast,
  left: readonly number[] | undefined,
  scope: S,
  evaluate: Evaluate<S>,
): { found: readonly number[]; rest: readonly Ast[] } {
  if (left === undefined) {
    const parts = conjuncts(predicate);
    for (const [index, part] of parts.entries()) {
      const sides = sidesOf(part);
      if (sides === undefined) continue;
      const wanted = evaluate(sides.wanted, scope);
      if (typeof wanted === "number" || typeof wanted === "boolean") continue;
      return { found: placesOf(source, sides.column, wanted), rest: parts.toSpliced(index, 1).map(asCondition) };
    }
  }
  return { found: left ?? everyPlace(source), rest: [predicate] };
}

function placesOf(source: Source, column: string, wanted: string | readonly string[]): readonly number[] {
  if (typeof wanted === "string") return source.places(column, wanted);
  const texts = [...new Set(wanted)];
  return texts.flatMap((text) => source.places(column, text)).sort((one, other) => one - other);
}

/** `a and b and c` as its parts. A part is a condition even where it is a number, which alone would be a place. */
function conjuncts(ast: Ast): Ast[] {
  if (ast[0] !== "and") return [ast];
  return operandsOf(ast, "and").flatMap((operand) => (typeof operand === "object" ? conjuncts(operand) : []));
}

function asCondition(ast: Ast): Ast {
  return ["call", "boolean", ast];
}

function sidesOf([kind, left, right]: Ast): { column: string; wanted: Ast } | undefined {
  if (kind !== "=" || typeof left !== "object" || typeof right !== "object") return undefined;
  if (left[0] === "col" && !readsColumn(right)) return { column: String(left[1]), wanted: right };
  if (right[0] === "col" && !readsColumn(left)) return { column: String(right[1]), wanted: left };
  return undefined;
}

/** Whether an expression reads a column of the row at hand; predicates of a lookup inside it have rows of their own. */
function readsColumn(ast: Ast): boolean {
  if (ast[0] === "col") return true;
  return ast[0] !== "items" && ast.some((part: AstPart) => typeof part === "object" && readsColumn(part));
}
