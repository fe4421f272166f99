import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { announce, heardMs, hush, spoken } from "./announce.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  hush();
  vi.useRealTimers();
});

test("what was announced is gone once it was heard, and not before", () => {
  announce("LTO05-A001 is finished and queued.");
  vi.advanceTimersByTime(heardMs - 1);
  expect(spoken()).toBe("LTO05-A001 is finished and queued.");
  vi.advanceTimersByTime(1);
  expect(spoken()).toBe("");
});

test("a later announcement has its own time", () => {
  announce("Point 1 added.");
  vi.advanceTimersByTime(heardMs - 1);
  announce("Point 2 added.");
  vi.advanceTimersByTime(heardMs - 1);
  expect(spoken()).toBe("Point 2 added.");
});

test("the same twice in a row is heard twice", () => {
  announce("Point 1 removed.");
  const first = spoken();
  announce("Point 1 removed.");
  expect(spoken()).not.toBe(first);
});

test("what is hushed is gone at once", () => {
  announce("LTO05-A001 is finished and queued.");
  hush();
  expect(spoken()).toBe("");
});
