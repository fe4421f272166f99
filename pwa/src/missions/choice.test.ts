import { expect, test } from "vitest";
import { areaChoices } from "./choice.ts";
import type { Places } from "./places";

const places: Places = {
  version: "1",
  regions: [
    { code: "KZ-KZY", name: { en: "Kyzylorda Region", ru: "Кызылординская область", kk: "Қызылорда облысы" } },
    { code: "KZ-AKM", name: { en: "Akmola Region", ru: "Акмолинская область", kk: "Ақмола облысы" } },
  ],
  districts: [
    { code: "AKM-01", region: "KZ-AKM", name: { en: "Kokshetau", ru: "Кокшетау", kk: "Көкшетау" } },
    { code: "KZY-01", region: "KZ-KZY", name: { en: "Kyzylorda city", ru: "Кызылорда", kk: "Қызылорда" } },
  ],
  stations: { columns: [], rows: [] },
};

test.each(["qyzyl", "kyzylorda", "Қызыл", "кызылорда"])("%j finds the district in any script", (query) => {
  expect(areaChoices("district", places, query, [], "en").map(({ code }) => code)).toEqual(["KZY-01"]);
});

test("the team's own regions lead the list", () => {
  expect(areaChoices("district", places, "", ["KZ-KZY"], "en").map(({ code }) => code)).toEqual(["KZY-01", "AKM-01"]);
  expect(areaChoices("region", places, "", [], "ru").map(({ name }) => name)).toEqual([
    "Акмолинская область",
    "Кызылординская область",
  ]);
});

test("a district says which region it lies in", () => {
  expect(areaChoices("district", places, "kok", [], "ru")[0]?.detail).toBe("Акмолинская область");
});
