/**
 * The state of one checklist being filled: answers in, what to draw out. Knows no framework and no storage; a screen
 * subscribes, and after each change draws the paths it is told.
 */

import { answerOfValue, inListOrder, isEmpty, placeOf, rowPath } from "./answers";
import type { Context } from "./dates";
import {
  type Answer,
  type Answers,
  type Definition,
  isRepeat,
  type Question,
  type Repeat,
  type Section,
} from "./definition";
import { Engine } from "./engine";
import { flagsAt, flagsOf } from "./flags";
import type { Entry } from "./form";
import { problemAt } from "./problems";
import {
  type Fill,
  type FillProblem,
  type Finished,
  progressOf,
  type QuestionView,
  type RemovedRow,
  type RepeatView,
  type SectionView,
  viewsIn,
} from "./views";

export type * from "./views";

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
    const problem = relevant ? problemAt(this.#engine, entry, row, required) : undefined;
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
