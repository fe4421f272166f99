import { expect, test, vi } from "vitest";
import { durationText } from "./durations";
import { showIn } from "./language.svelte";

const minute = 60_000;
const hour = 60 * minute;

test("a duration is told in days and hours, or in hours and minutes, whatever its sign", () => {
  for (const [ms, text] of [
    [0, "0 min"],
    [3 * minute + 20_000, "3 min"],
    [-2 * hour, "2 h"],
    [23 * hour + 59 * minute, "23 h 59 min"],
    [24 * hour - 200, "1 day"],
    [-(27 * hour + 10 * minute), "1 day 3 h"],
    [365 * 24 * hour, "365 days"],
  ] as const)
    expect(durationText(ms)).toBe(text);
});

test("in Russian and Kazakh as people say it there", () => {
  vi.stubGlobal("document", { documentElement: {} });
  showIn("ru");
  expect([1, 2, 5, 21].map((days) => durationText(days * 24 * hour))).toEqual(["1 день", "2 дня", "5 дней", "21 день"]);
  showIn("kk");
  expect(durationText(26 * hour)).toBe("1 күн 2 сағ");
  showIn("en");
});
