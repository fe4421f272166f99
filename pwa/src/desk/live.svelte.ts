/** What the server says has moved: the mission's number, and the codes of the regions touched (`none`: unplaced). */
export interface Change {
  n: number;
  /** Null when it is not known what moved since the page was loaded. */
  regions: readonly string[] | null;
}

export type LiveState = "connecting" | "live" | "away";

/** Changes of one push come within moments of each other; screens are told once. Milliseconds. */
const gather = 300;
/** After the browser gave up by itself. Milliseconds. */
const tryAgain = 5000;

export function readChange(name: string, data: string): Change {
  const { n, regions } = JSON.parse(data) as { n: number; regions: string[] };
  return { n, regions: name === "ready" ? null : regions };
}

/** Two changes as one. */
export function joined(one: Change | undefined, other: Change): Change {
  if (!one) return other;
  const regions = one.regions && other.regions ? [...new Set([...one.regions, ...other.regions])] : null;
  return { n: Math.max(one.n, other.n), regions };
}

/** Whether a change matters to a page of one region (`all`: every page). */
export function touches(change: Change, region: string): boolean {
  return region === "all" || change.regions === null || change.regions.includes(region);
}

/** The live stream of the desk. It says that something moved; screens ask for what they show. */
export class Live {
  state = $state<LiveState>("connecting");
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #lost: () => void;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pending: Change | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /** `lost` is called when the server turned the stream away: perhaps nobody is signed in any more. */
  constructor(lost: () => void) {
    this.#lost = lost;
  }

  /** Opens the stream; returns the way to close it. */
  start(): () => void {
    this.#open();
    return () => {
      clearTimeout(this.#timer);
      clearTimeout(this.#gathering);
      this.#source?.close();
    };
  }

  /** Calls `listener` at every change; returns the way to stop. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #open(): void {
    const source = new EventSource("/api/v1/live");
    this.#source = source;
    for (const name of ["ready", "change"]) {
      source.addEventListener(name, (event: MessageEvent<string>) => this.#take(readChange(name, event.data)));
    }
    source.addEventListener("open", () => {
      this.state = "live";
    });
    source.addEventListener("error", () => {
      this.state = "away";
      // Otherwise the browser reconnects by itself and is told what it missed.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#lost();
      this.#timer = setTimeout(() => this.#open(), tryAgain);
    });
  }

  #take(change: Change): void {
    this.#pending = joined(this.#pending, change);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const pending = this.#pending;
      this.#pending = undefined;
      if (pending) for (const listener of this.#listeners) listener(pending);
    }, gather);
  }
}
