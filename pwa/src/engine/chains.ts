/**
 * Long sums, products and conditions: pairs inside pairs, or one flat node. Both are read from the left, without a stack.
 * The twin of `backend/steppe/checklists/expressions/chains.py`, which says when a chain is flat.
 */

import type { Ast, AstPart } from "./definition";

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
