import { expect, test } from "vitest";
import type { OutboxItem } from "./outbox";
import { reportsOf } from "./reports";

const item = (revision: string, submission: string, facts: Partial<OutboxItem> = {}): OutboxItem => ({
  revision,
  submission,
  code: "LTO05-A001",
  checklist: "c",
  form: "f",
  title: { en: "Form" },
  madeAt: `2021-01-10T0${revision}:00:00Z`,
  state: "received",
  progress: 1,
  attachments: { total: 1, received: 1 },
  isReadable: false,
  ...facts,
});

test("a report is one, with its newest words and the moment it was first finished", () => {
  const newest = item("3", "s", { change: "correction", place: "Oral", isReadable: true });
  const [other, report] = reportsOf([newest, item("2", "t"), item("1", "s", { short: true, retained: "until-safe" })]);
  expect(report).toMatchObject({ revision: "3", submission: "s", place: "Oral", madeAt: "2021-01-10T01:00:00Z" });
  expect(report).toMatchObject({ isReadable: true, retained: "until-safe", attachments: { total: 2, received: 2 } });
  expect(report?.revisions.map(({ revision }) => revision)).toEqual(["3", "1"]);
  expect(report).not.toHaveProperty("short");
  expect(other?.revisions).toHaveLength(1);
});

test.each([
  ["the correction waits", "waiting", "received", "waiting", "correction"],
  ["its first revision waits for a photo still", "received", "waiting", "waiting", undefined],
  ["the correction is kept for a person", "quarantined", "received", "quarantined", "correction"],
  ["its first revision is", "received", "quarantined", "quarantined", undefined],
  ["both are received", "received", "received", "received", "correction"],
] as const)("what is told is what is furthest from done: %s", (_, newest, first, state, change) => {
  const [report] = reportsOf([
    item("2", "s", { state: newest, change: "correction" }),
    item("1", "s", { state: first }),
  ]);
  expect(report?.state).toBe(state);
  expect(report?.change).toBe(change);
});
