/** What a correction sends: only what is other than in the answers it was begun from (protocol.md §3). */

import type { Answer, Answers, Patch } from "../engine/answers";
import type { Definition } from "../engine/definition";
import { indexOf } from "../engine/form";
import { placeOf } from "../engine/paths";

/** Whether two answers say the same. */
export const isSame = (one: Answer | undefined, other: Answer | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * The paths whose answers are other in `after` than in `before`, each with its new answer, null where there is none now. A list
 * of rows is one answer; what a row held that is in no list any more goes with the list. `decides`: paths that are written
 * whatever they were.
 */
export function patchFrom(before: Answers, after: Answers, decides: readonly string[] = []): Patch {
  const patch: Record<string, Answer | null> = {};
  for (const path of new Set([...Object.keys(before), ...Object.keys(after), ...decides])) {
    const answer = after[path];
    const isLeft = isSame(before[path], answer) || (answer === undefined && !isInRows(after, path));
    if (isLeft && !decides.includes(path)) continue;
    patch[path] = answer ?? null;
  }
  return patch;
}

/** Whether every row that a path stands in is there. */
function isInRows(answers: Answers, path: string): boolean {
  const parts = path.split("/");
  return parts.every((row, at) => {
    if (at % 2 === 0) return true;
    const rows = answers[parts.slice(0, at).join("/")];
    return typeof rows === "object" && rows.includes(row);
  });
}

/** Whether somebody changed an answer: what is worked out, and what the phone fills in, changes by itself. */
export function isChangedByHand(definition: Definition, patch: Patch): boolean {
  const { entries } = indexOf(definition);
  return Object.keys(patch).some((path) => {
    const entry = entries.get(placeOf(path).id);
    return !entry?.calculates && entry?.question.type !== "metadata";
  });
}
