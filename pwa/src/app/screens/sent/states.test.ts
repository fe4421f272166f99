import { expect, test } from "vitest";
import type { SyncStatus } from "../../../sync/status";
import { contactText } from "./states";

const told = (status: Omit<SyncStatus, "waiting">) => contactText({ waiting: 1, ...status }, "en", "Asia/Almaty");

test.each([
  ["nothing was heard yet", {}],
  ["headquarters was reached", { lastContactAt: "2021-01-10T09:00:00Z" }],
  ["there is no network", { lastContactAt: "2021-01-10T09:00:00Z", problem: "no-contact" }],
])("a try claims no contact and moves nothing: %s", (_, known) => {
  expect(told({ state: "working", ...known })).toBe(told({ state: "idle", ...known }));
});
