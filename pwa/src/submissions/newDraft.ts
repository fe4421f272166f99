import type { Draft } from "../app/ports";
import type { Definition } from "../engine/definition";
import { uuid7 } from "../wire/ids";

/** A draft with nothing answered; `checklist` is the id of the version it is begun on. */
export function newDraft(checklist: string, definition: Definition, begun: { short?: boolean } = {}): Draft {
  const now = new Date().toISOString();
  return {
    submission: uuid7(),
    checklist,
    form: definition.id,
    title: definition.title,
    answers: {},
    at: { section: definition.sections[0]?.id ?? "" },
    startedAt: now,
    savedAt: now,
    ...(begun.short ? { short: true } : {}),
  };
}
