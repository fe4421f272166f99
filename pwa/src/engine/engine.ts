/**
 * Evaluates a filled checklist and keeps it evaluated: which answers count, what is calculated. After a change it looks
 * only at what reads the changed question, row by row, and stops where nothing changes any more.
 * `backend/steppe/checklists/evaluation/evaluation.py` evaluates the same form as a whole and must come to the same values.
 */

import { uuid7 } from "../wire/ids";
import { answerOfValue, faultOf } from "./answers";
import { Changes } from "./changes";
import type { Answer, Answers, Ast, Definition } from "./definition";
import { evaluate } from "./expressions";
import { type Entry, type Index, indexOf, type Part, type Rows } from "./form";
import { FormState } from "./formState";
import type { Context } from "./functions/dates";
import { OverBudget } from "./functions/limits";
import { numberOf, truthOf, type Value } from "./functions/values";
import { prefixOf } from "./paths";
import { adjustRows, wantedRows } from "./rowCounts";
import { type Begun, FormScope } from "./scope";
import { isDrawn, isGiven } from "./volatile";

export class Engine {
  readonly definition: Definition;
  readonly index: Index;
  readonly held: FormState;
  /** Path → question, repeat or section of what went beyond its limits since the form was last evaluated whole. */
  readonly unevaluated = new Map<string, string>();
  /** Path → question of a calculation whose value is no answer to it; there is none then. */
  readonly unfit = new Map<string, string>();
  readonly #scope: FormScope;

  constructor(definition: Definition, answers: Answers, context: Context, begun: Begun = {}) {
    this.definition = definition;
    this.index = indexOf(definition);
    this.held = new FormState(this.index);
    this.#scope = new FormScope(definition, this.held, context, begun);
    this.held.take(answers);
    if (begun.isNew) this.#beginAll();
    this.settleAll();
  }

