import { slugOf } from "./api";

/** Data of one screen: what was loaded last stays in view while newer is asked for, and when the network is away. */
export class Loaded<T> {
  data = $state.raw<T>();
  /** Slug of the last failure; gone after the next success. */
  problem = $state<string>();
  busy = $state(false);
  readonly #load: () => Promise<T>;
  readonly #failed: (slug: string) => void;
  #round = 0;

  constructor(load: () => Promise<T>, failed: (slug: string) => void) {
    this.#load = load;
    this.#failed = failed;
  }

  /** Asks again. An answer that was overtaken by a later question is dropped. */
  async refresh(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.busy = true;
    try {
      const data = await this.#load();
      if (round !== this.#round) return;
      this.data = data;
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
