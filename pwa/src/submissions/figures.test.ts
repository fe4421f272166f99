import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answers } from "../engine/answers";
import type { Choice, Definition, Question } from "../engine/definition";
import type { Places } from "../missions/places";
import { asksFigures, renewed } from "./figureQuestions";
import { figuresFor } from "./figures";
import { type LedgerEntry, ledgerEntry } from "./ledger";

const choices = (...names: string[]): Choice[] => names.map((name) => ({ name, label: { en: name.toUpperCase() } }));
const blank = {
  format: 1,
  version: "1",
  languages: ["en"],
  default_language: "en",
  order: [],
  dependants: {},
} as const;

const meetings: Definition = {
  ...blank,
  id: "meeting_report",
  kind: "meeting",
  title: { en: "Meeting report" },
  short: { en: "Meeting" },
  location: "district_code",
  choices: {
    interlocutor: choices("court", "media", "political_party", "other"),
    party: choices("adal", "auyl", "several", "other"),
    gender: choices("woman", "man"),
    mtg_access: choices("at_once", "refused"),
    irreg: choices("violence", "vote_buying"),
    status_verif: choices("unverified", "checking", "corroborated"),
  },
  sections: [
    {
      id: "start",
      title: { en: "Start" },
      nodes: [
        { id: "district_code", type: "text", label: { en: "" }, location: "district" },
        { id: "observed_start", type: "datetime", label: { en: "" } },
        { id: "access", type: "select_one", list: "mtg_access", label: { en: "" } },
        { id: "category", type: "select_one", list: "interlocutor", label: { en: "" } },
        { id: "party", type: "select_one", list: "party", label: { en: "" } },
        { id: "speaker", type: "select_one", list: "gender", label: { en: "" } },
        { id: "said", type: "text", label: { en: "" } },
        {
          repeat: true,
          id: "alleged",
          label: { en: "" },
          questions: [
            { id: "kind", type: "select_multiple", list: "irreg", label: { en: "" } },
            { id: "status", type: "select_one", list: "status_verif", label: { en: "" } },
          ],
        },
      ],
    },
  ],
};

const figure = (id: string, type: Question["type"]): Question => ({ id, type, figure: id, label: { en: id } });
const weekly: Definition = {
  ...blank,
  id: "weekly_report",
  kind: "weekly",
  title: { en: "Weekly report" },
  short: { en: "Weekly" },
  choices: {},
  sections: [
    {
      id: "all",
      title: { en: "All" },
      nodes: [
        figure("from", "date"),
        figure("to", "date"),
        ...["meetings", "campaign_events", "commissions", "complaints", "flash_reports"].map((id) =>
          figure(id, "integer"),
        ),
        ...["districts", "kilometres"].map((id) => figure(id, "integer")),
        ...["meetings_by_category", "meetings_by_gender", "not_met", "allegations_open"].map((id) =>
          figure(id, "text"),
        ),
      ],
    },
  ],
};

const places: Places = {
  version: "1",
  regions: [],
  districts: [],
  stations: {
    columns: ["number", "district", "lat", "lon"],
    rows: [
      ["1", "A", 43, 76],
      ["2", "A", 43, 78],
      ["3", "B", 44, 77],
      ["4", "C", null, null],
    ],
  },
};

