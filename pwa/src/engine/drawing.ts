/** What screens draw of a checklist: views, made when they are asked for and kept until something about them changes. */

import { type Ast, type Definition, isRepeat, type Question, type Section, type Texts, textIn } from "./definition";
import type { Engine } from "./engine";
import { evaluate } from "./expressions";
import { flagsAt } from "./flags";
import type { Entry, Rows } from "./form";
import { OverBudget } from "./functions/limits";
import { seedOfText, shuffled } from "./functions/shuffle";
import { numberOf, textOf } from "./functions/values";
import { chosenItems } from "./lookups";
import { choicesOf, filteredSource } from "./offered";
import { placeOf, prefixOf, standingAt } from "./paths";
import { problemAt } from "./problems";
import { OUTPUT } from "./reads";
import type { FormScope } from "./scope";
import type { Source } from "./sources";
import { type Line, linesOf, plainText, type Run } from "./texts/marks";
import {
  type ChoiceView,
  progressOf,
  type QuestionView,
  type RepeatView,
  type RowView,
  type SectionView,
} from "./views";

export class Drawing {
  readonly #engine: Engine;
  readonly #definition: Definition;
  readonly #seed: string;
  readonly #views = new Map<string, QuestionView>();
  readonly #sections = new Map<string, SectionView>();
  readonly #choices = new Map<string, { offered: readonly ChoiceView[]; isFresh: boolean }>();

  /** `seed`: what the order of shuffled choices hangs on. */
  constructor(engine: Engine, seed: string) {
    this.#engine = engine;
    this.#definition = engine.definition;
    this.#seed = seed;
  }

  /** Forgets what was drawn of these questions, repeats and sections. */
  touch(paths: Iterable<string>): void {
    for (const path of paths) {
      this.#views.delete(path);
      this.#sections.delete(this.#sectionOf(path));
      const held = this.#choices.get(path);
      if (held !== undefined) held.isFresh = false;
    }
  }

