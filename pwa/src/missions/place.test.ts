import { expect, test } from "vitest";
import type { Definition } from "../engine/definition.ts";
import { placeOfAnswers, placeText } from "./place.ts";
import type { Places } from "./places.ts";

const texts = (en: string, ru = en) => ({ en, ru });
const places: Places = {
  version: "1",
  regions: [{ code: "KZ-ZAP", name: texts("West Kazakhstan", "ЗКО") }],
  districts: [{ code: "ZAP-01", region: "KZ-ZAP", name: texts("Oral city", "город Уральск") }],
  stations: {
    columns: ["number", "region", "district", "name_en", "name_ru"],
    rows: [["7", "", "", "School", "Школа"]],
  },
};
const definition = {
  sections: [
    {
      id: "s",
      title: texts("S"),
      nodes: [
        { id: "district", type: "text", label: texts("District"), location: "district" },
        { id: "station", type: "text", label: texts("Station"), location: "station" },
      ],
    },
  ],
} as unknown as Definition;

test("a report is about its most precise place", () => {
  expect(placeOfAnswers(definition, {})).toBeUndefined();
  expect(placeOfAnswers(definition, { district: "ZAP-01" })).toEqual({ kind: "district", code: "ZAP-01" });
  expect(placeOfAnswers(definition, { district: "ZAP-01", station: "7" })).toEqual({ kind: "station", code: "7" });
});

test("a place is called in the language of whoever reads, not in that of whoever finished the report", () => {
  const district = placeOfAnswers(definition, { district: "ZAP-01" });
  expect(placeText(district, places, "en")).toBe("Oral city");
  expect(placeText(district, places, "ru")).toBe("город Уральск");
});

test("a place the list no longer knows is its code, and words kept by an earlier version stay", () => {
  expect(placeText({ kind: "district", code: "GONE-1" }, places, "en")).toBe("GONE-1");
  expect(placeText("город Уральск", places, "en")).toBe("город Уральск");
  expect(placeText(undefined, places, "en")).toBe("");
});