const day = fc.integer({ min: 1, max: 28 }).map((n) => `2020-12-${String(n).padStart(2, "0")}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const report = fc.record({
  kind: fc.constantFrom("meeting", "campaign_event", "commission", "complaint", "flash", "weekly"),
  day,
  district: fc.constantFrom("A", "B", "C"),
  access: optional(fc.constantFrom("at_once", "refused")),
  category: optional(fc.constantFrom("court", "media", "political_party", "other")),
  party: optional(fc.constantFrom("adal", "auyl", "several")),
  speaker: optional(fc.constantFrom("woman", "man")),
  alleged: fc.array(optional(fc.constantFrom("unverified", "checking", "corroborated")), { maxLength: 3 }),
});
type Report = typeof report extends fc.Arbitrary<infer R> ? R : never;

function answersOf(one: Report): Answers {
  const rows = one.alleged.map((_, i) => `r${i}`);
  const given = {
    district_code: one.district,
    observed_start: `${one.day}T11:00+06:00`,
    access: one.access,
    category: one.category,
    party: one.party,
    speaker: one.speaker,
    said: "the chair is afraid",
    alleged: rows.length > 0 ? rows : undefined,
    ...Object.fromEntries(one.alleged.map((status, i) => [`alleged/r${i}/status`, status])),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Answers;
}

function entryOf(one: Report, n: number): LedgerEntry {
  const definition = { ...meetings, kind: one.kind };
  const facts = { submission: `s${n}`, code: `T-A${n}`, finishedOn: "2020-12-31" };
  return ledgerEntry(definition, answersOf(one), facts);
}

/** `LABEL: number` lines as a record. */
const counted = (text: unknown) =>
  Object.fromEntries(
    String(text ?? "")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(": ")),
  ) as Record<string, string>;

describe("figures of the team's own reports", () => {
  test("are what counting the reports of those days by hand gives", () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 25 }), day, day, (reports, from, to) => {
        const figures = figuresFor(weekly, { from, to }, { ledger: reports.map(entryOf), meetings, places });
        const during = reports.filter((one) => one.day >= from && one.day <= to);
        const held = during.filter((one) => one.kind === "meeting" && one.access !== "refused");
        expect(figures.meetings).toBe(held.length);
        for (const [id, kind] of Object.entries({
          campaign_events: "campaign_event",
          commissions: "commission",
          complaints: "complaint",
          flash_reports: "flash",
        })) {
          expect(figures[id]).toBe(during.filter((one) => one.kind === kind).length);
        }
        const went = during.filter((one) => ["meeting", "campaign_event", "commission"].includes(one.kind));
        expect(figures.districts).toBe(new Set(went.map(({ district }) => district)).size);
        for (const [id, fact] of [
          ["meetings_by_category", "category"],
          ["meetings_by_gender", "speaker"],
        ] as const) {
          const lines = counted(figures[id]);
          for (const name of new Set(held.map((one) => one[fact]))) {
            const number = held.filter((one) => one[fact] === name).length;
            expect(lines[name?.toUpperCase() ?? "–"]).toBe(String(number));
          }
          expect(Object.values(lines).reduce((sum, n) => sum + Number(n), 0)).toBe(held.length);
        }
        const open = reports
          .filter((one) => one.day <= to)
          .flatMap(({ alleged }) => alleged.filter((status) => status !== "corroborated"));
        expect(
          String(figures.allegations_open ?? "")
            .split("\n")
            .filter(Boolean),
        ).toHaveLength(open.length);
      }),
    );
  });

  test("do not depend on the order in which reports were finished", () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 12 }), fc.nat(), (reports, turn) => {
        const ledger = reports.map(entryOf);
        const turned = [...ledger.slice(turn % (ledger.length + 1)), ...ledger.slice(0, turn % (ledger.length + 1))];
        const sources = { meetings, places };
        expect(figuresFor(weekly, {}, { ...sources, ledger: turned })).toEqual(
          figuresFor(weekly, {}, { ...sources, ledger }),
        );
      }),
    );
  });

  const base: Report = {
    kind: "meeting",
    day: "2020-12-20",
    district: "A",
    access: undefined,
    category: "court",
    party: undefined,
    speaker: "woman",
    alleged: [],
  };

  test("say who was not met so far, not only this week, and name nobody in particular", () => {
    const ledger = [
      entryOf({ ...base, day: "2020-12-01", category: "political_party", party: "adal" }, 1),
      entryOf({ ...base, day: "2020-12-15" }, 2),
      entryOf({ ...base, day: "2020-12-16", category: "media", access: "refused" }, 3),
      entryOf({ ...base, day: "2020-12-27", category: "political_party", party: "auyl" }, 4),
    ];
    const figures = figuresFor(weekly, { from: "2020-12-14", to: "2020-12-20" }, { ledger, meetings });
    expect(figures.not_met).toBe("AUYL\nMEDIA");
    expect(figures.kilometres).toBeUndefined();
  });

  test("list open allegations by the day they were heard, oldest first", () => {
    const later = { ...base, day: "2020-12-18", alleged: ["unverified", "corroborated"] as Report["alleged"] };
    const earlier = { ...base, day: "2020-12-02", alleged: [undefined] as Report["alleged"] };
    const figures = figuresFor(weekly, {}, { ledger: [entryOf(later, 1), entryOf(earlier, 2)], meetings });
    expect(figures.allegations_open).toBe("2020-12-02 T-A2\n2020-12-18 T-A1");
  });

  test("measure the way along the places in the order of the days; a district lies amid its stations", () => {
    const ledger = [
      entryOf({ ...base, day: "2020-12-03" }, 1),
      { ...entryOf({ ...base, day: "2020-12-02", district: "B" }, 2), place: { kind: "station" as const, code: "3" } },
      entryOf({ ...base, day: "2020-12-01" }, 3),
      entryOf({ ...base, day: "2020-12-02", district: "C" }, 4),
    ];
    // From (43, 77) a degree to the north and back: 111.2 km each way; C has no position.
    expect(figuresFor(weekly, {}, { ledger, meetings, places }).kilometres).toBe(222);
  });

  test("keep no word that was written by hand", () => {
    expect(JSON.stringify(entryOf({ ...base, alleged: ["unverified"] }, 1))).not.toContain("afraid");
  });

  test("are asked for by forms that name a figure, and by no other", () => {
    expect([weekly, meetings].map(asksFigures)).toEqual([true, false]);
  });
});

describe("a figure counted anew", () => {
  test("replaces what was proposed before and leaves a correction alone", () => {
    const before = { meetings: 3, complaints: 1, not_met: "X" };
    const after = { meetings: 4, complaints: 2, districts: 5 };
    expect(renewed({ meetings: 3, complaints: 7, not_met: "X" }, before, after)).toEqual({
      meetings: 4,
      not_met: undefined,
      districts: 5,
    });
  });

  test("that the observer emptied stays empty", () => {
    expect(renewed({}, { meetings: 3 }, { meetings: 4 })).toEqual({});
  });
});
