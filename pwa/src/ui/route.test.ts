import { expect, test } from "vitest";
import { enrolmentCode, hrefOf, parseRoute, type Route } from "./route.ts";

const id = "01934f6e-7c00-7000-8000-000000000001";

test.each<Route>([
  { screen: "today" },
  { screen: "new" },
  { screen: "outbox" },
  { screen: "me" },
  { screen: "fill", submission: id, section: 4 },
  { screen: "fill", submission: id, section: 0, question: "mtg_t/01934f6e/mtg_t_theme" },
  { screen: "review", submission: id },
  { screen: "sent", revision: id },
])("every screen has an address that leads back to it: $screen", (route) => {
  expect(parseRoute(hrefOf(route))).toEqual(route);
});

test.each(["", "#", "#/", "#/nowhere", "#/fill", "#/fill/../../x", "#/review/abc"])("%j leads to Today", (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: "today" });
});

test("an enrolment link carries its code and nothing else is taken for one", () => {
  expect(enrolmentCode("#enrol=ABCDE-FGHJK")).toBe("ABCDE-FGHJK");
  expect(enrolmentCode("#/today")).toBeUndefined();
  expect(enrolmentCode("#enrol=")).toBeUndefined();
});
