/**
 * Long sums, products and conditions: pairs inside pairs, or one flat node. Both are read from the left, without a stack.
 * The twin of `backend/steppe/checklists/expressions/chains.py`, which says when a chain is flat.
 */

import type { Ast, AstPart } from "./definition";

const CHAINED: ReadonlySet<string> = new Set(["+", "*", "and", "or"]);

/** How many nodes an AST has, a chain counted by its operands alone: the same in both shapes. */
export function sizeOf(ast: Ast): number {
  let size = 0;
  const ahead: AstPart[] = [ast];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    if (typeof node !== "object") continue;
    if (!CHAINED.has(node[0])) size += 1;
    const parts = node[0] === "items" ? (node[2] as unknown as AstPart[]) : (node.slice(1) as AstPart[]);
    for (const part of parts) if (typeof part === "object") ahead.push(part);
  }
  return size;
}

/** The operands of a chain of one operator, first to last; of any other AST itself alone. */
export function operandsOf(ast: Ast, operator: string): AstPart[] {
  const behind: AstPart[][] = [];
  let first: AstPart = ast;
  while (typeof first === "object" && first[0] === operator) {
    const [, inner, ...rest] = first as unknown as [string, AstPart, ...AstPart[]];
    behind.push(rest);
    first = inner;
  }
  return [first, ...behind.reverse().flat()];
}
