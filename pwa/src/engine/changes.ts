/** What one change of a checklist touched so far, while it runs through what depends on it. */

import type { Index } from "./form";
import { enclosing, shared } from "./paths";
import type { Reads } from "./reads";

/** Which questions, repeats and sections changed, and in which rows: a row's prefix stands for all that is in it. */
export class Changes {
  readonly paths = new Set<string>();
  readonly #rows = new Map<string, Set<string>>();
  readonly #index: Index;

  constructor(index: Index) {
    this.#index = index;
  }

  /** The thing at a path changed. */
  mark(id: string, prefix: string, path: string): void {
    this.paths.add(path);
    this.markIn(id, prefix);
  }

  /** A question or repeat may have changed everywhere in a row. */
  markIn(id: string, prefix: string): void {
    const rows = this.#rows.get(id);
    if (rows === undefined) this.#rows.set(id, new Set([prefix]));
    else rows.add(prefix);
  }

  ids(): Iterable<string> {
    return this.#rows.keys();
  }

  /** The rows in which a reader sees something changed; undefined when it reads nothing that changed. */
  reach({ near, whole }: Reads, chain: readonly string[]): Set<string> | undefined {
    let reached: Set<string> | undefined;
    for (const id of near) {
      const rows = this.reachOf(id, chain);
      if (rows !== undefined) reached = reached === undefined ? rows : new Set([...reached, ...rows]);
    }
    for (const id of whole) if (this.#rows.has(id)) return new Set([""]);
    return reached;
  }

  /** The same for one thing read: the rows that enclose both. */
  reachOf(id: string, chain: readonly string[]): Set<string> | undefined {
    const rows = this.#rows.get(id);
    if (rows === undefined) return undefined;
    const depth = shared(chain, this.#index.entries.get(id)?.chain ?? this.#index.repeats.get(id)?.outer ?? []);
    return new Set([...rows].map((prefix) => enclosing(prefix, depth)));
  }
}
