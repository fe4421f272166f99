import { type Answers, type Definition, isRepeat, type Texts } from "../engine/definition";
import type { PlaceRef } from "../missions/places";
import { timelessId } from "../wire/ids";
import type { QueryRound } from "./readable/hqQueries";

/** Why a finished report gets a further revision: it said something wrong, something has happened since, or headquarters asked. */
export type ChangeReason = "correction" | "update" | "reply";

/** What a draft that changes a finished report was begun from. */
export interface Correction {
  reason: ChangeReason;
  /** The revisions whose answers it began with. */
  base: readonly string[];
  /** These answers: what differs from them when it is finished is what is sent. */
  from: Answers;
  /** How the report is called: LTO05-A017. */
  code: string;
  /** When its first revision was finished, ISO UTC. */
  madeAt: string;
  /** Paths that contradict and are decided by it: written whatever they say. */
  decides?: readonly string[];
  /** Another phone of the team began the report: it is in no count of this one's. */
  isPartners?: true;
  /** The query it answers: a reply that names it goes with it. `title`: how the outbox calls that. */
  reply?: { to: QueryRound; title: Texts };
}

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
  /** Of the questions that were asked when it was saved; drafts of an earlier app do not say. */
  progress?: { answered: number; total: number };
  /** Only the short form is asked. */
  short?: boolean;
  /** Paths of open questions that finishing has asked about: it does not ask about them again. */
  askedAtFinish?: readonly string[];
  /** The flash report begun because of an answer here. */
  flash?: string;
  /** Begun by an earlier app under this id (`timedDrafts.ts`): an open page may still ask for it by that. */
  earlier?: string;
  /** Places of the last visit that it began with, and that nobody has confirmed since. */
  lastVisit?: Answers;
  /** It changes a report that is finished already, of which it bears the id. */
  correction?: Correction;
  /** Figures of the team's own reports as proposed last; an answer that differs is a correction. */
  figures?: Answers;
}

/** How a finished report is called on the screen; content, so it lies in the vault. */
export interface ReportLabel {
  code: string;
  checklist: string;
  form: string;
  title: Texts;
  place?: PlaceRef | string;
  madeAt: string;
  /** It was finished in short form: what is not answered may not have been asked. */
  short?: boolean;
  /** It changes what an earlier revision of the same report says. */
  change?: ChangeReason;
  /** The flash report begun because of an answer of it. */
  flash?: string;
  /** It is no report: it takes one back, as it stood at these revisions. */
  withdraws?: { submission: string; heads: readonly string[] };
}

/** How a draft begins. */
export interface DraftStart {
  /** Ask the short form, where the checklist has one. */
  short?: boolean;
  /** What is known before anything is asked. */
  answers?: Answers;
}

/** A new draft; `checklist` is the id of the version it is begun on. */
export function newDraft(checklist: string, definition: Definition, begun: DraftStart = {}): Draft {
  const now = new Date().toISOString();
  return {
    submission: timelessId(),
    checklist,
    form: definition.id,
    title: definition.title,
    answers: begun.answers ?? {},
    at: { section: definition.sections[0]?.id ?? "" },
    startedAt: now,
    savedAt: now,
    ...(begun.short ? { short: true } : {}),
  };
}

/**
 * The words by which an observer tells this draft from another of the same checklist: the first text they wrote, in most
 * forms the locality or whom they met. "" while there is none; never one that names a source.
 */
export function firstWords(definition: Definition, answers: Answers): string {
  for (const node of definition.sections.flatMap(({ nodes }) => nodes)) {
    if (isRepeat(node) || node.type !== "text" || node.sealed || node.calculation || node.metadata) continue;
    // A place is an answer in words to whoever reads the card, and a code in the draft.
    if (node.location) continue;
    const answer = answers[node.id];
    if (typeof answer === "string" && answer.trim()) return answer.trim();
  }
  return "";
}