  #beginAll(): void {
    for (const [path, answer] of this.raw) this.held.values.set(path, answer);
    for (const entry of this.index.entries.values()) if (entry.chain.length === 0) this.begin(entry, "");
  }

  get context(): Context {
    return this.#scope.context;
  }

  set context(context: Context) {
    this.#scope.context = context;
  }

  get raw(): Map<string, Answer> {
    return this.held.raw;
  }

  get values(): ReadonlyMap<string, Answer> {
    return this.held.values;
  }

  get irrelevant(): ReadonlySet<string> {
    return this.held.irrelevant;
  }

  /** Every path where a question is asked. */
  pathsOf({ question, chain }: Entry): string[] {
    return chain.length === 0 ? [question.id] : this.held.prefixes(chain).map((prefix) => prefix + question.id);
  }

  /** Evaluates the whole form anew. */
  settleAll(): void {
    const { values, irrelevant, limits, raw } = this.held;
    values.clear();
    irrelevant.clear();
    limits.clear();
    this.unevaluated.clear();
    this.unfit.clear();
    this.#scope.budget.renew();
    for (const [path, answer] of raw) values.set(path, answer);
    const changes = new Changes(this.index);
    for (const id of this.definition.order) this.#step(id, changes, true);
  }

  /**
   * Takes up a change of `raw` in one row (`""` outside all): of a question's answer, or of a repeat's rows.
   * Returns the paths whose value or relevance changed and those that must be drawn again.
   */
  settle(id: string, prefix: string): { changed: Set<string>; unchecked: Set<string> } {
    const changes = new Changes(this.index);
    this.#scope.budget.renew();
    const entry = this.index.entries.get(id);
    const rows = this.index.repeats.get(id);
    if (entry !== undefined) this.#settleEntry(entry, prefix, changes);
    if (rows !== undefined) this.#settleRows(rows, prefix, changes, true);
    for (const dependant of this.definition.dependants[id] ?? []) this.#step(dependant, changes, false);
    return { changed: changes.paths, unchecked: this.#unchecked(changes) };
  }

  #step(id: string, changes: Changes, all: boolean): void {
    const entry = this.index.entries.get(id);
    if (entry !== undefined) {
      if (entry.question.relevant === undefined && !entry.calculates) return;
      const reached = all ? [""] : changes.reach(entry.settles, entry.chain);
      if (reached === undefined) return;
      // Rows that read the rows before them are settled from the first on.
      const within = entry.settles.whole.has(id) ? [""] : reached;
      for (const prefix of this.held.prefixes(entry.chain, within)) this.#settleEntry(entry, prefix, changes);
      return;
    }
    const rows = this.index.repeats.get(id);
    if (rows !== undefined) {
      const within = all ? [""] : changes.reach(rows.settles, rows.outer);
      for (const prefix of this.held.prefixes(rows.outer, within ?? [])) this.#settleRows(rows, prefix, changes, false);
      return;
    }
    const part = this.index.sections.get(id);
    if (part !== undefined && (all || changes.reach(part.settles, []) !== undefined)) this.#settlePart(part, changes);
  }

  #settlePart({ section, entries, inner }: Part, changes: Changes): void {
    const scope = this.#scope.at({ chain: [], prefix: "" }, undefined);
    if (
      !this.#turned(
        section.id,
        section.relevant === undefined || this.#holds(section.relevant, scope, section.id, section.id),
      )
    )
      return;
    changes.mark(section.id, "", section.id);
    this.#settleInside(entries, inner, "", changes);
  }

  /** Whether the relevance of a section, repeat or question changed, which is noted. */
  #turned(path: string, relevant: boolean): boolean {
    const { irrelevant } = this.held;
    if (relevant !== irrelevant.has(path)) return false;
    if (relevant) irrelevant.delete(path);
    else irrelevant.add(path);
    return true;
  }

  /** A repeat inside one row: whether it applies, and which rows it has. `must` when its rows changed already. */
  #settleRows(rows: Rows, prefix: string, changes: Changes, must: boolean): void {
    const { repeat, outer, entries, inner } = rows;
    const { held } = this;
    const path = prefix + repeat.id;
    const scope = this.#scope.at({ chain: outer, prefix }, undefined);
    const applies = this.#applies(rows.section, outer, prefix);
    const relevant = applies && (repeat.relevant === undefined || this.#holds(repeat.relevant, scope, path, repeat.id));
    const hasTurned = this.#turned(path, relevant);
    let hasMoved = must;
    if (repeat.count !== undefined) {
      const counted = this.#value(repeat.count, this.#scope.at({ chain: outer, prefix }, undefined), path, repeat.id);
      const wanted = counted === undefined ? held.rowsOf(path).length : wantedRows(numberOf(counted, this.context));
      if (held.limits.get(path) !== wanted) changes.paths.add(path);
      const { added, gone } = adjustRows(held, path, wanted, relevant, uuid7);
      for (const row of gone) held.forget(prefixOf(path, row));
      hasMoved ||= added.length > 0 || gone.length > 0;
      if (relevant) this.#keepRows(path);
      for (const row of added) this.beginRow(rows, prefixOf(path, row));
    }
    if (!hasTurned && !hasMoved) return;
    if (relevant) this.#keepRows(path);
    else held.values.delete(path);
    changes.mark(repeat.id, prefix, path);
    for (const row of held.rowsOf(path)) this.#settleInside(entries, inner, prefixOf(path, row), changes);
    this.#markInside(rows, prefix, changes);
  }

  #keepRows(path: string): void {
    const standing = this.held.rowsOf(path);
    if (standing.length > 0) this.held.values.set(path, standing);
    else this.held.values.delete(path);
  }

  #settleInside(entries: readonly Entry[], inner: readonly Rows[], prefix: string, changes: Changes): void {
    for (const entry of entries) this.#settleEntry(entry, prefix, changes);
    for (const rows of inner) this.#settleRows(rows, prefix, changes, true);
  }

  /** Rows that came, went or moved: whoever reads across them must look again. */
  #markInside({ entries, inner }: Rows, prefix: string, changes: Changes): void {
    for (const { question } of entries) changes.markIn(question.id, prefix);
    for (const rows of inner) {
      changes.markIn(rows.repeat.id, prefix);
      this.#markInside(rows, prefix, changes);
    }
  }

  /** Whether everything around a place applies. What is inside something irrelevant is marked so itself. */
  #applies(section: string, chain: readonly string[], prefix: string): boolean {
    const { irrelevant } = this.held;
    if (chain.length === 0) return !irrelevant.has(section);
    return !irrelevant.has(prefix.slice(0, prefix.lastIndexOf("/", prefix.length - 2)));
  }

  #settleEntry(entry: Entry, prefix: string, changes: Changes): void {
    const { question, section, chain, calculates } = entry;
    const { raw, values } = this.held;
    const path = prefix + question.id;
    const scope = this.#scope.at({ chain, prefix }, raw.get(path));
    const applies = this.#applies(section, chain, prefix);
    const relevant =
      applies && (question.relevant === undefined || this.#holds(question.relevant, scope, path, question.id));
    if (relevant && calculates && question.calculation && !(raw.has(path) && isDrawn(question.calculation))) {
      const own = this.#scope.at({ chain, prefix }, raw.get(path));
      const fits = this.keep(entry, prefix, this.#value(question.calculation, own, path, question.id) ?? "");
      // What only a phone can calculate the server cannot judge: both flag the same.
      if (fits || isGiven(question.calculation)) this.unfit.delete(path);
      else this.unfit.set(path, question.id);
    } else this.unfit.delete(path);
    const value = relevant ? raw.get(path) : undefined;
    const hasTurned = this.#turned(path, relevant);
    if (!hasTurned && isSame(values.get(path), value)) return;
    if (value === undefined) values.delete(path);
    else values.set(path, value);
    changes.mark(question.id, prefix, path);
  }

  /**
   * Keeps a value as the answer of a question. Returns whether it fits: what does not is left out where nobody could
   * correct it.
   */
  keep({ question, uncorrectable }: Entry, prefix: string, value: Value): boolean {
    const answer = answerOfValue(this.definition, question, value, this.context);
    const fits = !uncorrectable || faultOf(this.definition, question, answer) === null;
    if (answer === undefined || !fits) this.raw.delete(prefix + question.id);
    else this.raw.set(prefix + question.id, answer);
    return fits;
  }

  /** Gives the questions of a new row their defaults, each seeing those before it. */
  beginRow({ entries }: Rows, prefix: string): void {
    for (const entry of entries) this.begin(entry, prefix);
  }

  /** Gives a question its default, where it has one and no answer yet. */
  begin(entry: Entry, prefix: string): void {
    const path = prefix + entry.question.id;
    if (entry.question.default === undefined || this.raw.has(path)) return;
    this.keep(entry, prefix, this.valueAt(entry, prefix, entry.question.default, undefined));
    const answer = this.raw.get(path);
    if (answer !== undefined) this.held.values.set(path, answer);
  }

  /** The value of an expression; undefined, and noted, when it goes beyond its limits. */
  #value(ast: Ast, scope: FormScope, path: string, id: string): Value | undefined {
    try {
      return evaluate(ast, scope);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      if (id) this.unevaluated.set(path, id);
      return undefined;
    }
  }

  /** Whether a condition holds; one beyond its limits does, so that no answer is left out because of it. */
  #holds(ast: Ast, scope: FormScope, path: string, id: string): boolean {
    const value = this.#value(ast, scope, path, id);
    return value === undefined || truthOf(value);
  }

  #unchecked(changes: Changes): Set<string> {
    const paths = new Set(changes.paths);
    for (const id of changes.ids()) {
      for (const reader of this.index.readers.get(id) ?? []) {
        const chain = "question" in reader ? reader.chain : reader.outer;
        const within = reader.checks.whole.has(id) ? [""] : (changes.reachOf(id, chain) ?? []);
        const name = "question" in reader ? reader.question.id : reader.repeat.id;
        for (const prefix of this.held.prefixes(chain, within)) paths.add(prefix + name);
      }
    }
    return paths;
  }

  /** The value of an expression standing at a place. */
  valueAt(entry: Pick<Entry, "chain">, prefix: string, ast: Ast, self: Answer | undefined): Value {
    return this.#value(ast, this.scopeAt(entry.chain, prefix, self), prefix, "") ?? "";
  }

  /** Whether the answer at a place is only read: always, or while its condition holds; one beyond its limits does not. */
  isReadOnly({ question, chain }: Entry, prefix: string): boolean {
    if (question.read_only_when === undefined) return question.read_only === true;
    const own = this.values.get(prefix + question.id);
    return truthOf(this.valueAt({ chain }, prefix, question.read_only_when, own));
  }

  /** Whether a condition standing at a place holds for the answer there. */
  holdsAt(entry: Entry, prefix: string, ast: Ast, self: Answer | undefined): boolean {
    const { id } = entry.question;
    return this.#holds(ast, this.scopeAt(entry.chain, prefix, self), prefix + id, id);
  }

  /** A scope for one expression by itself, with a budget of its own. */
  scopeAt(chain: readonly string[], prefix: string, self: Answer | undefined): FormScope {
    this.#scope.budget.renew();
    return this.#scope.at({ chain, prefix }, self);
  }
}

function isSame(one: Answer | undefined, other: Answer | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one.length !== other.length) return false;
  return one.every((item, at) => item === other[at]);
}
