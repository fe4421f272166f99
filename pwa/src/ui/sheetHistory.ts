/** Back belongs to what lies on top: every open sheet has an entry in the browser's history, and leaving it closes the sheet. */

/** The part of the browser's history that is used here. */
export type Entries = Pick<History, "state" | "pushState" | "go">;

/** How many sheets lie over the screen of a history entry. */
const sheetsOf = (state: unknown): number => (state as { sheets?: number } | null)?.sheets ?? 0;

/**
 * Keeps the entries of the history equal to the sheets that are open. An entry without its sheet (the sheet was closed by
 * its button, its screen went, the page was loaded anew) is gone back over at once: nobody meets it by Back.
 */
export class SheetHistory {
  readonly #entries: Entries;
  readonly #later: (work: () => void) => void;
  /** How to close each open sheet, the topmost last. */
  readonly #open: (() => void)[] = [];
  /** What waits until the entries of sheets are gone. */
  #leaving: (() => void)[] = [];
  #isTravelling = false;

  /** `later` runs work after what runs now: sheets that open and close in one step are seen together. */
  constructor(entries: Entries, later: (work: () => void) => void = (work) => void setTimeout(work)) {
    this.#entries = entries;
    this.#later = later;
  }

  /** Listens to Back. */
  start(page: Pick<EventTarget, "addEventListener"> = globalThis.window): void {
    page.addEventListener("popstate", () => this.#arrived());
    this.#soon();
  }

  /** A sheet lies on top from now on, closed by `close`; returns what to call when it is gone. */
  opened(close: () => void): () => void {
    this.#open.push(close);
    this.#soon();
    return () => {
      const at = this.#open.lastIndexOf(close);
      if (at >= 0) this.#open.splice(at, 1);
      this.#soon();
    };
  }

  /** Goes elsewhere: `go` runs once no entry of a sheet is in the way, at once when there is none. */
  leave(go: () => void): void {
    const held = sheetsOf(this.#entries.state);
    if (held === 0 && !this.#isTravelling) {
      go();
      return;
    }
    this.#leaving.push(go);
    if (!this.#isTravelling) this.#travel(-held);
  }

  #arrived(): void {
    if (this.#isTravelling) {
      this.#isTravelling = false;
      const leaving = this.#leaving;
      this.#leaving = [];
      for (const go of leaving) this.leave(go);
    } else {
      const kept = sheetsOf(this.#entries.state);
      for (const close of this.#open.slice(kept).toReversed()) close();
    }
    this.#soon();
  }

  #soon(): void {
    this.#later(() => this.#settle());
  }

  #settle(): void {
    if (this.#isTravelling) return;
    const held = sheetsOf(this.#entries.state);
    for (let sheets = held + 1; sheets <= this.#open.length; sheets++) this.#entries.pushState({ sheets }, "");
    if (held > this.#open.length) this.#travel(this.#open.length - held);
  }

  #travel(by: number): void {
    this.#isTravelling = true;
    this.#entries.go(by);
  }
}

/** The one of this page. It listens by itself: no page can show a sheet and forget Back. */
export const sheetHistory = new SheetHistory(globalThis.history);
if ("window" in globalThis) sheetHistory.start();
