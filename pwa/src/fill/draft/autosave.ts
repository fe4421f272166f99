/** Writes the latest state down soon, one write at a time, and at once when it must be now. */

export interface Autosave {
  /** Something changed. `typing`: keys follow one another, wait for the pause that is always shorter than a second. */
  changed(how: "answer" | "typing"): void;
  /** Everything up to now is written when it resolves; rejects with what the write rejected with. */
  flush(): Promise<void>;
  /** No write begins after this. */
  stop(): void;
}

interface Parts {
  /** Writes the state as it is when called. */
  save(): Promise<void>;
  onFailure(failure: unknown): void;
  /** Longest time in milliseconds that typed text waits. */
  wait?: number;
}

const longestWait = 500;

export function autosave({ save, onFailure, wait = longestWait }: Parts): Autosave {
  let dirty = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  async function write(): Promise<void> {
    // A change that comes during a write needs one more write, not a second one beside it.
    while (dirty && !stopped) {
      dirty = false;
      try {
        await save();
      } catch (failure) {
        dirty = true;
        running = undefined;
        throw failure;
      }
    }
    // In the same step as the last look at `dirty`: who changes something a moment later must not be handed a write
    // that looks no more.
    running = undefined;
  }

  function run(): Promise<void> {
    if (running) return running;
    clearTimeout(timer);
    timer = undefined;
    if (!dirty || stopped) return Promise.resolve();
    const writing = write();
    running = writing;
    return writing;
  }

  return {
    changed(how) {
      dirty = true;
      if (how === "answer") run().catch(onFailure);
      else timer ??= setTimeout(() => run().catch(onFailure), wait);
    },
    flush: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
