/** What keeps a checklist from being finished, answer by answer. Nothing keeps it from being saved. */

import { faultOf } from "./answers";
import type { Texts } from "./definition";
import type { Engine } from "./engine";
import type { Entry } from "./form";
import { truthOf } from "./functions/values";
import type { ProblemKind, QuestionView } from "./views";

/** Whether the answer at a place is only read: always, or while its condition holds; one beyond its limits does not. */
export function isReadOnly(engine: Engine, { question, chain }: Entry, prefix: string): boolean {
  if (question.read_only_when === undefined) return question.read_only === true;
  const own = engine.values.get(prefix + question.id);
  return truthOf(engine.valueAt({ chain }, prefix, question.read_only_when, own));
}

/** What keeps the answer at a place from being finished; undefined when nothing does. */
export function problemAt(engine: Engine, entry: Entry, prefix: string, required: boolean): QuestionView["problem"] {
  const { question } = entry;
  // Whoever cannot correct an answer is not kept waiting for another: it is flagged instead.
  if (entry.uncorrectable || isReadOnly(engine, entry, prefix)) return undefined;
  const value = engine.values.get(prefix + question.id);
  if (value === undefined) return required ? problemOf("required", question.required_message) : undefined;
  if (faultOf(engine.definition, question, value) !== null) return problemOf("type", undefined);
  if (question.type === "select_multiple" && typeof value === "object" && value.length > 1 && value.includes("none")) {
    return problemOf("exclusive", undefined);
  }
  if (question.constraint === undefined || engine.holdsAt(entry, prefix, question.constraint, value)) {
    return undefined;
  }
  return problemOf("constraint", question.constraint_message);
}

function problemOf(kind: ProblemKind, message: Texts | undefined): { kind: ProblemKind; message?: Texts } {
  return message === undefined ? { kind } : { kind, message };
}
