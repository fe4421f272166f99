/**
 * Evaluates a filled checklist and keeps it evaluated: which answers count, what is calculated. After a change it looks
 * only at what reads the changed question, row by row, and stops where nothing changes any more.
 * `backend/steppe/checklists/evaluation.py` evaluates the same form as a whole and must come to the same values.
 */

import { answerOfValue, isEmpty, placeOf, rowPath } from "./answers";
import { Changes } from "./changes";
import type { Context } from "./dates";
import type { Answer, Answers, Ast, Definition, Question } from "./definition";
import { evaluate, holds, type Read, type Scope } from "./expressions";
import { type Container, type Entry, type Index, indexOf } from "./form";
import { textOfAnswer, type Value } from "./values";

export class Engine {
  readonly definition: Definition;
  readonly index: Index;
  context: Context;
  /** What the observer answered, irrelevant answers included: they come back when their question does. */
  readonly raw = new Map<string, Answer>();
  /** What counts: relevant answers and calculations. */
  readonly values = new Map<string, Answer>();
  /** Paths of questions and ids of sections and repeats that do not apply. */
  readonly irrelevant = new Set<string>();
  readonly #scope: EngineScope;

  constructor(definition: Definition, answers: Answers, context: Context) {
    this.definition = definition;
    this.index = indexOf(definition);
    this.context = context;
    this.#scope = new EngineScope(this);
    this.#take(answers);
    this.settleAll();
  }

