/** A checklist being filled, as screens see it. */

import type { Answer, Answers, Definition, Media, Question, Repeat, Section, Texts } from "./definition";
import type { Flag } from "./flags";
import type { Context } from "./functions/dates";
import type { Line } from "./texts/marks";

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
  /** Whether the answer is shown, not to be changed: always, or now. */
  readonly readOnly: boolean;
  /** The answer, or the calculated value; absent while there is none. */
  readonly value?: Answer;
  readonly problem?: { readonly kind: ProblemKind; readonly message?: Texts };
  /** The soft check says otherwise: saves and finishes, but flags. */
  readonly soft?: { readonly message?: Texts };
  readonly flags: readonly Flag[];
}

/** A choice as it is offered now. */
export interface ChoiceView {
  readonly name: string;
  readonly label: Texts;
  readonly media?: Media;
}

export interface RowView {
  readonly id: string;
  /** 1-based. */
  readonly position: number;
  /** The questions of this row, rows of nested repeats not included. */
  readonly questions: readonly QuestionView[];
  /** Questions and nested repeats in the order they are drawn. */
  readonly nodes: readonly (QuestionView | RepeatView)[];
}

export interface RepeatView {
  readonly repeat: Repeat;
  /** `outer`, or `outer/row/inner` when it is nested: what the ways to change rows take. */
  readonly path: string;
  readonly relevant: boolean;
  /** How many rows its count asks for: such rows are not added or removed by hand. Absent without a count. */
  readonly count?: number;
  readonly rows: readonly RowView[];
}

export interface SectionView {
  readonly section: Section;
  readonly relevant: boolean;
  readonly nodes: readonly (QuestionView | RepeatView)[];
  readonly progress: Progress;
}

/** Counts over the relevant questions that an observer answers (`isAsked`). */
export interface Progress {
  readonly answered: number;
  readonly unanswered: number;
  readonly flagged: number;
  readonly problems: number;
}

/** A removed row with what was in it, to bring it back. `repeat` is the repeat's path. */
export interface RemovedRow {
  readonly repeat: string;
  readonly row: string;
  readonly index: number;
  readonly answers: Answers;
}

export type Finished =
  | { readonly ready: false; readonly problems: readonly FillProblem[] }
  | { readonly ready: true; readonly answers: Answers; readonly flags: readonly Flag[] };

/** What a checklist may know besides its answers. */
export interface FillExtras {
  /** The answers of the report of this form that was last finished on this phone. */
  readonly lastSaved?: Answers;
  /** Kind of `metadata` question → its answer in a new checklist: `deviceid`, `username`, … Times come from the clock. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the order of shuffled choices hangs on, the same whenever the draft is opened: the submission's id. */
  readonly seed?: string;
}

export interface Fill {
  readonly definition: Definition;
  /** Goes up with every change. */
  readonly version: number;
  /** Every answer given, irrelevant ones and calculations included: what a draft saves. */
  answers(): Answers;
  /** Takes an answer; undefined, null, "" and [] clear it. Unknown paths and calculated questions are left alone. */
  set(path: string, answer: Answer | null | undefined): void;
  /** Adds a row at the end of the repeat at a path, with its defaults. `row` is a new UUIDv7 of the caller. */
  addRow(repeatPath: string, row: string): void;
  removeRow(repeatPath: string, row: string): RemovedRow | undefined;
  restoreRow(removed: RemovedRow): void;
  /** Moves a row to a 0-based place. */
  moveRow(repeatPath: string, row: string, to: number): void;
  question(path: string): QuestionView | undefined;
  /** What the question at a path offers now, in the order to show it; the same array until that changes. */
  choices(path: string): readonly ChoiceView[];
  /**
   * The words of a text in a language, each `${name}` in it replaced by the answer as seen at `path`: the path of a
   * question or a repeat, or of a row (`repeat/row`).
   */
  text(texts: Texts, path: string, language: string): string;
  /** The same with its emphasis, headings and colours; the answers in it stay as they were given. */
  lines(texts: Texts, path: string, language: string): readonly Line[];
  section(id: string): SectionView | undefined;
  /** All sections, irrelevant ones included. */
  sections(): readonly SectionView[];
  /** Takes up a later moment: expressions that read the clock are evaluated anew. */
  tick(context: Context): void;
  /** The problems that block, or the cleaned answers with their flags; changes nothing. */
  finish(): Finished;
  /** The answers that count, as a finished report holds them, whatever is still missing; changes nothing. */
  counted(): Answers;
  /** Called after each change with the paths that changed. Returns the way to stop. */
  subscribe(listener: (paths: ReadonlySet<string>) => void): () => void;
}

/**
 * Whether an observer answers a question: not what is only read, calculated, hidden or filled in by the phone, and not
 * the head of a grid.
 */
export function isAsked({ type, calculation, trigger, appearance }: Question): boolean {
  return !UNASKED.has(type) && !appearance?.includes("label") && (calculation === undefined || trigger !== undefined);
}

const UNASKED: ReadonlySet<string> = new Set(["note", "calculate", "hidden", "metadata"]);

/** Every question of some nodes in the order they are drawn, row by row. */
export function* viewsIn(nodes: SectionView["nodes"]): Generator<QuestionView> {
  for (const node of nodes) {
    if ("repeat" in node) for (const row of node.rows) yield* viewsIn(row.nodes);
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
    if (!isAsked(question)) continue;
    if (value === undefined) unanswered += 1;
    else answered += 1;
  }
  return { answered, unanswered, flagged, problems };
}
