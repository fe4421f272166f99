/** A checklist being filled, as screens see it. */

import type { Context } from "./dates";
import type { Answer, Answers, Definition, Question, Repeat, Section, Texts } from "./definition";
import type { Flag } from "./flags";

export type ProblemKind = "required" | "constraint" | "type" | "exclusive";

/** What keeps a checklist from being finished. `message` is the form author's, when there is one. */
export interface FillProblem {
  readonly path: string;
  readonly question: string;
  readonly section: string;
  readonly kind: ProblemKind;
  readonly message?: Texts;
}

/** A question as it stands now; the same object until something about it changes. */
export interface QuestionView {
  readonly path: string;
  readonly question: Question;
  readonly relevant: boolean;
  readonly required: boolean;
  /** The answer, or the calculated value; absent while there is none. */
  readonly value?: Answer;
  readonly problem?: { readonly kind: ProblemKind; readonly message?: Texts };
  /** The soft check says otherwise: saves and finishes, but flags. */
  readonly soft?: { readonly message?: Texts };
  readonly flags: readonly Flag[];
}

export interface RowView {
  readonly id: string;
  /** 1-based. */
  readonly position: number;
  readonly questions: readonly QuestionView[];
}

export interface RepeatView {
  readonly repeat: Repeat;
  readonly relevant: boolean;
  readonly rows: readonly RowView[];
}

export interface SectionView {
  readonly section: Section;
  readonly relevant: boolean;
  readonly nodes: readonly (QuestionView | RepeatView)[];
  readonly progress: Progress;
}

/** Counts over the relevant questions that an observer answers: notes and calculations do not count. */
export interface Progress {
  readonly answered: number;
  readonly unanswered: number;
  readonly flagged: number;
  readonly problems: number;
}

/** A removed row with what was in it, to bring it back. */
export interface RemovedRow {
  readonly repeat: string;
  readonly row: string;
  readonly index: number;
  readonly answers: Answers;
}

export type Finished =
  | { readonly ready: false; readonly problems: readonly FillProblem[] }
  | { readonly ready: true; readonly answers: Answers; readonly flags: readonly Flag[] };

export interface Fill {
  readonly definition: Definition;
  /** Goes up with every change. */
  readonly version: number;
  /** Every answer given, irrelevant ones and calculations included: what a draft saves. */
  answers(): Answers;
  /** Takes an answer; undefined, null, "" and [] clear it. Unknown paths and calculated questions are left alone. */
  set(path: string, answer: Answer | null | undefined): void;
  /** Adds a row at the end with its defaults. `row` is a new UUIDv7 of the caller. */
  addRow(repeat: string, row: string): void;
  removeRow(repeat: string, row: string): RemovedRow | undefined;
  restoreRow(removed: RemovedRow): void;
  /** Moves a row to a 0-based place. */
  moveRow(repeat: string, row: string, to: number): void;
  question(path: string): QuestionView | undefined;
  section(id: string): SectionView | undefined;
  /** All sections, irrelevant ones included. */
  sections(): readonly SectionView[];
  /** Takes up a later moment: expressions that read the clock are evaluated anew. */
  tick(context: Context): void;
  /** The problems that block, or the cleaned answers with their flags; changes nothing. */
  finish(): Finished;
  /** Called after each change with the paths that changed. Returns the way to stop. */
  subscribe(listener: (paths: ReadonlySet<string>) => void): () => void;
}

/** Every question of some nodes in document order, row by row. */
export function* viewsIn(nodes: SectionView["nodes"]): Generator<QuestionView> {
  for (const node of nodes) {
    if ("repeat" in node) for (const row of node.rows) yield* row.questions;
    else yield node;
  }
}

/** The progress of a section. */
export function progressOf(nodes: SectionView["nodes"]): Progress {
  let answered = 0;
  let unanswered = 0;
  let flagged = 0;
  let problems = 0;
  for (const { question, relevant, value, problem, flags } of viewsIn(nodes)) {
    if (!relevant) continue;
    if (problem !== undefined && problem.kind !== "required") problems += 1;
    if (flags.length > 0) flagged += 1;
    if (question.type === "note" || question.calculation) continue;
    if (value === undefined) unanswered += 1;
    else answered += 1;
  }
  return { answered, unanswered, flagged, problems };
}
