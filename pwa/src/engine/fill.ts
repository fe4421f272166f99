/**
 * The state of one checklist being filled: answers in, what to draw out. Knows no framework and no storage; a screen
 * subscribes, and after each change draws the paths it is told.
 */

import { uuid7 } from "../wire/ids";
import { faultOf, inListOrder, isEmpty } from "./answers";
import type { Answer, Answers, Definition, Question, Texts } from "./definition";
import { Drawing } from "./drawing";
import { Engine } from "./engine";
import { flagsOf } from "./flags";
import type { Entry, Rows } from "./form";
import { type Context, isoNow, isoToday } from "./functions/dates";
import { enclosing, placeOf, prefixOf, shared } from "./paths";
import type { Line } from "./texts/marks";
import {
  type ChoiceView,
  type Fill,
  type FillExtras,
  type FillProblem,
  type Finished,
  type QuestionView,
  type RemovedRow,
  type SectionView,
  viewsIn,
} from "./views";

export type * from "./views";
export { isAsked } from "./views";

/**
 * Opens a checklist for filling. `answers` are a draft's, or empty for a new one, which then begins with the form's
 * defaults and what the phone fills in by itself.
 */
export function openFill(definition: Definition, answers: Answers, context: Context, extras: FillExtras = {}): Fill {
  return new OpenFill(definition, answers, context, extras);
}

class OpenFill implements Fill {
  readonly definition: Definition;
  version = 0;
  readonly #engine: Engine;
  readonly #drawing: Drawing;
  readonly #listeners = new Set<(paths: ReadonlySet<string>) => void>();

  constructor(definition: Definition, answers: Answers, context: Context, extras: FillExtras) {
    this.definition = definition;
    const isNew = Object.keys(answers).length === 0;
    const begun = isNew ? metadataOf(definition, context, extras.metadata ?? {}) : answers;
    this.#engine = new Engine(definition, begun, context, { ...extras, isNew });
    this.#drawing = new Drawing(this.#engine, extras.seed ?? uuid7());
  }

  answers(): Answers {
    return Object.fromEntries(this.#engine.raw);
  }

  set(path: string, answer: Answer | null | undefined): void {
    const { prefix, id } = placeOf(path);
    const entry = this.#engine.index.entries.get(id);
    if (entry === undefined || entry.calculates || entry.question.type === "metadata") return;
    if (!this.#engine.held.isRow(prefix, entry.chain)) return;
    if (answer === undefined || answer === null || isEmpty(answer)) this.#engine.raw.delete(path);
    else this.#engine.raw.set(path, this.#ordered(entry.question, answer));
    const touched = this.#settle(id, prefix);
    for (const triggered of this.#engine.index.triggered.get(id) ?? [])
      this.#trigger(triggered, entry, prefix, touched);
    this.#tell(touched);
  }

  /** Known choices in list order, so that the same choices are always the same answer. */
  #ordered(question: Question, answer: Answer): Answer {
    if (question.type !== "select_multiple" || typeof answer !== "object") return answer;
    const known = inListOrder(this.definition, question, answer);
    return known.length === answer.length ? known : answer;
  }

  /** Calculates what the observer's change of a question triggers, in every row that sees it. */
  #trigger(triggered: Entry, by: Entry, prefix: string, touched: Set<string>): void {
    const { question, chain } = triggered;
    const within = enclosing(prefix, shared(chain, by.chain));
    for (const row of this.#engine.held.prefixes(chain, [within])) {
      const { calculation } = question;
      const own = this.#engine.values.get(row + question.id);
      this.#engine.keep(triggered, row, calculation ? this.#engine.valueAt(triggered, row, calculation, own) : "");
      this.#settle(question.id, row, touched);
    }
  }

  addRow(repeatPath: string, row: string): void {
    const rows = this.#rowsAt(repeatPath);
    const standing = this.#engine.held.rowsOf(repeatPath);
    if (rows === undefined || rows.repeat.count !== undefined || standing.includes(row)) return;
    this.#engine.held.raw.set(repeatPath, [...standing, row]);
    this.#engine.held.values.set(repeatPath, [...standing, row]);
    this.#engine.beginRow(rows, prefixOf(repeatPath, row));
    this.#tell(this.#settle(rows.repeat.id, placeOf(repeatPath).prefix));
  }

  removeRow(repeatPath: string, row: string): RemovedRow | undefined {
    const rows = this.#rowsAt(repeatPath);
    const { held } = this.#engine;
    const standing = held.rowsOf(repeatPath);
    const index = standing.indexOf(row);
    if (rows === undefined || rows.repeat.count !== undefined || index < 0) return undefined;
    const prefix = prefixOf(repeatPath, row);
    const answers = held.within(prefix);
    for (const path of Object.keys(answers)) held.raw.delete(path);
    held.forget(prefix);
    this.#drawing.forget(prefix);
    this.#setRows(rows, repeatPath, standing.toSpliced(index, 1));
    return { repeat: repeatPath, row, index, answers };
  }

  restoreRow({ repeat, row, index, answers }: RemovedRow): void {
    const rows = this.#rowsAt(repeat);
    const standing = this.#engine.held.rowsOf(repeat);
    if (rows === undefined || standing.includes(row)) return;
    for (const [path, answer] of Object.entries(answers)) this.#engine.raw.set(path, answer);
    this.#setRows(rows, repeat, standing.toSpliced(index, 0, row));
  }

  moveRow(repeatPath: string, row: string, to: number): void {
    const rows = this.#rowsAt(repeatPath);
    const standing = this.#engine.held.rowsOf(repeatPath);
    const from = standing.indexOf(row);
    if (rows === undefined || rows.repeat.count !== undefined || from < 0 || from === to) return;
    this.#setRows(rows, repeatPath, standing.toSpliced(from, 1).toSpliced(to, 0, row));
  }

  /** The repeat at a path, if the form has it there. */
  #rowsAt(repeatPath: string): Rows | undefined {
    const { prefix, id } = placeOf(repeatPath);
    const rows = this.#engine.index.repeats.get(id);
    return rows !== undefined && this.#engine.held.isRow(prefix, rows.outer) ? rows : undefined;
  }

