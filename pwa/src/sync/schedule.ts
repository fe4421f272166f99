/**
 * When to try: at start, on becoming visible, on `online`, at a tap, and by a timer; after a failure with full-jitter backoff.
 * `navigator.onLine` is never asked: it says yes in captive portals and no on some working networks.
 */

/** Seconds. */
const firstDelay = 2;
const longestDelay = 300;

/** Full jitter: hundreds of phones that lose the same mast must not come back in the same second. */
export function backoff(failures: number, chance: () => number = Math.random): number {
  return chance() * Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
}

/** What one round says about the next. */
export interface RoundResult {
  failed: boolean;
  retryAfterSeconds?: number | undefined;
}

export interface Clock {
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

export class Schedule {
  readonly #round: () => Promise<RoundResult>;
  readonly #clock: Clock;
  readonly #chance: () => number;
  #failures = 0;
  #timer: unknown;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(
    round: () => Promise<RoundResult>,
    clock: Clock = {
      setTimeout: (run, milliseconds) => globalThis.setTimeout(run, milliseconds),
      clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
    },
    chance: () => number = Math.random,
  ) {
    this.#round = round;
    this.#clock = clock;
    this.#chance = chance;
  }

  /** Tries now. A call during a round means another round after it: it may be about something the first did not see. */
  now(): Promise<void> {
    this.#stopped = false;
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Something outside suggests that it may work now: forget how often it did not. */
  encourage(): Promise<void> {
    this.#failures = 0;
    return this.now();
  }

  /** Until the next `now` or `encourage`. */
  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      this.#clock.clearTimeout(this.#timer);
      const { failed, retryAfterSeconds } = await this.#round().catch((failure: unknown) => {
        // A round is not expected to reject; if one does, the next must still come.
        console.error(failure);
        return { failed: true } as RoundResult;
      });
      this.#failures = failed ? this.#failures + 1 : 0;
      if (this.#stopped) return;
      const delay = failed ? Math.max(retryAfterSeconds ?? 0, backoff(this.#failures, this.#chance)) : longestDelay;
      this.#timer = this.#clock.setTimeout(() => void this.now(), delay * 1000);
    } while (this.#again);
  }
}

/** Calls `encourage` at the events that suggest a network. */
export function listenForNetwork(encourage: () => void, page: Document = document): void {
  page.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "visible") encourage();
  });
  globalThis.addEventListener("online", encourage);
}
