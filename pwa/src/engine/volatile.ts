/**
 * Calculations that come out differently when they are run again: what the phone stored stands.
 * The twin of `backend/steppe/checklists/evaluation/volatile.py`.
 */

import type { Ast, AstPart } from "./definition";

/** Functions that draw by chance: drawn once for each answer, then kept. */
const DRAWING: ReadonlySet<string> = new Set(["random", "uuid"]);

/** Functions only a phone can answer: the server never calculates what calls them. */
const GIVEN: ReadonlySet<string> = new Set(["last-saved", "property", ...DRAWING]);

/** Whether an expression draws by chance. */
export function isDrawn(ast: Ast): boolean {
  return calls(ast, DRAWING);
}

/** Whether an expression calls what only a phone can answer. */
export function isGiven(ast: Ast): boolean {
  return calls(ast, GIVEN);
}

function calls(ast: Ast, names: ReadonlySet<string>): boolean {
  if (ast[0] === "call" && names.has(String(ast[1]))) return true;
  return ast.some((part: AstPart) => typeof part === "object" && calls(part, names));
}
