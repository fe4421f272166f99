import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answers } from "../../engine/answers.ts";
import type { Definition } from "../../engine/definition.ts";
import type { Draft } from "../../submissions/draft.ts";
import type { LedgerEntry } from "../../submissions/ledger.ts";
import { beginFilling, morning, visitForm } from "../../testing/filling.ts";
import { text } from "../../testing/forms.ts";
import { Filling } from "./filling.svelte.ts";

beforeEach(() => void vi.useFakeTimers({ now: morning }));
afterEach(() => void vi.useRealTimers());

const located: Definition = {
  ...visitForm,
  precision: "where",
  sections: [
    {
      id: "place",
      title: text("Place"),
      nodes: [
        { id: "station", type: "text", location: "station", label: text("Station") },
        { id: "district", type: "text", location: "district", label: text("District") },
        { id: "region", type: "text", location: "region", label: text("Region") },
        { id: "village", type: "text", precision: "locality", label: text("Village") },
        { id: "where", type: "select_one", list: "levels", default: ["s", "locality"], label: text("Finest") },
        { id: "comment", type: "text", label: text("Comment") },
        { id: "photo", type: "photo", label: text("Photo") },
      ],
    },
  ],
  choices: {
    levels: ["exact", "locality", "district", "region"].map((name) => ({ name, label: text(name.toUpperCase()) })),
  },
  order: [],
  dependants: {},
};
const places = {
  version: "1",
  regions: [
    { code: "WKZ", name: text("West") },
    { code: "AKT", name: text("Aktobe") },
  ],
  districts: [
    { code: "WKZ-01", region: "WKZ", name: text("Oral city") },
    { code: "WKZ-02", region: "WKZ", name: text("Akzhaik") },
    { code: "AKT-01", region: "AKT", name: text("Martuk") },
  ],
  stations: {
    columns: ["number", "region", "district"],
    rows: [
      ["4071", "WKZ", "WKZ-01"],
      ["5000", "AKT", "AKT-01"],
    ],
  },
};

function beginLocated(answers: Answers = {}) {
  const begun = beginFilling(located, answers);
  Object.assign(begun.session, { places });
  return begun.filling;
}

function viewed(filling: Filling, path: string) {
  const view = filling.sections.flatMap(({ nodes }) => nodes).find((node) => node.path === path);
  if (!view || "repeat" in view) throw new Error(`no ${path}`);
  return view;
}

test("choosing a station answers its district and region, also where others stood", () => {
  const filling = beginLocated({ district: "WKZ-02" });
  filling.answer("station", "4071", "answer");
  filling.located.locate("station", { kind: "station", code: "4071" });
  expect(filling.answers()).toMatchObject({ station: "4071", district: "WKZ-01", region: "WKZ" });
});

test("a district that is not the station's is said at the question and on the review, and blocks nothing", () => {
  const filling = beginLocated({ station: "4071", district: "WKZ-02", region: "WKZ" });
  expect(filling.located.contradicted(viewed(filling, "district"))).toEqual({ kind: "district", code: "WKZ-01" });
  expect(filling.located.contradicted(viewed(filling, "region"))).toBeUndefined();
  expect(filling.review.flags.map(({ path, why }) => [path, why])).toEqual([
    ["district", "The place chosen lies in Oral city, and is counted there."],
  ]);
  expect(filling.review.errors).toEqual([]);
  filling.answer("station", "9999", "answer");
  expect(filling.review.flags).toEqual([]);
});

test("what is finer than the place allowed is said beside the question and listed on the review", () => {
  const filling = beginLocated({ station: "4071", village: "Kosshy", region: "WKZ", where: "region", comment: "x" });
  const notes = (...paths: string[]) => paths.map((path) => filling.located.precisionNote(viewed(filling, path)));
  expect(notes("station", "district", "village", "region", "comment", "photo")).toEqual([
    "left-out",
    undefined,
    "left-out",
    undefined,
    "text",
    "file",
  ]);
  expect(filling.located.precisionName).toBe("REGION");
  expect(filling.review.leftOut.map(({ path }) => path)).toEqual(["station", "village"]);
  filling.answer("where", "locality", "answer");
  expect(notes("station", "village", "comment", "photo")).toEqual(["left-out", undefined, undefined, undefined]);
  expect(filling.review.leftOut.map(({ path }) => path)).toEqual(["station"]);
});

