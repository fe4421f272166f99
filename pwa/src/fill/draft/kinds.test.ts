import { expect, test } from "vitest";
import type { ChecklistEntry } from "../../missions/checklists";
import { tileGroups } from "./kinds.ts";

const entry = (
  form: string,
  version: string,
  kind: string,
  status: ChecklistEntry["status"] = "open",
): ChecklistEntry => ({
  id: `${form}-${version}`,
  form,
  version,
  kind,
  title: { en: form },
  short: { en: form },
  status,
});

const shown = (entries: ChecklistEntry[]) =>
  tileGroups(entries).map(({ group, entries: e }) => [group, e.map(({ id }) => id)]);

test("a new report begins on the newest open version only", () => {
  const entries = [
    entry("meeting", "1", "meeting"),
    entry("meeting", "3", "meeting", "closing"),
    entry("meeting", "2", "meeting"),
  ];
  expect(shown(entries)).toEqual([["before", ["meeting-2"]]]);
});

test("a version being closed or retired begins nothing, even when there is no other", () => {
  expect(shown([entry("a", "1", "flash", "closing"), entry("b", "1", "flash", "retired")])).toEqual([]);
});

test("the tenth version is newer than the ninth", () => {
  expect(shown([entry("a", "10", "flash"), entry("a", "9", "flash")])).toEqual([["any_time", ["a-10"]]]);
});

test("groups come in the order of the mission and unknown kinds are not lost", () => {
  const entries = [entry("x", "1", "something_new"), entry("v", "1", "polling_station"), entry("m", "1", "meeting")];
  expect(shown(entries)).toEqual([
    ["before", ["m-1"]],
    ["election_day", ["v-1"]],
    ["any_time", ["x-1"]],
  ]);
});

test("tiles follow the work of an observer, and election day its hours", () => {
  const forms = ["counting", "opening", "voting"].map((form) => entry(`station_${form}`, "1", "polling_station"));
  const others = [entry("campaign", "1", "campaign_event"), entry("commission", "1", "commission")];
  const entries = [...others, entry("meeting", "1", "meeting"), ...forms, entry("tabulation", "1", "polling_station")];
  expect(shown(entries)).toEqual([
    ["before", ["meeting-1", "campaign-1", "commission-1"]],
    ["election_day", ["station_opening-1", "station_voting-1", "station_counting-1", "tabulation-1"]],
  ]);
});
