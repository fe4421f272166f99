/** What a form carries over from the report last finished on this phone: the questions its `last-saved` names. */
import { placeOf } from "../engine/answers";
import type { Answers, Definition } from "../engine/definition";

/** Those of the answers that a next report of this form will ask for; usually none. */
export function carriedAnswers(definition: Definition, answers: Answers): Answers {
  const asked = new Set<string>();
  collect(definition.sections, asked);
  if (asked.size === 0) return {};
  return Object.fromEntries(Object.entries(answers).filter(([path]) => asked.has(placeOf(path).id)));
}

/** Finds `["call", "last-saved", ["ref", question]]` anywhere in a definition: its texts hold no arrays. */
function collect(part: unknown, asked: Set<string>): void {
  if (typeof part !== "object" || part === null) return;
  if (Array.isArray(part) && part[0] === "call" && part[1] === "last-saved" && Array.isArray(part[2])) {
    asked.add(String(part[2][1]));
    return;
  }
  for (const inner of Object.values(part)) collect(inner, asked);
}
