import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { utf8 } from "../wire/bytes";
import { type Argon2Work, argon2 } from "./argon2";
import { openStretcher } from "./stretcher";

const work: Argon2Work = { passphrase: "grass", salt: utf8("0123456789abcdef"), memoryKiB: 64, iterations: 1 };

/** A worker that answers as `behave` says. */
function workersThat(behave: (worker: EventTarget, work: Argon2Work) => void) {
  const ended = vi.fn();
  class FakeWorker extends EventTarget {
    postMessage(work: Argon2Work) {
      behave(this, work);
    }
    terminate = ended;
  }
  vi.stubGlobal("Worker", FakeWorker);
  return ended;
}

const answer = (worker: EventTarget, data: unknown) =>
  worker.dispatchEvent(Object.assign(new Event("message"), { data }));

beforeEach(() => vi.spyOn(console, "warn").mockImplementation(() => undefined));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the page waits for a worker instead of doing the work", async () => {
  const ended = workersThat((worker) => answer(worker, { stretched: utf8("from the worker") }));
  const stretcher = openStretcher();
  expect(await stretcher.stretch(work)).toEqual(utf8("from the worker"));
  stretcher.close();
  expect(ended).toHaveBeenCalledOnce();
});

test.each([
  ["that cannot be loaded", (worker: EventTarget) => worker.dispatchEvent(new Event("error"))],
  ["without the memory", (worker: EventTarget) => answer(worker, { failure: "out of memory" })],
])("the page does the work of a worker %s, and opens the same vault", async (_case, behave) => {
  workersThat(behave);
  expect(await openStretcher().stretch(work)).toEqual(await argon2(work));
});

test("where there are no workers the page does the work", async () => {
  vi.stubGlobal("Worker", undefined);
  expect(await openStretcher().stretch(work)).toEqual(await argon2(work));
  vi.stubGlobal(
    "Worker",
    class {
      constructor() {
        throw new DOMException("switched off", "SecurityError");
      }
    },
  );
  expect(await openStretcher().stretch(work)).toEqual(await argon2(work));
});

test("the page does the work of a worker that the phone ended without a word", async () => {
  vi.useFakeTimers();
  const ended = workersThat(() => undefined);
  const stretching = openStretcher().stretch(work);
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(await stretching).toEqual(await argon2(work));
  expect(ended).toHaveBeenCalledOnce();
});
