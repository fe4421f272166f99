/**
 * Calculations that come out differently when they are run again: what the phone stored stands.
 * The twin of `backend/steppe/checklists/evaluation/volatile.py`.
 */

import type { Ast, AstPart } from "./definition";

/** Functions that draw by chance: drawn once for each answer, then kept. */
const DRAWING: ReadonlySet<string> = new Set(["random", "uuid"]);

/** Whether an expression draws by chance. */
export function isDrawn(ast: Ast): boolean {
  if (ast[0] === "call" && DRAWING.has(String(ast[1]))) return true;
  return ast.some((part: AstPart) => typeof part === "object" && isDrawn(part));
}
