import type { Answers, Definition, Texts } from "../engine/definition";
import { uuid7 } from "../wire/ids";

export interface Draft {
  submission: string;
  checklist: string;
  form: string;
  title: Texts;
  answers: Answers;
  /** Where the observer was: section id and question path. */
  at: { section: string; path?: string };
  startedAt: string;
  savedAt: string;
  /** Only the short form is asked. */
  short?: boolean;
  /** The flash report begun because of an answer here. */
  flash?: string;
  /** Figures of the team's own reports as proposed last; an answer that differs is a correction. */
  figures?: Answers;
}

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
