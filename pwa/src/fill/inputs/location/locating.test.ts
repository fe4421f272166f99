import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exactnessOf, Locating } from "./locating.svelte";

let tell: (accuracy: number) => void;
let fail: (code?: number) => void;
let watching: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", {
    geolocation: {
      watchPosition(found: (position: unknown) => void, failed: (why: unknown) => void) {
        watching = true;
        tell = (accuracy) => found({ coords: { latitude: 43.2, longitude: 76.9, altitude: null, accuracy } });
        fail = (code = 2) => failed({ code, PERMISSION_DENIED: 1 });
        return 1;
      },
      clearWatch() {
        watching = false;
      },
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a position is taken once it is exact enough, and the receiver is left alone", () => {
  const taken: string[] = [];
  const locating = new Locating();
  locating.look((point) => taken.push(point), 10);
  tell(80);
  expect([taken, locating.metres]).toEqual([[], 80]);
  tell(9);
  expect(taken).toEqual(["43.200000 76.900000 0.0 9.0"]);
  expect([watching, locating.isLooking, locating.metres]).toEqual([false, false, undefined]);
});

test("what never becomes exact is taken as well as it became", () => {
  const taken: string[] = [];
  const locating = new Locating();
  locating.look((point) => taken.push(point), 10);
  tell(50);
  tell(400);
  vi.advanceTimersByTime(19_999);
  expect(taken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(taken).toEqual(["43.200000 76.900000 0.0 50.0"]);
});

test("who does not want to wait takes what there is", () => {
  const taken: string[] = [];
  const locating = new Locating();
  locating.look((point) => taken.push(point), 10);
  tell(50);
  locating.end();
  expect(taken).toHaveLength(1);
});

test("a position that was refused is told apart from one that was not found, until it is asked for again", () => {
  const locating = new Locating();
  locating.look(() => undefined, 10);
  fail(2);
  expect([locating.failed, locating.isRefused]).toEqual([true, false]);
  locating.look(() => undefined, 10);
  fail(1);
  expect([locating.failed, locating.isRefused]).toEqual([true, true]);
  locating.look(() => undefined, 10);
  expect([locating.failed, locating.isRefused]).toEqual([false, false]);
});

test("only a search that found nothing failed; a question that goes takes nothing", () => {
  const taken: string[] = [];
  const locating = new Locating();
  locating.look((point) => taken.push(point), 10);
  fail();
  expect([locating.failed, taken]).toEqual([true, []]);
  locating.look((point) => taken.push(point), 10);
  tell(50);
  locating.stop();
  vi.advanceTimersByTime(60_000);
  expect([watching, taken, locating.failed]).toEqual([false, [], false]);
});

test("the form's author may ask for more, or for less", () => {
  expect(exactnessOf(undefined)).toEqual({ enough: 10, rough: 100 });
  expect(exactnessOf({ "capture-accuracy": 3, "warning-accuracy": "25" })).toEqual({ enough: 3, rough: 25 });
});