  /** Forgets a row that is gone. */
  forget(prefix: string): void {
    for (const held of [this.#views, this.#choices]) {
      for (const path of [...held.keys()]) if (path.startsWith(prefix)) held.delete(path);
    }
  }

  touchAll(): void {
    this.#views.clear();
    this.#sections.clear();
    for (const held of this.#choices.values()) held.isFresh = false;
  }

  #sectionOf(path: string): string {
    const { id } = placeOf(path);
    const { entries, repeats } = this.#engine.index;
    return entries.get(id)?.section ?? repeats.get(id)?.section ?? id;
  }

  question(path: string): QuestionView | undefined {
    const held = this.#views.get(path);
    if (held !== undefined) return held;
    const { prefix, id } = placeOf(path);
    const entry = this.#engine.index.entries.get(id);
    if (entry === undefined || !this.#engine.held.isRow(prefix, entry.chain)) return undefined;
    const view = this.#viewAt(entry, prefix);
    this.#views.set(path, view);
    return view;
  }

  #viewAt(entry: Entry, prefix: string): QuestionView {
    const { question } = entry;
    const path = prefix + question.id;
    const relevant = !this.#engine.irrelevant.has(path);
    const value = this.#engine.values.get(path);
    const required = relevant && this.#isRequired(entry, prefix);
    const problem = relevant ? problemAt(this.#engine, entry, prefix, required) : undefined;
    const found = relevant ? flagsAt(this.#engine, entry, prefix) : [];
    const soft = found.some(({ kind }) => kind === "soft");
    return {
      path,
      question,
      relevant,
      required,
      readOnly: this.#engine.isReadOnly(entry, prefix),
      ...(value === undefined ? {} : { value }),
      ...(problem === undefined ? {} : { problem }),
      ...(soft ? { soft: question.soft_message ? { message: question.soft_message } : {} } : {}),
      flags: found,
    };
  }

  #isRequired(entry: Entry, prefix: string): boolean {
    const { type, required, id } = entry.question;
    if (required === undefined || type === "metadata") return false;
    return this.#engine.holdsAt(entry, prefix, required, this.#engine.values.get(prefix + id));
  }

  choices(path: string): readonly ChoiceView[] {
    const held = this.#choices.get(path);
    if (held?.isFresh) return held.offered;
    const { prefix, id } = placeOf(path);
    const entry = this.#engine.index.entries.get(id);
    if (entry === undefined) return [];
    const found = this.#shuffled(entry, prefix, this.#filtered(entry, prefix));
    const offered = held !== undefined && isSame(held.offered, found) ? held.offered : found;
    this.#choices.set(path, { offered, isFresh: true });
    return offered;
  }

  #filtered(entry: Entry, prefix: string): readonly ChoiceView[] {
    const { question, chain } = entry;
    if (question.rows !== undefined) return this.#ofRows(entry, prefix, question.rows);
    const choices = choicesOf(this.#definition, question);
    const source = question.filter && filteredSource(this.#definition, question);
    if (question.filter === undefined || source === undefined) return choices;
    const scope = this.#engine.scopeAt(chain, prefix, this.#engine.values.get(prefix + question.id));
    return chosenRows(source, question.filter, scope).flatMap((at) => choices[at] ?? []);
  }

  /** What rows of a repeat answered, each answer once, as far as the filter lets it through. */
  #ofRows({ question, chain }: Entry, prefix: string, read: string): readonly ChoiceView[] {
    const scope = this.#engine.scopeAt(chain, prefix, this.#engine.values.get(prefix + question.id));
    const rows = scope.rowsWith(read);
    const answers = rows.column(read);
    const chosen = chosenRows(rows, question.filter, scope).map((at) => answers[at]);
    return [...new Set(chosen)].flatMap((name) =>
      name ? { name, label: Object.fromEntries(this.#definition.languages.map((language) => [language, name])) } : [],
    );
  }

  #shuffled(entry: Entry, prefix: string, choices: readonly ChoiceView[]): readonly ChoiceView[] {
    const { randomize, seed } = entry.question.parameters ?? {};
    if (String(randomize) !== "true") return choices;
    if (seed === undefined) return shuffled(choices, seedOfText(this.#seed + prefix + entry.question.id));
    const [, name] = [...String(seed).matchAll(OUTPUT)][0] ?? [];
    const value = name === undefined ? String(seed) : this.#engine.valueAt(entry, prefix, ["ref", name], undefined);
    return shuffled(choices, numberOf(value, this.#engine.context));
  }

  /** The words of a text in a language with its output values filled in, as seen at a path. */
  text(texts: Texts, path: string, language: string): string {
    return this.#filled(plainText(textIn(texts, language, this.#definition)), path);
  }

  /** The same as it is drawn. Values are put in last: what an observer typed is never read as marks. */
  lines(texts: Texts, path: string, language: string): readonly Line[] {
    const filled = (run: Run) => ({ ...run, text: this.#filled(run.text, path) });
    return linesOf(textIn(texts, language, this.#definition)).map((line) => ({ ...line, runs: line.runs.map(filled) }));
  }

  #filled(written: string, path: string): string {
    if (!written.includes("${")) return written;
    const prefix = standingAt(path);
    const chain = prefix.split("/").filter((_, at) => at % 2 === 0 && at < prefix.split("/").length - 1);
    return written.replace(OUTPUT, (_, name: string) =>
      textOf(evaluate(["ref", name], this.#engine.scopeAt(chain, prefix, undefined))),
    );
  }

  section(section: Section): SectionView {
    const held = this.#sections.get(section.id);
    if (held !== undefined) return held;
    const nodes = section.nodes.flatMap((node): readonly (QuestionView | RepeatView)[] => {
      if (!isRepeat(node)) return [this.#view(node)];
      const rows = this.#engine.index.repeats.get(node.id);
      return rows === undefined || rows.outer.length > 0 ? [] : [this.#repeatView(rows, "")];
    });
    const relevant = !this.#engine.irrelevant.has(section.id);
    const view: SectionView = { section, relevant, nodes, progress: progressOf(nodes) };
    this.#sections.set(section.id, view);
    return view;
  }

  #view({ id }: Question, prefix = ""): QuestionView {
    const view = this.question(prefix + id);
    if (view === undefined) throw new Error(`${this.#definition.id} asks no ${prefix}${id}`);
    return view;
  }

  #repeatView(rows: Rows, prefix: string): RepeatView {
    const path = prefix + rows.repeat.id;
    const { held, irrelevant } = this.#engine;
    const count = held.limits.get(path);
    return {
      repeat: rows.repeat,
      path,
      relevant: !irrelevant.has(path),
      ...(count === undefined ? {} : { count }),
      rows: held.rowsOf(path).map((id, at) => this.#rowView(rows, path, id, at + 1)),
    };
  }

  #rowView({ repeat, inner }: Rows, path: string, id: string, position: number): RowView {
    const prefix = prefixOf(path, id);
    const questions = repeat.questions.map((question) => this.#view(question, prefix));
    if (inner.length === 0) return { id, position, questions, nodes: questions };
    const nested = inner.map((rows) => this.#repeatView(rows, prefix));
    return { id, position, questions, nodes: inDrawingOrder(questions, nested) };
  }
}

/** Each nested repeat after the question or the repeat it names, or at the row's beginning. */
function inDrawingOrder(
  questions: readonly QuestionView[],
  nested: readonly RepeatView[],
): (QuestionView | RepeatView)[] {
  const following = (id: string | undefined): RepeatView[] =>
    nested.filter(({ repeat }) => repeat.after === id).flatMap((view) => [view, ...following(view.repeat.id)]);
  return [...following(undefined), ...questions.flatMap((view) => [view, ...following(view.question.id)])];
}

function isSame(one: readonly ChoiceView[], other: readonly ChoiceView[]): boolean {
  return one.length === other.length && one.every((choice, at) => choice === other[at]);
}

/** The rows a filter leaves; one that goes beyond its limits leaves all, so that every answer can be given. */
function chosenRows(source: Source, filter: Ast | undefined, scope: FormScope): readonly number[] {
  try {
    return chosenItems(source, filter ? [filter] : [], scope, evaluate);
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error;
    return Array.from({ length: source.size }, (_, at) => at);
  }
}
