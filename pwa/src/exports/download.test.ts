import { expect, test } from "vitest";
import { exportPath, fileName } from "./download.ts";

test("an export is asked for by region, checklist and language", () => {
  const wanted = { format: "csv.zip", region: "KZ-ZAP", form: "visit", language: "ru" } as const;
  expect(exportPath(wanted)).toBe("/api/v1/exports/submissions.csv.zip?region=KZ-ZAP&language=ru&form=visit");
  expect(exportPath({ ...wanted, format: "xlsx", form: "" })).toBe(
    "/api/v1/exports/submissions.xlsx?region=KZ-ZAP&language=ru",
  );
  expect(exportPath({ ...wanted, origin: "oscepa" })).toMatch(/&origin=oscepa$/);
  expect(exportPath({ ...wanted, format: "zip" })).toMatch(/^\/api\/v1\/exports\/openrosa\.zip\?region=KZ-ZAP/);
});

test("a file keeps the name the server gave it, and no path", () => {
  expect(fileName('attachment; filename="steppe-KZ2021.xlsx"', "other")).toBe("steppe-KZ2021.xlsx");
  expect(fileName('attachment; filename="../../x"', "other")).toBe("other");
  expect(fileName(null, "other")).toBe("other");
});
