/** What one change of a checklist touched so far, while it runs through what depends on it. */

import type { Index } from "./form";

type Rows = "all" | Set<string>;

/** Which questions changed, and in which rows. */
export class Changes {
  readonly paths = new Set<string>();
  readonly #rows = new Map<string, Rows>();
  readonly #index: Index;

  constructor(index: Index) {
    this.#index = index;
  }

  mark(id: string, row: string | undefined, path: string): void {
    this.paths.add(path);
    const rows = this.#rows.get(id);
    if (rows === "all") return;
    if (row === undefined) this.#rows.set(id, "all");
    else if (rows === undefined) this.#rows.set(id, new Set([row]));
    else rows.add(row);
  }

  markAll(id: string): void {
    this.#rows.set(id, "all");
  }

  /** The rows of a reader that the changes touch; undefined when it reads nothing that changed. */
  reach(reads: ReadonlySet<string>, repeat: string | undefined): Rows | undefined {
    let reached: Set<string> | undefined;
    for (const read of reads) {
      const rows = this.#rows.get(read);
      if (rows === undefined) continue;
      if (rows === "all" || repeat === undefined || this.#index.entries.get(read)?.repeat !== repeat) return "all";
      reached = reached === undefined ? new Set(rows) : new Set([...reached, ...rows]);
    }
    return reached;
  }
}
