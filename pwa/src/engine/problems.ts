/** What keeps a checklist from being finished, answer by answer. Nothing keeps it from being saved. */

import { faultOf } from "./answers";
import type { Texts } from "./definition";
import type { Engine } from "./engine";
import type { Entry } from "./form";
import type { ProblemKind, QuestionView } from "./views";

/** What keeps the answer at a place from being finished; undefined when nothing does. */
export function problemAt(engine: Engine, entry: Entry, prefix: string, required: boolean): QuestionView["problem"] {
  const { question } = entry;
  // Whoever cannot correct an answer is not kept waiting for another: it is flagged instead.
  if (entry.uncorrectable || engine.isReadOnly(entry, prefix)) return undefined;
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
