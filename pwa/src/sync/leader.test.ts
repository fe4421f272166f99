import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterOthers, alone } from "../wire/alone";
import { type Leadership, lead, type Tab } from "./leader";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A browser with tabs: one queue of lock requests, one channel, a page each. */
class Browser {
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #tabs: { listener?: () => void; end?: () => void }[] = [];
  #busy = false;
  /** How long a request takes to reach the queue, milliseconds; messages between tabs arrive at once. */
  delay = 0;

  tab() {
    const own: { listener?: () => void; end?: () => void } = {};
    this.#tabs.push(own);
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" as DocumentVisibilityState });
    type Work = (lock: object | null) => Promise<unknown>;
    const request = (_name: string, ...[first, second]: [Work] | [LockOptions, Work]) =>
      new Promise<unknown>((resolve) => {
        const { ifAvailable, work } =
          typeof first === "function" ? { ifAvailable: false, work: first } : { ...first, work: second as Work };
        const enqueue = () => {
          if (ifAvailable && this.#busy) return resolve(work(null));
          this.#queue.push(async () => {
            const closed = new Promise<void>((end) => {
              own.end = end;
            });
            resolve(await Promise.race([work({}), closed]));
          });
          void this.#serve();
        };
        if (this.delay > 0) setTimeout(enqueue, this.delay);
        else enqueue();
      });
    const channel = {
      addEventListener: (_type: string, listener: () => void) => {
        own.listener = listener;
      },
      postMessage: () => {
        for (const other of this.#tabs) if (other !== own) other.listener?.();
      },
    };
    const gained = vi.fn();
    const lost = vi.fn();
    const show = async (visibilityState: DocumentVisibilityState) => {
      page.visibilityState = visibilityState;
      page.dispatchEvent(new Event("visibilitychange"));
      await vi.advanceTimersByTimeAsync(1);
    };
    const open = async (wait = 2_000): Promise<Leadership> => {
      const leading = lead(gained, lost, { locks: { request }, channel, page } as unknown as Tab);
      await vi.advanceTimersByTimeAsync(wait);
      return leading;
    };
    return { open, show, gained, lost, close: () => own.end?.() };
  }

  async #serve(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) await next();
    this.#busy = false;
  }
}

test("the first tab leads; a second beside it, both in sight, reads until the first is closed", async () => {
  const browser = new Browser();
  const [first, second] = [browser.tab(), browser.tab()];
  const one = await first.open();
  const two = await second.open();
  expect([one.isLeader, two.isLeader]).toEqual([true, false]);
  first.close();
  await vi.advanceTimersByTimeAsync(1);
  expect(two.isLeader).toBe(true);
  expect(second.gained).toHaveBeenCalledOnce();
});

test("a tab out of sight hands the lead to the one in sight, and gets it back when they change places", async () => {
  const browser = new Browser();
  const [first, second] = [browser.tab(), browser.tab()];
  const one = await first.open();
  await first.show("hidden");
  const two = await second.open();
  expect([one.isLeader, two.isLeader]).toEqual([false, true]);
  expect(first.lost).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(1_000);
  await second.show("hidden");
  await first.show("visible");
  expect([one.isLeader, two.isLeader]).toEqual([true, false]);
  expect([first.gained, second.lost].map((each) => each.mock.calls.length)).toEqual([2, 1]);
});

test("a tab that hands over does not take the lead back while the other's request is still on its way", async () => {
  const browser = new Browser();
  const [first, second] = [browser.tab(), browser.tab()];
  await first.open();
  await first.show("hidden");
  browser.delay = 100;
  expect((await second.open()).isLeader).toBe(true);
});

test("going out of sight alone gives nothing away", async () => {
  const tab = new Browser().tab();
  const leadership = await tab.open();
  await tab.show("hidden");
  await tab.show("visible");
  expect(leadership.isLeader).toBe(true);
  expect(tab.lost).not.toHaveBeenCalled();
});

test("a reloaded page waits for the old one instead of reading only", async () => {
  const browser = new Browser();
  const [old, reloaded] = [browser.tab(), browser.tab()];
  await old.open();
  setTimeout(() => old.close(), 500);
  expect((await reloaded.open()).isLeader).toBe(true);
});

test("without Web Locks every tab leads", async () => {
  const tab = { locks: undefined, channel: new EventTarget(), page: new EventTarget() } as unknown as Tab;
  expect((await lead(vi.fn(), vi.fn(), tab)).isLeader).toBe(true);
});

test("what somebody else is doing is not done twice", async () => {
  const request = (_name: string, _how: object, work: (lock: object | null) => unknown) => work(null);
  vi.stubGlobal("navigator", { locks: { request } });
  const work = vi.fn();
  expect(await alone("push", work)).toBeUndefined();
  expect(work).not.toHaveBeenCalled();
});

/** Web Locks with one name, held until `release`. */
function heldLock() {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const request = async (_name: string, { signal }: { signal: AbortSignal }, work: () => Promise<unknown>) => {
    await Promise.race([
      held,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
    return work();
  };
  vi.stubGlobal("navigator", { locks: { request } });
  return release;
}

test("what is asked for now is tried once others are through, whatever became of theirs", async () => {
  const release = heldLock();
  const work = vi.fn(async () => "sent");
  const asked = afterOthers("push", work);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(work).not.toHaveBeenCalled();
  release();
  expect(await asked).toBe("sent");
  await vi.advanceTimersByTimeAsync(120_000);
  expect(work).toHaveBeenCalledOnce();
});

test("a lock that is never given back holds nothing up for ever", async () => {
  heldLock();
  const work = vi.fn(async () => "sent");
  const asked = afterOthers("push", work);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await asked).toBe("sent");
  expect(work).toHaveBeenCalledOnce();
});

test("a failure of the work itself is told, and the work not repeated", async () => {
  const release = heldLock();
  const work = vi.fn(() => Promise.reject(new Error("disk")));
  const asked = afterOthers("push", work);
  release();
  await expect(asked).rejects.toThrow("disk");
  expect(work).toHaveBeenCalledOnce();
});

test("a tab alone on a phone whose answers are slow leads from the start, and is never told later", async () => {
  const browser = new Browser();
  browser.delay = 4_000;
  const tab = browser.tab();
  const leadership = await tab.open(5_000);
  expect(leadership.isLeader).toBe(true);
  expect(tab.gained).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tab.gained).toHaveBeenCalledOnce();
});

test("a browser that never says who leads does not keep the app closed", async () => {
  const browser = new Browser();
  browser.delay = 60_000;
  expect((await browser.tab().open(20_000)).isLeader).toBe(false);
});
