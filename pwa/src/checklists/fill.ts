/**
 * The state of one checklist being filled: answers in, what to draw out. Knows no framework and no storage; a screen
 * subscribes, and after each change draws the paths it is told.
 */

import { answerOfValue, faultOf, inListOrder, isEmpty, placeOf, rowPath } from "./answers";
import type { Context } from "./dates";
import {
  type Answer,
  type Answers,
  type Definition,
  isRepeat,
  type Question,
  type Repeat,
  type Section,
  type Texts,
} from "./definition";
import { Engine, type Entry } from "./engine";
import { type Flag, flagsAt, flagsOf } from "./flags";

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

/**
 * Opens a checklist for filling. `answers` are a draft's, or empty for a new one, which then begins with the form's
 * defaults.
 */
export function openFill(definition: Definition, answers: Answers, context: Context): Fill {
  return new OpenFill(definition, answers, context);
}

class OpenFill implements Fill {
  readonly definition: Definition;
  version = 0;
  readonly #engine: Engine;
  readonly #views = new Map<string, QuestionView>();
  readonly #sections = new Map<string, SectionView>();
  readonly #listeners = new Set<(paths: ReadonlySet<string>) => void>();

  constructor(definition: Definition, answers: Answers, context: Context) {
    this.definition = definition;
    this.#engine = new Engine(definition, answers, context);
    if (Object.keys(answers).length > 0) return;
    for (const entry of this.#engine.index.entries.values()) {
      if (entry.repeat === undefined) this.#begin(entry, undefined);
    }
    this.#engine.settleAll();
  }

  answers(): Answers {
    return Object.fromEntries(this.#engine.raw);
  }

  set(path: string, answer: Answer | null | undefined): void {
    const { question: id, repeat, row } = placeOf(path);
    const entry = this.#engine.index.entries.get(id);
    if (entry === undefined || entry.repeat !== repeat || entry.question.calculation) return;
    if (repeat !== undefined && !this.#engine.rowsOf(repeat).includes(row ?? "")) return;
    if (answer === undefined || answer === null || isEmpty(answer)) this.#engine.raw.delete(path);
    else this.#engine.raw.set(path, this.#ordered(entry.question, answer));
    this.#settle(id, row, path);
  }

  /** Known choices in list order, so that the same choices are always the same answer. */
  #ordered(question: Question, answer: Answer): Answer {
    if (question.type !== "select_multiple" || typeof answer !== "object") return answer;
    const known = inListOrder(this.definition, question, answer);
    return known.length === answer.length ? known : answer;
  }

  addRow(repeat: string, row: string): void {
    const rows = this.#engine.rowsOf(repeat);
    if (!this.#engine.index.repeats.has(repeat) || rows.includes(row)) return;
    this.#engine.raw.set(repeat, [...rows, row]);
    this.#engine.values.set(repeat, [...rows, row]);
    for (const entry of this.#engine.index.entries.values()) {
      if (entry.repeat === repeat) this.#begin(entry, row);
    }
    this.#settle(repeat, undefined, repeat);
  }

  removeRow(repeat: string, row: string): RemovedRow | undefined {
    const { raw, values, irrelevant } = this.#engine;
    const rows = this.#engine.rowsOf(repeat);
    const index = rows.indexOf(row);
    if (index < 0) return undefined;
    const answers: Record<string, Answer> = {};
    for (const { id } of this.#engine.index.repeats.get(repeat)?.questions ?? []) {
      const path = rowPath(repeat, row, id);
      const answer = raw.get(path);
      if (answer !== undefined) answers[path] = answer;
      raw.delete(path);
      values.delete(path);
      irrelevant.delete(path);
      this.#views.delete(path);
    }
    this.#setRows(repeat, rows.toSpliced(index, 1));
    return { repeat, row, index, answers };
  }

  restoreRow({ repeat, row, index, answers }: RemovedRow): void {
    const rows = this.#engine.rowsOf(repeat);
    if (!this.#engine.index.repeats.has(repeat) || rows.includes(row)) return;
    for (const [path, answer] of Object.entries(answers)) this.#engine.raw.set(path, answer);
    this.#setRows(repeat, rows.toSpliced(index, 0, row));
  }

  moveRow(repeat: string, row: string, to: number): void {
    const rows = this.#engine.rowsOf(repeat);
    const from = rows.indexOf(row);
    if (from < 0 || from === to) return;
    this.#setRows(repeat, rows.toSpliced(from, 1).toSpliced(to, 0, row));
  }

  #setRows(repeat: string, rows: readonly string[]): void {
    if (rows.length === 0) this.#engine.raw.delete(repeat);
    else this.#engine.raw.set(repeat, rows);
    this.#settle(repeat, undefined, repeat);
  }

  /** Gives a question its default, where it has one and no answer yet. */
  #begin(entry: Entry, row: string | undefined): void {
    const { question, repeat } = entry;
    const path = repeat === undefined || row === undefined ? question.id : rowPath(repeat, row, question.id);
    if (question.default === undefined || this.#engine.raw.has(path)) return;
    const value = this.#engine.valueAt(entry, row, question.default, undefined);
    const answer = answerOfValue(this.definition, question, value, this.#engine.context.offset);
    if (answer === undefined) return;
    this.#engine.raw.set(path, answer);
    this.#engine.values.set(path, answer);
  }

  #settle(id: string, row: string | undefined, path: string): void {
    const { changed, unchecked } = this.#engine.settle(id, row);
    unchecked.add(path);
    for (const touched of unchecked) this.#views.delete(touched);
    for (const touched of unchecked) this.#sections.delete(this.#sectionOf(touched));
    for (const touched of changed) this.#sections.delete(this.#sectionOf(touched));
    this.#tell(unchecked);
  }

  #sectionOf(path: string): string {
    const { index } = this.#engine;
    const repeat = index.repeats.get(path);
    const question = repeat?.questions[0]?.id ?? placeOf(path).question;
    return index.entries.get(question)?.section ?? path;
  }

  #tell(paths: ReadonlySet<string>): void {
    this.version += 1;
    for (const listener of [...this.#listeners]) listener(paths);
  }

  question(path: string): QuestionView | undefined {
    const held = this.#views.get(path);
    if (held !== undefined) return held;
    const { question, repeat, row } = placeOf(path);
    const entry = this.#engine.index.entries.get(question);
    if (entry === undefined || entry.repeat !== repeat) return undefined;
    if (repeat !== undefined && !this.#engine.rowsOf(repeat).includes(row ?? "")) return undefined;
    const view = this.#viewAt(entry, row, path);
    this.#views.set(path, view);
    return view;
  }

  #viewAt(entry: Entry, row: string | undefined, path: string): QuestionView {
    const { question } = entry;
    const relevant = !this.#engine.irrelevant.has(path);
    const value = this.#engine.values.get(path);
    const required =
      relevant &&
      question.type !== "note" &&
      question.required !== undefined &&
      this.#engine.holdsAt(entry, row, question.required, value);
    const problem = relevant ? this.#problemAt(entry, row, value, required) : undefined;
    const found = relevant ? flagsAt(this.#engine, entry, row, path) : [];
    const soft = found.some(({ kind }) => kind === "soft");
    return {
      path,
      question,
      relevant,
      required,
      ...(value === undefined ? {} : { value }),
      ...(problem === undefined ? {} : { problem }),
      ...(soft ? { soft: question.soft_message ? { message: question.soft_message } : {} } : {}),
      flags: found,
    };
  }

  #problemAt(
    entry: Entry,
    row: string | undefined,
    value: Answer | undefined,
    required: boolean,
  ): QuestionView["problem"] {
    const { question } = entry;
    if (value === undefined) return required ? problemOf("required", question.required_message) : undefined;
    if (faultOf(this.definition, question, value) !== null) return problemOf("type", undefined);
    if (
      question.type === "select_multiple" &&
      typeof value === "object" &&
      value.length > 1 &&
      value.includes("none")
    ) {
      return problemOf("exclusive", undefined);
    }
    if (question.constraint === undefined || this.#engine.holdsAt(entry, row, question.constraint, value)) {
      return undefined;
    }
    return problemOf("constraint", question.constraint_message);
  }

  section(id: string): SectionView | undefined {
    const section = this.definition.sections.find((one) => one.id === id);
    return section === undefined ? undefined : this.#sectionView(section);
  }

  sections(): readonly SectionView[] {
    return this.definition.sections.map((section) => this.#sectionView(section));
  }

  #sectionView(section: Section): SectionView {
    const held = this.#sections.get(section.id);
    if (held !== undefined) return held;
    const nodes = section.nodes.map((node) => (isRepeat(node) ? this.#repeatView(section, node) : this.#view(node.id)));
    const view: SectionView = {
      section,
      relevant: !this.#engine.irrelevant.has(section.id),
      nodes,
      progress: progressOf(nodes),
    };
    this.#sections.set(section.id, view);
    return view;
  }

  #repeatView(section: Section, repeat: Repeat): RepeatView {
    return {
      repeat,
      relevant: !this.#engine.irrelevant.has(section.id) && !this.#engine.irrelevant.has(repeat.id),
      rows: this.#engine.rowsOf(repeat.id).map((id, at) => ({
        id,
        position: at + 1,
        questions: repeat.questions.map((question) => this.#view(rowPath(repeat.id, id, question.id))),
      })),
    };
  }

  #view(path: string): QuestionView {
    const view = this.question(path);
    if (view === undefined) throw new Error(`${this.definition.id} asks no ${path}`);
    return view;
  }

