/** Repeats whose number of rows is calculated. */

import { isEmpty } from "./answers";
import type { FormState } from "./formState";
import { placeOf, prefixOf } from "./paths";

/** More rows than any form asks for; a slip in a count must not freeze a phone. */
export const MOST_ROWS = 1000;

/** The rows that a count asks for: whole, none below zero or for what is no number. */
export function wantedRows(count: number): number {
  return Number.isNaN(count) ? 0 : Math.trunc(Math.min(MOST_ROWS, Math.max(0, count)));
}

/**
 * Gives a repeat the rows its count asks for. Rows are added at the end; from the end go those in which nothing was
 * answered. Answered rows beyond the count are kept, but do not stand: they come back when the count does.
 * Repeats that do not apply keep the rows they have.
 */
export function adjustRows(
  held: FormState,
  path: string,
  wanted: number,
  applies: boolean,
  newRow: () => string,
): { added: string[]; gone: string[] } {
  const before = held.rowsOf(path);
  held.limits.set(path, wanted);
  if (applies) {
    const given = held.raw.get(path);
    const rows = typeof given === "object" ? [...given] : [];
    const { length } = rows;
    while (rows.length > wanted && isUnanswered(held, prefixOf(path, rows.at(-1) ?? ""))) rows.pop();
    while (rows.length < wanted) rows.push(newRow());
    if (rows.length === 0) held.raw.delete(path);
    else if (rows.length !== length) held.raw.set(path, rows);
  }
  const after = held.rowsOf(path);
  return {
    added: after.filter((row) => !before.includes(row)),
    gone: before.filter((row) => !after.includes(row)),
  };
}

function isUnanswered(held: FormState, prefix: string): boolean {
  for (const [path, answer] of held.raw) {
    if (!path.startsWith(prefix) || isEmpty(answer)) continue;
    const entry = held.index.entries.get(placeOf(path).id);
    if (entry !== undefined && !entry.calculates) return false;
  }
  return true;
}