  /** Keeps the answers that belong somewhere: strays of other versions and of removed rows are left out. */
  #take(answers: Answers): void {
    for (const repeat of this.index.repeats.keys()) {
      const rows = answers[repeat];
      if (Array.isArray(rows) && rows.length > 0) this.raw.set(repeat, rows);
    }
    for (const [path, answer] of Object.entries(answers)) {
      if (isEmpty(answer) || this.index.repeats.has(path)) continue;
      const { question, repeat, row } = placeOf(path);
      const entry = this.index.entries.get(question);
      if (entry === undefined || entry.repeat !== repeat) continue;
      if (repeat === undefined || this.rowsOf(repeat).includes(row ?? "")) this.raw.set(path, answer);
    }
  }

  /** The row ids of a repeat in order, whether it is relevant or not. */
  rowsOf(repeat: string): readonly string[] {
    const rows = this.raw.get(repeat);
    return typeof rows === "object" ? rows : [];
  }

  /** Every path where a question is asked. */
  pathsOf({ question, repeat }: Entry): string[] {
    if (repeat === undefined) return [question.id];
    return this.rowsOf(repeat).map((row) => rowPath(repeat, row, question.id));
  }

  /** Evaluates the whole form anew. */
  settleAll(): void {
    this.values.clear();
    this.irrelevant.clear();
    for (const [path, answer] of this.raw) this.values.set(path, answer);
    const changes = new Changes(this.index);
    for (const id of this.definition.order) this.#step(id, changes, true);
  }

  /**
   * Takes up a change of `raw`: of one answer (`row` when it is inside a repeat), or of a repeat's rows.
   * Returns the paths whose value or relevance changed and those whose checks must be looked at again.
   */
  settle(id: string, row?: string): { changed: Set<string>; unchecked: Set<string> } {
    const changes = new Changes(this.index);
    const entry = this.index.entries.get(id);
    if (entry !== undefined) this.#settleEntry(entry, row, changes);
    else this.#settleRows(id, changes);
    const dependants = this.definition.dependants[id] ?? [];
    for (const dependant of dependants) this.#step(dependant, changes, entry === undefined);
    return { changed: changes.paths, unchecked: this.#unchecked([id, ...dependants], changes) };
  }

  #settleRows(repeat: string, changes: Changes): void {
    const rows = this.raw.get(repeat);
    if (rows === undefined || !this.#applies(repeat)) this.values.delete(repeat);
    else this.values.set(repeat, rows);
    changes.mark(repeat, undefined, repeat);
    for (const question of this.index.repeats.get(repeat)?.questions ?? []) {
      const entry = this.index.entries.get(question.id);
      if (entry === undefined) continue;
      for (const row of this.rowsOf(repeat)) this.#settleEntry(entry, row, changes);
      changes.markAll(question.id);
    }
  }

  #step(id: string, changes: Changes, all: boolean): void {
    const container = this.index.containers.get(id);
    if (container !== undefined) {
      if (all || changes.reach(container.reads, undefined)) this.#settleContainer(container, changes);
      return;
    }
    const entry = this.index.entries.get(id);
    if (entry === undefined || (entry.question.relevant === undefined && entry.question.calculation === undefined)) {
      return;
    }
    const rows = all ? "all" : changes.reach(entry.settles, entry.repeat);
    if (rows === undefined) return;
    if (entry.repeat === undefined) this.#settleEntry(entry, undefined, changes);
    else for (const row of rows === "all" ? this.rowsOf(entry.repeat) : rows) this.#settleEntry(entry, row, changes);
  }

  #settleContainer(container: Container, changes: Changes): void {
    const relevant = holds(container.relevant, this.#scope.outside());
    if (relevant !== this.irrelevant.has(container.id)) return;
    if (relevant) this.irrelevant.delete(container.id);
    else this.irrelevant.add(container.id);
    changes.mark(container.id, undefined, container.id);
    for (const repeat of container.repeats) {
      const rows = this.raw.get(repeat);
      if (rows !== undefined && this.#applies(repeat)) this.values.set(repeat, rows);
      else this.values.delete(repeat);
      changes.mark(repeat, undefined, repeat);
    }
    for (const entry of container.entries) {
      if (entry.repeat === undefined) this.#settleEntry(entry, undefined, changes);
      else for (const row of this.rowsOf(entry.repeat)) this.#settleEntry(entry, row, changes);
      changes.markAll(entry.question.id);
    }
  }

  /** Whether a repeat and its section apply. */
  #applies(repeat: string): boolean {
    const section = this.index.entries.get(this.index.repeats.get(repeat)?.questions[0]?.id ?? "")?.section ?? "";
    return !this.irrelevant.has(repeat) && !this.irrelevant.has(section);
  }

  #settleEntry(entry: Entry, row: string | undefined, changes: Changes): void {
    const { question, repeat, section } = entry;
    const path = repeat === undefined || row === undefined ? question.id : rowPath(repeat, row, question.id);
    const scope = this.#scope.at(entry, row, this.raw.get(path));
    const applies = !this.irrelevant.has(section) && (repeat === undefined || !this.irrelevant.has(repeat));
    const relevant = applies && (question.relevant === undefined || holds(question.relevant, scope));
    if (relevant && question.calculation) this.#keep(path, question, evaluate(question.calculation, scope));
    const value = relevant ? this.raw.get(path) : undefined;
    if (relevant === this.irrelevant.has(path) || !isSame(this.values.get(path), value)) {
      if (relevant) this.irrelevant.delete(path);
      else this.irrelevant.add(path);
      if (value === undefined) this.values.delete(path);
      else this.values.set(path, value);
      changes.mark(question.id, row, path);
    }
  }

  #keep(path: string, question: Question, value: Value): void {
    const answer = answerOfValue(this.definition, question, value, this.context.offset);
    if (answer === undefined) this.raw.delete(path);
    else this.raw.set(path, answer);
  }

  #unchecked(ids: readonly string[], changes: Changes): Set<string> {
    const paths = new Set(changes.paths);
    for (const id of ids) {
      const entry = this.index.entries.get(id);
      if (entry === undefined) continue;
      const rows = changes.reach(entry.checks, entry.repeat);
      if (rows === undefined) continue;
      if (entry.repeat === undefined) paths.add(id);
      else
        for (const row of rows === "all" ? this.rowsOf(entry.repeat) : rows) paths.add(rowPath(entry.repeat, row, id));
    }
    return paths;
  }

  /** The value of an expression standing at a path. */
  valueAt(entry: Entry, row: string | undefined, ast: Ast, self: Answer | undefined): Value {
    return evaluate(ast, this.#scope.at(entry, row, self));
  }

  /** Whether a condition standing at a path holds for the answer there. */
  holdsAt(entry: Entry, row: string | undefined, ast: Ast, self: Answer | undefined): boolean {
    return holds(ast, this.#scope.at(entry, row, self));
  }
}

/** The answers as one question sees them. One object serves all: expressions do not outlive their evaluation. */
class EngineScope implements Scope {
  self: unknown = undefined;
  #repeat: string | undefined;
  #row: string | undefined;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get context(): Context {
    return this.#engine.context;
  }

  get position(): number {
    if (this.#repeat === undefined || this.#row === undefined) return 0;
    return this.#engine.rowsOf(this.#repeat).indexOf(this.#row) + 1;
  }

  outside(): this {
    this.#repeat = undefined;
    this.#row = undefined;
    this.self = undefined;
    return this;
  }

  at(entry: Entry, row: string | undefined, self: unknown): this {
    this.#repeat = entry.repeat;
    this.#row = row;
    this.self = self;
    return this;
  }

  read(question: string): Read {
    const { values, irrelevant, index } = this.#engine;
    if (index.repeats.has(question)) return { many: this.#counted(question).map(() => "") };
    const repeat = index.entries.get(question)?.repeat;
    if (repeat === undefined) return { one: values.get(question) };
    if (repeat === this.#repeat) return { one: values.get(rowPath(repeat, this.#row ?? "", question)) };
    const paths = this.#counted(repeat).map((row) => rowPath(repeat, row, question));
    return { many: paths.filter((path) => !irrelevant.has(path)).map((path) => textOfAnswer(values.get(path))) };
  }

  #counted(repeat: string): readonly string[] {
    const rows = this.#engine.values.get(repeat);
    return typeof rows === "object" ? rows : [];
  }

  choiceName(question: string, name: string): string {
    const { definition, index } = this.#engine;
    const choices = definition.choices[index.entries.get(question)?.question.list ?? ""] ?? [];
    return choices.find((choice) => choice.name === name)?.label[definition.default_language] ?? "";
  }
}

function isSame(one: Answer | undefined, other: Answer | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one.length !== other.length) return false;
  return one.every((item, at) => item === other[at]);
}
