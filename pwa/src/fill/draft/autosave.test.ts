import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { autosave } from "./autosave.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

test("an answer is written at once", async () => {
  const save = vi.fn(async () => {});
  autosave({ save, onFailure: vi.fn() }).changed("answer");
  await settle();
  expect(save).toHaveBeenCalledTimes(1);
});

test("text is written within a second however long the typing goes on", async () => {
  const save = vi.fn(async () => {});
  const saving = autosave({ save, onFailure: vi.fn() });
  for (let key = 0; key < 20; key += 1) {
    saving.changed("typing");
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(save.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(save.mock.calls.length).toBeLessThan(20);
});

test("a change during a write is written after it, never beside it", async () => {
  let writing = 0;
  let together = 0;
  const save = vi.fn(async () => {
    writing += 1;
    together = Math.max(together, writing);
    await new Promise((resolve) => setTimeout(resolve, 50));
    writing -= 1;
  });
  const saving = autosave({ save, onFailure: vi.fn() });
  saving.changed("answer");
  await vi.advanceTimersByTimeAsync(10);
  saving.changed("answer");
  saving.changed("answer");
  await vi.advanceTimersByTimeAsync(500);
  expect(save).toHaveBeenCalledTimes(2);
  expect(together).toBe(1);
});

test("a flush waits for what is being written and writes what is not yet", async () => {
  const written: string[] = [];
  let state = "a";
  const saving = autosave({
    save: async () => {
      const now = state;
      await new Promise((resolve) => setTimeout(resolve, 50));
      written.push(now);
    },
    onFailure: vi.fn(),
  });
  saving.changed("answer");
  await vi.advanceTimersByTimeAsync(10);
  state = "b";
  saving.changed("typing");
  const flushed = saving.flush();
  await vi.advanceTimersByTimeAsync(200);
  await flushed;
  expect(written).toEqual(["a", "b"]);
});

test("a failed write is told, and tried again with the next change", async () => {
  const save = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error("full"));
  const onFailure = vi.fn();
  const saving = autosave({ save, onFailure });
  saving.changed("answer");
  await settle();
  expect(onFailure).toHaveBeenCalledTimes(1);
  save.mockResolvedValue(undefined);
  await saving.flush();
  expect(save).toHaveBeenCalledTimes(2);
});

test("nothing is written after the end", async () => {
  const save = vi.fn(async () => {});
  const saving = autosave({ save, onFailure: vi.fn() });
  saving.changed("typing");
  saving.stop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(save).not.toHaveBeenCalled();
});

test("a change at any moment around a write is written by itself: none is left to the next one", async () => {
  for (let moment = 0; moment < 30; moment += 1) {
    let state = 0;
    let written = -1;
    const saving = autosave({
      save: async () => {
        written = state;
        await Promise.resolve();
      },
      onFailure: vi.fn(),
    });
    saving.changed("answer");
    // So many steps later another answer is given, before the phone does anything else.
    for (let step = 0; step < moment; step += 1) await Promise.resolve();
    state = 1;
    saving.changed("answer");
    await settle();
    expect(written, `after ${moment} steps`).toBe(1);
  }
});
