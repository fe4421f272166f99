import { describe, expect, test } from "vitest";
import { type DueEntry, dueOf, dueReport } from "./due";

const mission = { from: "2020-12-08", to: "2021-03-26" };
const weekly: DueEntry = { form: "weekly", teams: [], day: "sunday", time: "18:00", zone: "Asia/Almaty" };
const at = (iso: string) => Date.parse(iso);
const report = (iso: string, form = "weekly") => ({ form, at: at(iso) });
const told = (now: string, reports: string[] = [], entry = weekly) => {
  const due = dueReport(
    entry,
    reports.map((iso) => report(iso)),
    at(now),
    mission,
  );
  return due && [due.state, new Date(due.at).toISOString().slice(0, 16)];
};

describe("a weekly report", () => {
  const lastWeek = "2021-01-01T10:00Z";

  test("is due on Sunday at 18:00 in the mission's zone", () => {
    expect(told("2021-01-06T10:00Z", [lastWeek])).toEqual(["due", "2021-01-10T12:00"]);
    // Sunday evening in Almaty is still Sunday noon in UTC; the next week begins a second later.
    expect(told("2021-01-10T12:00Z", [lastWeek])).toEqual(["due", "2021-01-10T12:00"]);
    expect(told("2021-01-10T12:00:01Z", [lastWeek])).toEqual(["late", "2021-01-10T12:00"]);
    // Monday in Almaty, Sunday evening in UTC.
    expect(told("2021-01-10T20:00Z", ["2021-01-09T10:00Z"])).toEqual(["due", "2021-01-17T12:00"]);
  });

  test("is done by one report of the week, and the next week asks for another", () => {
    expect(told("2021-01-09T11:00Z", [lastWeek, "2021-01-08T10:00Z"])).toEqual(["done", "2021-01-10T12:00"]);
    expect(told("2021-01-11T11:00Z", [lastWeek, "2021-01-08T10:00Z"])).toEqual(["due", "2021-01-17T12:00"]);
  });

  test("that was missed is late until one comes, which is not this week's", () => {
    expect(told("2021-01-12T10:00Z", [lastWeek])).toEqual(["late", "2021-01-10T12:00"]);
    expect(told("2021-01-12T10:00Z", [lastWeek, "2021-01-11T09:00Z"])).toEqual(["due", "2021-01-17T12:00"]);
    const both = [lastWeek, "2021-01-11T09:00Z", "2021-01-12T09:00Z"];
    expect(told("2021-01-12T10:00Z", both)).toEqual(["done", "2021-01-17T12:00"]);
  });

  test("is not missed before the mission began, nor due after its end", () => {
    expect(told("2020-12-08T10:00Z")).toEqual(["due", "2020-12-13T12:00"]);
    expect(told("2021-03-23T10:00Z", ["2021-03-20T10:00Z"])).toBeUndefined();
    expect(told("2021-03-23T10:00Z")).toEqual(["late", "2021-03-21T12:00"]);
  });

  test("keeps its hour over a change of clocks", () => {
    const warsaw = { ...weekly, zone: "Europe/Warsaw" };
    expect(told("2021-03-10T10:00Z", ["2021-03-05T10:00Z"], warsaw)).toEqual(["due", "2021-03-14T17:00"]);
    const summer = dueReport(warsaw, [report("2021-03-20T10:00Z")], at("2021-03-24T10:00Z"), {
      from: "2021-01-01",
      to: "2021-06-01",
    });
    expect(new Date(summer?.at ?? 0).toISOString()).toBe("2021-03-28T16:00:00.000Z");
  });
});

test("a report due once is due, late, or done whenever it was made", () => {
  const once = { ...weekly, day: "2021-01-11", time: "09:30" };
  expect(told("2021-01-10T10:00Z", [], once)).toEqual(["due", "2021-01-11T03:30"]);
  expect(told("2021-01-12T10:00Z", [], once)).toEqual(["late", "2021-01-11T03:30"]);
  expect(told("2021-01-12T10:00Z", ["2021-01-12T09:00Z"], once)).toEqual(["done", "2021-01-11T03:30"]);
  expect(told("2021-01-12T10:00Z", [], { ...once, day: "someday" })).toBeUndefined();
});

test("a team is told of its own forms alone, the late one first", () => {
  const entries = [weekly, { ...weekly, form: "other", teams: ["LTO02"] }, { ...weekly, form: "plan", day: "monday" }];
  const reports = [report("2021-01-02T10:00Z"), report("2021-01-05T10:00Z", "plan")];
  const now = at("2021-01-12T10:00Z");
  expect(dueOf(entries, "LTO01", reports, now, mission).map(({ form, state }) => [form, state])).toEqual([
    ["weekly", "late"],
    ["plan", "due"],
  ]);
  expect(dueOf(entries, "LTO02", reports, now, mission)).toHaveLength(3);
});
