import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distanceKm, indexStations, type StationList } from "./stations.ts";
import { fold } from "./translit.ts";

const columns = ["number", "region", "district", "name_en", "name_ru", "name_kk", "locality", "lon", "lat"];
const small: StationList = {
  columns,
  rows: [
    ["1", "KZ-AKM", "AKM-01", "School No. 12, Abai", "Школа №12, Абай", "№12 мектеп, Абай", "Abai", 69.38, 53.28],
    ["12", "KZ-KZY", "KZY-01", "School, Kyzylorda", "Школа, Кызылорда", "Мектеп, Қызылорда", "Kyzylorda", 65.5, 44.8],
    ["120", "KZ-AKM", "AKM-02", "Club, Shubarabai", "Клуб, Шубарабай", "Клуб, Шұбарабай", "Shubarabai", 70, 52],
    ["121", "KZ-SHY", "SHY-01", "Lyceum, Abai", "Лицей, Абай", "Лицей, Абай", "Abai", 69.6, 42.3],
    ["300", null, "DE", "Embassy, Germany", "Посольство, Германия", "Елшілік, Германия", "Germany", null, null],
  ],
};
const districts = [{ code: "SHY-01", name: { en: "Al-Farabi District", kk: "Әл-Фараби ауданы" } }];
const index = indexStations(small, districts);
const numbers = (query: string, context = {}): string[] => index.search(query, context).map(({ number }) => number);

describe("what is typed", () => {
  test.each(["Kyzylorda", "Қызылорда", "Кызылорда", "qyzylorda", "КЫЗ", "kyzy", "Qızıl"])(
    "as %s finds the town",
    (typed) => {
      expect(numbers(typed)).toEqual(["12"]);
    },
  );

  test("as a number gives the station of that number, then longer numbers, then names with it", () => {
    expect(numbers("12")).toEqual(["12", "120", "121", "1"]);
  });

  test.each(["zzz", "aaaa", "ззз", "???", "abai zzz"])("as %s, which no name could be, finds nothing", (typed) => {
    expect(numbers(typed)).toEqual([]);
  });

  test("may hold a Roman numeral, or nothing yet but a space", () => {
    expect(numbers("III").length).toBeGreaterThan(0);
    expect(numbers(" ")).toEqual(numbers(""));
  });

  test("finds beginnings of words before their middles", () => {
    expect(numbers("abai")).toEqual(["1", "121", "120"]);
  });

  test("must match with every word, in any order and script", () => {
    expect(numbers("абай school")).toEqual(["1"]);
    expect(numbers("12 abai")).toEqual(["1", "121", "120"]);
    expect(numbers("abai 999")).toEqual([]);
  });

  test("puts the nearest first where the observer's place is known, and what has no place last", () => {
    const near = { lat: 44.8, lon: 65.5 };
    expect(numbers("", { near, recent: ["120"], regions: ["KZ-AKM"] })).toEqual(["12", "121", "120", "1", "300"]);
    expect(numbers("abai", { near })).toEqual(["121", "1", "120"]);
  });

  test("may be the name of the district", () => {
    expect(numbers("әл-фараби")).toEqual(["121"]);
  });

  test("finds a station abroad, which has no region and no position", () => {
    expect(index.search("germany")).toEqual([
      {
        number: "300",
        region: "",
        district: "DE",
        name: { en: "Embassy, Germany", ru: "Посольство, Германия", kk: "Елшілік, Германия" },
        locality: "Germany",
      },
    ]);
  });

  test("letter by letter never loses the school on the way", () => {
    for (let typed = 1; typed <= "school".length; typed++) {
      expect(numbers("school".slice(0, typed))).toContain("1");
    }
  });
});

test("recent stations come first, then those of the team's regions", () => {
  expect(numbers("abai", { regions: ["KZ-SHY"] })).toEqual(["121", "1", "120"]);
  expect(numbers("abai", { regions: ["KZ-SHY"], recent: ["1"] })).toEqual(["1", "121", "120"]);
});

test("before anything is typed, recent stations and the team's own are offered", () => {
  expect(numbers("", { recent: ["300"], regions: ["KZ-AKM"], limit: 3 })).toEqual(["300", "1", "120"]);
});

test("a station is found by its exact number only", () => {
  expect(index.find("120")?.locality).toBe("Shubarabai");
  expect(index.find("12 ")).toBeUndefined();
});

describe("the whole list of the demo mission", () => {
  const path = fileURLToPath(new URL("../../../backend/steppe/packs/kazakhstan_2021/stations.csv", import.meta.url));
  const whole = indexStations(readStations(readFileSync(path, "utf8")));
  const anyRow = fc.integer({ min: 0, max: whole.size - 1 }).map((i) => rows[i] as string[]);

  test("every station is found by its number", () => {
    fc.assert(
      fc.property(anyRow, ([number = ""]) => {
        expect(whole.search(number)[0]?.number).toBe(number);
      }),
      { numRuns: 40 },
    );
  });

  test("every station is found by any of its names in any language", () => {
    fc.assert(
      fc.property(anyRow, fc.constantFrom(3, 4, 5), ([...row], language) => {
        const found = whole.search(row[language] ?? "", { limit: whole.size });
        expect(found.some(({ number }) => number === row[0])).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test.each(["abai", "shk", "Ақ", "12 м", "club kar", "көкше", "99 a"])(
    "every hit of %s holds all its words",
    (query) => {
      const found = whole.search(query, { limit: 100 });
      expect(found.length).toBeGreaterThan(0);
      for (const { number, name, locality } of found) {
        const text = fold([number, ...Object.values(name), locality].join(" "));
        for (const word of fold(query).split(" ")) expect(text).toContain(word);
      }
    },
  );

  test.each(["a", "mektep", "12", "shu"])("a limit never changes the order of what %s finds", (query) => {
    const [all, few] = [60, 7].map((limit) => whole.search(query, { limit }).map(({ number }) => number));
    expect(few).toEqual(all?.slice(0, 7));
  });
});

let rows: string[][] = [];

/** The pack's own file as the wire would carry it; its cells hold no quotes. */
function readStations(csv: string): StationList {
  const lines = csv.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const cells = lines.map((line) => [...line.matchAll(/("([^"]*)"|[^,]*)(?:,|$)/g)].map((m) => m[2] ?? m[1] ?? ""));
  const [header = [], ...body] = cells;
  rows = body;
  return { columns: header.filter((name) => name !== ""), rows: body };
}

test("distances are those of a globe", () => {
  const origin = { lat: 0, lon: 0 };
  expect(distanceKm(origin, origin)).toBe(0);
  // A degree is a 360th of the way around.
  expect(distanceKm(origin, { lat: 1, lon: 0 })).toBeCloseTo((2 * Math.PI * 6371) / 360, 6);
  expect(distanceKm({ lat: 60, lon: 0 }, { lat: 60, lon: 1 })).toBeCloseTo((Math.PI * 6371) / 360, 1);
});
