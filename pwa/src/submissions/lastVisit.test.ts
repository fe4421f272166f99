import { expect, test } from "vitest";
import type { Definition } from "../engine/definition.ts";
import type { Places } from "../missions/places.ts";
import { lastVisitArea, stationQuestion } from "./lastVisit.ts";
import type { LedgerEntry } from "./ledger.ts";

const places: Places = {
  version: "1",
  regions: [{ code: "WKZ", name: { en: "West" } }],
  districts: [{ code: "WKZ-01", region: "WKZ", name: { en: "Oral" } }],
  stations: { columns: ["number", "region", "district"], rows: [["4071", "WKZ", "WKZ-01"]] },
};
const entry = (at: string, facts: Partial<LedgerEntry>) =>
  ({ kind: "polling_station", code: "LTO05-A001", at, ...facts }) as LedgerEntry;
const station = (code: string) => ({ kind: "station", code }) as const;

test.each([
  ["a station of the list: its district", { place: station("4071") }, { kind: "district", code: "WKZ-01" }],
  ["a district", { place: { kind: "district", code: "WKZ-09" } }, { kind: "district", code: "WKZ-09" }],
  [
    "a district answered beside an unknown station",
    { place: station("9"), district: "WKZ-01" },
    { kind: "district", code: "WKZ-01" },
  ],
  [
    "a region, where nothing finer was told",
    { place: { kind: "region", code: "WKZ" } },
    { kind: "region", code: "WKZ" },
  ],
  ["an unknown station alone: nothing", { place: station("9") }, undefined],
  ["no place at all: nothing", {}, undefined],
] as const)("the last visit was at %s", (_, facts, area) => {
  const older = entry("2021-01-08T10:00+05:00", { place: station("4071") });
  const last = entry("2021-01-09T10:00+05:00", facts);
  for (const entries of [
    [older, last],
    [last, older],
  ]) {
    expect(lastVisitArea(entries, "polling_station", places)).toEqual(area);
  }
});

test("only visits of the same kind count, by the moment of their observation whatever the offset", () => {
  const aktau = entry("2021-01-10T09:30+05:00", { place: { kind: "district", code: "MAN-01" } });
  const almaty = entry("2021-01-10T10:00+06:00", { place: { kind: "district", code: "ALM-01" } });
  const meeting = entry("2021-01-10T20:00+05:00", { kind: "meeting", place: { kind: "district", code: "AST-01" } });
  expect(lastVisitArea([aktau, almaty, meeting], "polling_station", places)?.code).toBe("MAN-01");
  const next = { ...aktau, code: "LTO05-A010", place: station("4071") };
  expect(lastVisitArea([next, { ...aktau, code: "LTO05-A009" }], "polling_station", places)?.code).toBe("WKZ-01");
  expect(lastVisitArea([meeting], "polling_station", places)).toBeUndefined();
  expect(
    lastVisitArea([entry("2021-01-10", { place: station("4071") })], "polling_station", undefined),
  ).toBeUndefined();
});

test("a form asks for the visited station outside its rows, or it is about no visit", () => {
  const node = { id: "ps", type: "text", label: { en: "Station" }, location: "station" };
  const asking = (nodes: object[]) =>
    ({
      sections: [{ id: "s", title: { en: "S" }, nodes }],
      choices: {},
      order: [],
      dependants: {},
    }) as unknown as Definition;
  expect(stationQuestion(asking([node]))).toBe("ps");
  expect(stationQuestion(asking([{ ...node, location: "district" }]))).toBeUndefined();
  expect(stationQuestion(asking([{ id: "r", label: { en: "R" }, questions: [node] }]))).toBeUndefined();
});