  tick(context: Context): void {
    this.#engine.context = context;
    this.#engine.settleAll();
    this.#views.clear();
    this.#sections.clear();
    this.#tell(new Set(this.#paths()));
  }

  *#paths(): Generator<string> {
    for (const entry of this.#engine.index.entries.values()) yield* this.#engine.pathsOf(entry);
  }

  finish(): Finished {
    const problems = this.#problems();
    if (problems.length > 0) return { ready: false, problems };
    const { values, index } = this.#engine;
    const answers: Record<string, Answer> = {};
    for (const repeat of index.repeats.keys()) {
      const rows = values.get(repeat);
      if (rows !== undefined) answers[repeat] = rows;
    }
    for (const path of this.#paths()) {
      const value = values.get(path);
      if (value !== undefined) answers[path] = value;
    }
    return { ready: true, answers, flags: flagsOf(this.#engine) };
  }

  #problems(): FillProblem[] {
    const problems: FillProblem[] = [];
    for (const { section, nodes } of this.sections()) {
      for (const { path, question, problem } of viewsIn(nodes)) {
        if (problem) problems.push({ path, question: question.id, section: section.id, ...problem });
      }
    }
    return problems;
  }

  subscribe(listener: (paths: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function problemOf(kind: ProblemKind, message: Texts | undefined): { kind: ProblemKind; message?: Texts } {
  return message === undefined ? { kind } : { kind, message };
}

function* viewsIn(nodes: SectionView["nodes"]): Generator<QuestionView> {
  for (const node of nodes) {
    if ("repeat" in node) for (const row of node.rows) yield* row.questions;
    else yield node;
  }
}

function progressOf(nodes: SectionView["nodes"]): Progress {
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
