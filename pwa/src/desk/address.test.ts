import { expect, test } from "vitest";
import { type Address, hrefOf, noFilters, parseAddress } from "./address.ts";

const id = "01934f6e-7c00-7000-8000-000000000001";

test.each<Address>([
  { page: "overview" },
  { page: "regions" },
  { page: "region", region: "KZ-ZAP", form: "" },
  { page: "region", region: "all", form: "meeting_report" },
  { page: "region", region: "all", form: "", origin: "oscepa" },
  { page: "reports", filters: noFilters },
  { page: "queries" },
  { page: "reports", filters: { ...noFilters, origin: "odihr" } },
  { page: "reports", filters: { region: "KZ-ZAP", checklist: "visit", severity: 3, q: "LTO05 & «Орал»" }, report: id },
  { page: "exports", region: "none", form: "visit" },
  { page: "checklists" },
  { page: "new-checklist" },
  { page: "checklist", version: id, view: "preview", against: "" },
  { page: "checklist", version: id, view: "changes", against: id },
])("every page has an address that leads back to it: $page", (address) => {
  expect(parseAddress(hrefOf(address))).toEqual(address);
});

test.each(["", "#", "#/", "#/nowhere", "#/reports.html"])("%j leads to the overview", (hash) => {
  expect(parseAddress(hash)).toEqual({ page: "overview" });
});

test("what an address cannot mean is left out, not passed on to the server", () => {
  expect(parseAddress("#/reports/../../etc?region=<b>&severity=9&checklist=a b")).toEqual({
    page: "reports",
    filters: noFilters,
  });
  expect(parseAddress("#/regions/a%20b")).toEqual({ page: "regions" });
});

test("no filter leaves no trace in the address", () => {
  expect(hrefOf({ page: "reports", filters: noFilters })).toBe("#/reports");
});

test("what is asked of the review of reports is in their address, and nothing of it where nothing is", () => {
  const filters = { ...noFilters, status: "on_hold", mine: true as const, unread: true as const };
  const address = { page: "reports" as const, filters };
  expect(hrefOf(address)).toBe("#/reports?status=on_hold&mine=1&unread=1");
  expect(parseAddress(hrefOf(address))).toEqual(address);
  expect(hrefOf({ page: "reports", filters: noFilters })).toBe("#/reports");
  const region = { page: "region" as const, region: "KZ-AST", form: "", status: "accepted" };
  expect(parseAddress(hrefOf(region))).toEqual(region);
});