  #setRows({ repeat }: Rows, repeatPath: string, rows: readonly string[]): void {
    if (rows.length === 0) this.#engine.raw.delete(repeatPath);
    else this.#engine.raw.set(repeatPath, rows);
    this.#tell(this.#settle(repeat.id, placeOf(repeatPath).prefix));
  }

  /** Takes up a change, and clears answers that are offered no more because of it. Returns the paths to draw again. */
  #settle(id: string, prefix: string, touched = new Set<string>()): Set<string> {
    const { changed, unchecked } = this.#engine.settle(id, prefix);
    const paths = new Set([prefix + id, ...changed, ...unchecked]);
    this.#drawing.touch(paths);
    for (const path of paths) touched.add(path);
    for (const path of unchecked) {
      if (path !== prefix + id && this.#clearUnoffered(path)) {
        const place = placeOf(path);
        this.#settle(place.id, place.prefix, touched);
      }
    }
    return touched;
  }

  /** Takes away what a filter no longer offers; of a ranking, the whole. Whether something was taken away. */
  #clearUnoffered(path: string): boolean {
    const { question } = this.#engine.index.entries.get(placeOf(path).id) ?? {};
    const answer = this.#engine.values.get(path);
    const canChange = question?.filter !== undefined || question?.rows !== undefined;
    if (!canChange || answer === undefined) return false;
    const offered = new Set(this.#drawing.choices(path).map(({ name }) => name));
    const chosen = typeof answer === "object" ? answer : [String(answer)];
    const left = chosen.filter((name) => offered.has(name));
    if (left.length === chosen.length) return false;
    if (left.length === 0 || question.type === "rank") this.#engine.raw.delete(path);
    else this.#engine.raw.set(path, left);
    return true;
  }

  #tell(paths: ReadonlySet<string>): void {
    this.version += 1;
    for (const listener of [...this.#listeners]) listener(paths);
  }

  question(path: string): QuestionView | undefined {
    return this.#drawing.question(path);
  }

  choices(path: string): readonly ChoiceView[] {
    return this.#drawing.choices(path);
  }

  text(texts: Texts, path: string, language: string): string {
    return this.#drawing.text(texts, path, language);
  }

  lines(texts: Texts, path: string, language: string): readonly Line[] {
    return this.#drawing.lines(texts, path, language);
  }

  section(id: string): SectionView | undefined {
    const section = this.definition.sections.find((one) => one.id === id);
    return section === undefined ? undefined : this.#drawing.section(section);
  }

  sections(): readonly SectionView[] {
    return this.definition.sections.map((section) => this.#drawing.section(section));
  }

  tick(context: Context): void {
    this.#engine.context = context;
    this.#engine.settleAll();
    this.#drawing.touchAll();
    this.#tell(new Set(this.#paths()));
  }

  *#paths(): Generator<string> {
    for (const entry of this.#engine.index.entries.values()) yield* this.#engine.pathsOf(entry);
  }

  finish(): Finished {
    const problems = this.#problems();
    if (problems.length > 0) return { ready: false, problems };
    return { ready: true, answers: this.counted(), flags: flagsOf(this.#engine) };
  }

  counted(): Answers {
    const { values, index, held, context } = this.#engine;
    const answers: Record<string, Answer> = {};
    for (const { repeat, outer } of index.repeats.values()) {
      for (const prefix of held.prefixes(outer)) {
        const rows = held.countedRows(prefix + repeat.id);
        if (rows.length > 0) answers[prefix + repeat.id] = rows;
      }
    }
    for (const path of this.#paths()) {
      const value = values.get(path);
      const entry = index.entries.get(placeOf(path).id);
      // An earlier app may have kept in a draft what nobody can correct: the server would refuse the report.
      const isUnfit = entry?.uncorrectable && faultOf(this.definition, entry.question, value) !== null;
      if (value !== undefined && !isUnfit) answers[path] = value;
    }
    for (const { question } of index.entries.values()) {
      if (question.metadata === "end") answers[question.id] = isoNow(context);
    }
    return answers;
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

/** What the phone fills into a new checklist by itself; `end` waits for the end. */
function metadataOf(definition: Definition, context: Context, given: Readonly<Record<string, string>>): Answers {
  const answers: Record<string, Answer> = {};
  for (const { nodes } of definition.sections) {
    for (const node of nodes) {
      if ("repeat" in node || node.metadata === undefined || node.metadata === "end") continue;
      const clock: Record<string, string> = { start: isoNow(context), today: isoToday(context) };
      const answer = clock[node.metadata] ?? given[node.metadata];
      if (answer) answers[node.id] = answer;
    }
  }
  return answers;
}
