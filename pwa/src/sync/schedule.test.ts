import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backoff, type RoundResult, Schedule } from "./schedule";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the schedule", () => {
  test("backs off with full jitter from 2 s to 5 min", () => {
    const always = () => 1;
    expect([1, 2, 3, 8, 9, 50].map((failures) => backoff(failures, always))).toEqual([2, 4, 8, 256, 300, 300]);
    expect(backoff(5, () => 0)).toBe(0);
  });

  test("tries again after failures, later each time, and every five minutes while all is well", async () => {
    const results: RoundResult[] = [{ failed: true }, { failed: true }, { failed: false }];
    const round = vi.fn(async () => results.shift() ?? { failed: false });
    const schedule = new Schedule(round, undefined, () => 1);
    await schedule.now();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(round).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(3_900);
    expect(round).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(round).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(299_000);
    expect(round).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(round).toHaveBeenCalledTimes(4);
    schedule.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(round).toHaveBeenCalledTimes(4);
  });

  test("goes on after a round that broke", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const round = vi.fn(async () => Promise.reject(new Error("the disk is broken")));
    const schedule = new Schedule(round, undefined, () => 1);
    await schedule.now();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(round).toHaveBeenCalledTimes(2);
    schedule.stop();
  });

  test("gives the server the time it asks for", async () => {
    const round = vi.fn(async () => ({ failed: true, retryAfterSeconds: 60 }));
    const schedule = new Schedule(round, undefined, () => 0);
    await schedule.now();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(round).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(round).toHaveBeenCalledTimes(2);
    schedule.stop();
  });

  test("never runs two rounds at once, and runs one more for what was asked meanwhile", async () => {
    let running = 0;
    let most = 0;
    const round = vi.fn(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running--;
      return { failed: false };
    });
    const schedule = new Schedule(round);
    const rounds = Promise.all([schedule.now(), schedule.encourage(), schedule.now()]);
    await vi.advanceTimersByTimeAsync(1_000);
    await rounds;
    expect(most).toBe(1);
    expect(round).toHaveBeenCalledTimes(2);
    schedule.stop();
  });
});
