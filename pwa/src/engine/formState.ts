/** The answers of a checklist being filled: what the observer gave, and what of it counts. */

import { isEmpty } from "./answers";
import type { Answer, Answers } from "./definition";
import type { Index } from "./form";
import { depthOf, enclosing, placeOf, prefixOf } from "./paths";

export class FormState {
  readonly index: Index;
  /** What the observer answered, irrelevant answers included: they come back when their question does. */
  readonly raw = new Map<string, Answer>();
  /** What counts: relevant answers, calculations, and the rows of relevant repeats. */
  readonly values = new Map<string, Answer>();
  /** Paths of questions and repeats and ids of sections that do not apply. */
  readonly irrelevant = new Set<string>();
  /** Path of a repeat → how many rows it has by its count; repeats without a count have no entry. */
  readonly limits = new Map<string, number>();

  constructor(index: Index) {
    this.index = index;
  }

  /** Keeps the answers that belong somewhere: strays of other versions and of removed rows are left out. */
  take(answers: Answers): void {
    const standing = new Map<string, Set<string>>();
    for (const { repeat, outer, chain } of this.index.repeats.values()) {
      for (const prefix of this.prefixes(outer)) {
        const rows = answers[prefix + repeat.id];
        if (Array.isArray(rows) && rows.length > 0) this.raw.set(prefix + repeat.id, rows);
      }
      standing.set(repeat.id, new Set(this.prefixes(chain)));
    }
    for (const [path, answer] of Object.entries(answers)) {
      const { prefix, id } = placeOf(path);
      const entry = this.index.entries.get(id);
      if (isEmpty(answer) || entry === undefined) continue;
      const repeat = entry.chain.at(-1);
      if (repeat === undefined ? prefix === "" : standing.get(repeat)?.has(prefix)) this.raw.set(path, answer);
    }
  }

  /** The row ids of the repeat at a path in order, relevant or not; with a count, as many as it says. */
  rowsOf(path: string): readonly string[] {
    const rows = this.raw.get(path);
    if (typeof rows !== "object") return [];
    const limit = this.limits.get(path) ?? rows.length;
    return limit < rows.length ? rows.slice(0, limit) : rows;
  }

  /** The rows of the repeat at a path that count. */
  countedRows(path: string): readonly string[] {
    const rows = this.values.get(path);
    return typeof rows === "object" ? rows : [];
  }

  /** The prefix of every row under a chain of repeats, or of those inside the given rows of it. */
  prefixes(chain: readonly string[], within: Iterable<string> = [""]): string[] {
    const found = new Set<string>();
    for (const start of within) {
      let prefixes = [start];
      for (const repeat of chain.slice(depthOf(start))) {
        prefixes = prefixes.flatMap((prefix) =>
          this.rowsOf(prefix + repeat).map((row) => prefixOf(prefix + repeat, row)),
        );
      }
      for (const prefix of prefixes) found.add(prefix);
    }
    return [...found];
  }

  /** Whether a prefix is that of a row under a chain of repeats. */
  isRow(prefix: string, chain: readonly string[]): boolean {
    if (depthOf(prefix) !== chain.length) return false;
    return chain.every((repeat, depth) => {
      const outer = enclosing(prefix, depth);
      const [name, row = ""] = prefix.slice(outer.length).split("/");
      return name === repeat && this.rowsOf(outer + repeat).includes(row);
    });
  }

  /** Everything answered in a row, rows of nested repeats included. */
  within(prefix: string): Record<string, Answer> {
    return Object.fromEntries([...this.raw].filter(([path]) => path.startsWith(prefix)));
  }

  /** Forgets what was evaluated in a row that no longer stands. What was answered there stays. */
  forget(prefix: string): void {
    for (const held of [this.values, this.irrelevant, this.limits]) {
      for (const path of [...held.keys()]) if (path.startsWith(prefix)) held.delete(path);
    }
  }
}
