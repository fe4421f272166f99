import { expect, test } from "vitest";
import { DeskProblem } from "../../desk/api";
import { ageText, heldProblem } from "./heldTexts";

test.each([
  ["2021-01-10T08:00:00Z", "waits 1 hour"],
  ["2021-01-08T10:00:00Z", "waits 47 hours"],
  ["2021-01-08T09:00:00Z", "waits 2 days"],
  // A desk whose clock is behind.
  ["2021-01-10T11:00:00Z", "waits 0 hours"],
])("how long an item waits is said in hours, then in days: %s", (receivedAt, text) => {
  expect(ageText(receivedAt, Date.parse("2021-01-10T09:30:00Z"))).toBe(text);
});

test("why it cannot be taken is said with what stands against it now", () => {
  expect(heldProblem(new DeskProblem("cannot-be-taken", "bad_answers"))).toContain("answers do not fit the checklist");
  expect(heldProblem(new DeskProblem("decided-already"))).toContain("Somebody has decided");
});
