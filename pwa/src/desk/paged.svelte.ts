import { slugOf } from "./api";

export interface Page<T> {
  items: T[];
  /** Where the list goes on; null at its end. */
  before: number | null;
}

/**
 * A long list, newest first, fetched page by page. It never moves under the reader: what arrives meanwhile is only
 * counted by whoever watches, and shown when they say so (`refresh`).
 */
export class Paged<T> {
  items = $state.raw<T[]>([]);
  before = $state<number | null>(null);
  problem = $state<string>();
  busy = $state(false);
  /** The first page was answered. */
  ready = $state(false);
  readonly #load: (before: number | undefined) => Promise<Page<T>>;
  readonly #failed: (slug: string) => void;
  #round = 0;

  constructor(load: (before: number | undefined) => Promise<Page<T>>, failed: (slug: string) => void) {
    this.#load = load;
    this.#failed = failed;
  }

  /** The first page anew. */
  refresh(): Promise<void> {
    return this.#take(undefined);
  }

  /** The next page, if there is one. */
  async more(): Promise<void> {
    if (this.before !== null && !this.busy) await this.#take(this.before);
  }

  async #take(before: number | undefined): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.busy = true;
    try {
      const page = await this.#load(before);
      if (round !== this.#round) return;
      this.items = before === undefined ? page.items : [...this.items, ...page.items];
      this.before = page.before;
      this.ready = true;
      this.problem = undefined;
    } catch (failure) {
      if (round !== this.#round) return;
      this.problem = slugOf(failure);
      this.#failed(this.problem);
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }
}
