/** The answers as an expression sees them from its place in the form. */

import type { Answer, Answers, Definition } from "./definition";
import type { Read, RowsRead, Scope } from "./expressions";
import type { FormState } from "./formState";
import type { Context } from "./functions/dates";
import { Budget } from "./functions/limits";
import { textOfAnswer } from "./functions/values";
import { labelOf } from "./offered";
import { enclosing, placeOf, prefixOf, shared } from "./paths";
import { Source, sourceOf } from "./sources";

/** What a checklist is opened with, besides its answers. */
export interface Begun {
  /** A new checklist begins with its defaults. */
  readonly isNew?: boolean;
  /** The answers of the report of this form that was last finished on this phone. */
  readonly lastSaved?: Answers;
  /** What the phone knows of itself: `deviceid`, `username`, … */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Where an expression stands: the repeats it stands in, and the row. */
export interface Standing {
  readonly chain: readonly string[];
  readonly prefix: string;
}

const OUTSIDE: Standing = { chain: [], prefix: "" };

/** One object serves all places of a form, since expressions do not outlive their evaluation. */
export class FormScope implements Scope {
  self: unknown = undefined;
  item: Scope["item"] = undefined;
  context: Context;
  readonly #definition: Definition;
  readonly #held: FormState;
  readonly #begun: Begun;
  readonly budget = new Budget();
  #standing = OUTSIDE;

  constructor(definition: Definition, held: FormState, context: Context, begun: Begun) {
    this.#definition = definition;
    this.#held = held;
    this.context = context;
    this.#begun = begun;
  }

  /** The same scope, standing at a place with the answer of the question there. */
  at(standing: Standing, self: Answer | undefined): this {
    this.#standing = standing;
    this.self = self;
    this.item = undefined;
    this.budget.begin();
    return this;
  }

  spend(operations: number): void {
    this.budget.spend(operations);
  }

  position(up: number): number {
    const { chain, prefix } = this.#standing;
    const depth = chain.length - 1 - up;
    const repeat = chain[depth];
    if (repeat === undefined) return 0;
    const outer = enclosing(prefix, depth);
    const [, row = ""] = prefix.slice(outer.length).split("/");
    return this.#held.rowsOf(outer + repeat).indexOf(row) + 1;
  }

  read(id: string): Read {
    const { index, values, irrelevant } = this.#held;
    const rows = index.repeats.get(id);
    if (rows !== undefined) {
      const nodes = this.#below(rows.outer).flatMap((prefix) => this.#held.countedRows(prefix + id).map(() => ""));
      return { many: nodes };
    }
    const chain = index.entries.get(id)?.chain ?? [];
    const { chain: own, prefix } = this.#standing;
    const depth = shared(own, chain);
    if (depth === chain.length) {
      return { one: values.get((depth === own.length ? prefix : enclosing(prefix, depth)) + id) };
    }
    const paths = this.#below(chain).map((row) => row + id);
    return { many: paths.filter((path) => !irrelevant.has(path)).map((path) => textOfAnswer(values.get(path))) };
  }

  /** The rows that hold a question, those beside this one included: its answers and those beside them as columns. */
  rowsWith(id: string): Source {
    const chain = this.#held.index.entries.get(id)?.chain ?? [];
    const prefixes = this.#below(chain, Math.min(shared(this.#standing.chain, chain), chain.length - 1));
    return new Source(prefixes.length, (name) =>
      prefixes.map((prefix) => textOfAnswer(this.#held.values.get(prefix + name))),
    );
  }

  rowsOf(repeat: string): RowsRead {
    const prefixes = this.#below(this.#held.index.repeats.get(repeat)?.chain ?? [], this.#around(repeat));
    const source = new Source(prefixes.length, (name) => {
      this.spend(prefixes.length);
      return prefixes.map((prefix) => this.answerAt(prefix + name));
    });
    return { source, prefixes };
  }

  /** How many rows hold both this place and a repeat; one of its own rows is not counted. */
  #around(repeat: string): number {
    return shared(this.#standing.chain, this.#held.index.repeats.get(repeat)?.outer ?? []);
  }

  isIrrelevant(path: string): boolean {
    return this.#held.irrelevant.has(path);
  }

  answerAt(path: string): string {
    return textOfAnswer(this.#held.values.get(path));
  }

  /** Every counted row under a chain of repeats, inside the nearest row that also holds this place. */
  #below(chain: readonly string[], depth = shared(this.#standing.chain, chain)): string[] {
    let prefixes = [enclosing(this.#standing.prefix, depth)];
    for (const repeat of chain.slice(depth)) {
      prefixes = prefixes.flatMap((prefix) =>
        this.#held.countedRows(prefix + repeat).map((row) => prefixOf(prefix + repeat, row)),
      );
    }
    return prefixes;
  }

  indexed(id: string, rows: ReadonlyMap<string, number>): string {
    const chain = this.#held.index.entries.get(id)?.chain ?? [];
    let prefix = "";
    let isNear = true;
    for (const [depth, repeat] of chain.entries()) {
      isNear &&= this.#standing.chain[depth] === repeat;
      const wanted = rows.get(repeat);
      if (wanted === undefined && isNear) {
        prefix = enclosing(this.#standing.prefix, depth + 1);
        continue;
      }
      isNear = false;
      const row = this.#held.countedRows(prefix + repeat)[(wanted ?? 1) - 1];
      if (row === undefined) return "";
      prefix = prefixOf(prefix + repeat, row);
    }
    return textOfAnswer(this.#held.values.get(prefix + id));
  }

  lastSaved(id: string): string {
    const { lastSaved = {} } = this.#begun;
    if (id in lastSaved) return textOfAnswer(lastSaved[id]);
    const first = Object.keys(lastSaved).find((path) => placeOf(path).id === id);
    return first === undefined ? "" : textOfAnswer(lastSaved[first]);
  }

  get version(): string {
    return this.#definition.version;
  }

  property(name: string): string {
    return this.#begun.metadata?.[name] ?? "";
  }

  source(name: string): Source | undefined {
    return sourceOf(this.#definition, name);
  }

  choiceName(id: string, name: string): string {
    const question = this.#held.index.entries.get(id)?.question;
    return question === undefined ? "" : labelOf(this.#definition, question, name);
  }
}