const visited = { kind: "meeting", at: "2021-01-09T09:00+05:00", place: { kind: "station", code: "4071" } };

/** Opens a new visit on a phone whose last one was made at station 4071. */
async function beginAfterVisit(facts: Partial<Draft> = {}, asked = located) {
  const { session, field, saved, removed, finished } = beginFilling(asked, {}, facts);
  Object.assign(session, { places });
  Object.assign(field, { ledger: { list: async () => [visited as LedgerEntry] } });
  const filling = await Filling.open(session, "a new one");
  if (!filling) throw new Error("no draft");
  return { filling, session, saved, removed, finished };
}

test("a visit begins with district and region of the last one, never its station, and says so until a place is chosen", async () => {
  const { filling, session, saved } = await beginAfterVisit();
  expect(filling.answers()).toMatchObject({ district: "WKZ-01", region: "WKZ" });
  expect(filling.answers()).not.toHaveProperty("station");
  const why = "From your last visit. If you are elsewhere now, choose the station, or change this.";
  const told = (one: Filling) => one.review.flags.map(({ path, why }) => [path, why]);
  const both = [
    ["district", why],
    ["region", why],
  ];
  expect(told(filling)).toEqual(both);
  // It says so after a night too.
  filling.answer("comment", "x", "answer");
  await filling.flush();
  expect(saved.at(-1)?.answers).toMatchObject({ district: "WKZ-01", region: "WKZ" });
  const reopened = await Filling.open(session, "the same");
  expect(reopened && told(reopened)).toEqual(both);
  // Whoever is there again says so by choosing the place.
  filling.located.locate("district", { kind: "district", code: "WKZ-01" });
  expect(told(filling)).toEqual([]);
  await filling.flush();
  expect((await Filling.open(session, "the same"))?.located.isOfLastVisit("district")).toBe(false);
});

test("a station elsewhere takes the last visit's places with it, whether the list knows what it lies in or not", async () => {
  const { filling } = await beginAfterVisit();
  const choose = (code: string) => {
    filling.answer("station", code, "answer");
    filling.located.locate("station", { kind: "station", code });
  };
  choose("5000");
  expect(filling.answers()).toMatchObject({ station: "5000", district: "AKT-01", region: "AKT" });
  expect(filling.review.flags).toEqual([]);
  const { filling: other } = await beginAfterVisit();
  other.answer("station", "99999", "answer");
  other.located.locate("station", { kind: "station", code: "99999" });
  expect(Object.keys(other.answers())).not.toEqual(expect.arrayContaining(["district"]));
  expect(Object.keys(other.answers())).not.toEqual(expect.arrayContaining(["region"]));
});

test("a visit opened by mistake leaves nothing behind although it began with a district", async () => {
  const { filling, saved, removed } = await beginAfterVisit();
  await filling.close();
  expect([saved.length, removed.length]).toEqual([0, 1]);
});

test("the short form shows the last visit's district as long as it would be sent", async () => {
  const short = structuredClone(located);
  const [station] = short.sections[0]?.nodes ?? [];
  Object.assign(station ?? {}, { short_form: true });
  const { filling } = await beginAfterVisit({ short: true }, short);
  const shown = () => filling.sections.flatMap(({ nodes }) => nodes.filter(filling.shows).map(({ path }) => path));
  expect(shown()).toEqual(["station", "district", "region"]);
  filling.answer("station", "5000", "answer");
  filling.located.locate("station", { kind: "station", code: "5000" });
  expect(shown()).toEqual(["station"]);
});

test("what was begun at a place, or is no visit to a station, takes nothing from the last one", async () => {
  const begun = await beginAfterVisit({ answers: { station: "5000" } });
  expect(begun.filling.answers()).toEqual({ station: "5000" });
  const { filling } = await beginAfterVisit({}, visitForm);
  expect(filling.answers()).toEqual({});
});
