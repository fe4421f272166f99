/** What expressions and texts read. */

import type { Ast, Texts } from "./definition";

/** `near` are read as the reader's row sees them; `whole` are read in rows chosen by number, whichever row reads. */
export interface Reads {
  readonly near: Set<string>;
  readonly whole: Set<string>;
}

/** What these expressions, and the output values of these texts, read. */
export function readsOf(asts: readonly (Ast | undefined)[], texts: readonly (Texts | undefined)[] = []): Reads {
  const reads: Reads = { near: new Set(), whole: new Set() };
  for (const ast of asts) if (ast !== undefined) collect(ast, reads);
  for (const each of texts) {
    for (const text of Object.values(each ?? {}))
      for (const [, name = ""] of text.matchAll(OUTPUT)) reads.near.add(name);
  }
  return reads;
}

/** An output value in a text: `${name}`. */
export const OUTPUT = /\$\{\s*([^\s{}]+)\s*\}/g;

/** The repeat whose rows an `items` node chooses from; undefined for a list or table. */
export function repeatOf(source: string): string | undefined {
  return source.startsWith("${") ? source.slice(2, -1) : undefined;
}

/** Conditions on rows of a repeat read every row, whichever row reads. */
function collectRows([, source, predicates, column]: Ast, reads: Reads): void {
  const repeat = repeatOf(String(source));
  if (repeat === undefined) return;
  reads.whole.add(repeat);
  if (column !== "") reads.whole.add(String(column));
  if (typeof predicates === "object") collectColumns(predicates, reads);
}

function collectColumns(ast: Ast, reads: Reads): void {
  if (ast[0] === "col" && ast[1] !== "position()") reads.whole.add(String(ast[1]));
  if (ast[0] === "items") return;
  for (const part of ast) if (typeof part === "object") collectColumns(part, reads);
}

function collect(ast: Ast, reads: Reads): void {
  const [kind, first] = ast;
  if (kind === "items") collectRows(ast, reads);
  if (kind === "ref") reads.near.add(String(first));
  // What was answered in an earlier report does not change while this one is filled.
  if (kind === "call" && first === "last-saved") return;
  if (kind === "call" && first === "indexed-repeat") {
    const [question, ...rest] = ast.slice(2);
    if (typeof question === "object") reads.whole.add(String(question[1]));
    for (const [at, part] of rest.entries()) {
      if (typeof part !== "object") continue;
      if (at % 2 === 0) reads.whole.add(String(part[1]));
      else collect(part, reads);
    }
    return;
  }
  for (const part of ast) if (typeof part === "object") collect(part, reads);
}
