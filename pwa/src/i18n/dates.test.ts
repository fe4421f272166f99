import { describe, expect, test } from "vitest";
import { formatBytes, formatDay, formatMoment, formatTime, formatWritten, withOffset } from "./dates.ts";

test.each([
  ["en", "10 Jan 2021"],
  ["ru", "10 янв. 2021"],
  ["kk", "2021 ж. 10 қаң."],
])("a day is written the way %s writes it", (language, text) => {
  expect(formatDay("2021-01-10", language)).toBe(text);
});

test("moments are told in the mission's zone, not the phone's", () => {
  expect(formatTime("2021-01-09T23:30:00.000Z", "Asia/Almaty")).toBe("05:30");
  expect(formatTime("2021-01-09T23:30:00.000Z", "Asia/Oral")).toBe("04:30");
});

describe("a moment", () => {
  const now = new Date("2021-01-10T12:00:00Z");
  test("of today is only a time", () => {
    expect(formatMoment("2021-01-10T08:05:00Z", "en", "Asia/Almaty", now)).toBe("14:05");
  });
  test("of another day in the zone says which", () => {
    expect(formatMoment("2021-01-09T17:59:00Z", "en", "Asia/Almaty", now)).toBe("9 Jan 2021, 23:59");
    expect(formatMoment("2021-01-09T18:01:00Z", "en", "Asia/Almaty", now)).toBe("00:01");
  });
});

test("a written datetime keeps the clock the observer read", () => {
  expect(formatWritten("2021-01-10T14:05+06:00", "ru")).toBe("10 янв. 2021, 14:05");
});

test.each([
  ["2021-01-10T14:05", "Asia/Almaty", "2021-01-10T14:05+06:00"],
  ["2026-11-24T14:05", "Asia/Almaty", "2026-11-24T14:05+05:00"],
  ["2026-11-24T14:05", "America/St_Johns", "2026-11-24T14:05-03:30"],
  ["2026-03-29T03:30", "Europe/Vienna", "2026-03-29T03:30+02:00"],
])("%s in %s is answered as %s", (local, zone, answer) => {
  expect(withOffset(local, zone)).toBe(answer);
});

test("bytes are rounded for people", () => {
  expect(formatBytes(640_400, "en")).toBe("640 kB");
  expect(formatBytes(12_400_000, "en")).toBe("12.4 MB");
  expect(formatBytes(12_400_000, "ru")).toBe("12,4 МБ");
  expect(formatBytes(999_900, "en")).toBe("1.0 MB");
});
