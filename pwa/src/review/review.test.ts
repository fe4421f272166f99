import { expect, test } from "vitest";
import type { Decision, Line, Phone, ReportAnswer, ReportAttachment } from "../desk/api.ts";
import { answerLines, entryAt, fileOf, photoRows, traceOf } from "./answers.ts";
import { checkTexts, refusedText } from "./checkTexts.ts";
import { decisionProblem, decisionText, warningText, withdrawalText } from "./deciding/reviewTexts.ts";
import { placeOf, stepped } from "./lists.ts";
import { phoneFacts, phoneFaults, phoneFigures } from "./phoneTexts.ts";

const answer = (change: Partial<ReportAnswer>): ReportAnswer => ({
  path: "q",
  type: "text",
  label: { en: "Q" },
  theme: null,
  value: null,
  labels: [],
  is_sealed: false,
  severity: null,
  ...change,
});

test.each<[string, Partial<ReportAnswer>, string[]]>([
  ["a choice by its label", { type: "select_one", value: "no", labels: [{ en: "No", ru: "Нет" }] }, ["Нет"]],
  ["several choices each", { value: ["a", "b"], labels: [{ en: "A" }, { en: "B" }] }, ["A", "B"]],
  ["an entry by its code", { value: ["LTO05-A017", "a"], labels: [{}, { en: "A" }] }, ["LTO05-A017", "A"]],
  ["a number as it is written", { type: "decimal", value: 41.5 }, ["41,5"]],
  ["a day", { type: "date", value: "2021-01-10" }, ["10 янв. 2021"]],
  ["text as it was typed", { value: "=1+1" }, ["=1+1"]],
  ["text of others in its own order", { value: "\u202Eevil" }, ["evil"]],
  ["a photo not at all", { type: "photo", value: "00ff" }, []],
  ["a recording not at all", { type: "audio", value: "00ff" }, []],
  ["a ranking in its order", { type: "rank", value: ["b", "a"], labels: [{ en: "B" }, { en: "A" }] }, ["B", "A"]],
  ["a trace not at all", { type: "geotrace", value: "51.2 51.3 0 5; 51.3 51.3 0 5" }, []],
  ["a trace of one point as a point", { type: "geotrace", value: "51.2 51.3 0.0 0.0" }, ["51.2, 51.3"]],
  ["a number of a scale", { type: "range", value: 7 }, ["7"]],
  ["a sealed answer not at all", { is_sealed: true, value: null }, []],
])("an answer is told in words: %s", (_, change, lines) => {
  expect(answerLines(answer(change), "ru")).toEqual(lines);
});

test("only what no list names refers to another report", () => {
  const seen = answer({ type: "select_multiple", value: ["LTO05-A017", "a"], labels: [{}, { en: "A" }] });
  expect([entryAt(seen, 0), entryAt(seen, 1)]).toEqual(["LTO05-A017", undefined]);
  expect(entryAt(answer({ value: "LTO05-A017" }), 0)).toBeUndefined();
});

test("an area is drawn without the point that closes it", () => {
  const value = "0 0 0 0; 0 1 0 0; 1 1 0 0; 0 0 0 0";
  expect(traceOf(answer({ type: "geoshape", value }))).toEqual({
    points: ["0 0 0 0", "0 1 0 0", "1 1 0 0"],
    isShape: true,
  });
});

test("the keyboard walks the list and stops at its ends", () => {
  const lines = ["a", "b"].map((id) => ({ id }) as Line);
  expect(stepped(lines, undefined, 1)?.id).toBe("a");
  expect(stepped(lines, "a", 1)?.id).toBe("b");
  expect(stepped(lines, "b", 1)).toBeUndefined();
  expect(stepped(lines, "a", -1)).toBeUndefined();
  expect(stepped([], "a", 1)).toBeUndefined();
});

test("a place is told in few words", () => {
  expect(placeOf({ region: "KZ-ZAP", place: "101" })).toBe("ZAP · 101");
  expect(placeOf({ region: "", place: "" })).toBe("");
});

test("a place somebody typed stands in the list in its own order", () => {
  expect(placeOf({ region: "KZ-ZAP", place: "Oral \u202Eschool" })).toBe("ZAP · Oral school");
});

test("the check of a phone says what somebody has to see to, and what nobody tried", () => {
  const good = {
    day: "2021-01-08",
    version: "1.4.0",
    reads_back: true,
    opens_offline: true,
    is_persisted: true,
    room_mb: 500,
    camera: "works",
    position: "works",
  } as const;
  expect(checkTexts(good, "en")).toEqual([]);
  expect(checkTexts({ ...good, room_mb: null }, "en")).toEqual([]);
  const bad = { ...good, reads_back: false, opens_offline: false, is_persisted: false, room_mb: 400 };
  expect(checkTexts({ ...bad, camera: "refused", position: "failed" }, "en")).toEqual([
    "gives back something else than was written: not to be used",
    "may not open without a network",
    "the browser may clear its data",
    "room for 500 MB at most",
    "the camera is refused to the app",
    "the position does not work",
  ]);
  expect(checkTexts({ ...good, camera: "failed", position: "refused" }, "en")).toHaveLength(2);
  expect(checkTexts({ ...good, camera: "untried", position: "untried" }, "en")).toEqual([
    "not tried: Camera, Position",
  ]);
});

test("a refused phone is named with the day and the reason, as far as one was noted", () => {
  const phone = { letter: "A", since: "2021-01-09", reason: "seized", order: null };
  expect(refusedText("LTO05", phone, "en")).toBe("LTO05-A: refused since 9 Jan 2021, in wrong hands");
  expect(refusedText("LTO05", { ...phone, reason: null }, "en")).toBe("LTO05-A: refused since 9 Jan 2021");
  expect(refusedText("LTO05", { ...phone, order: "given" }, "en")).toBe(
    "LTO05-A: refused since 9 Jan 2021, in wrong hands. It is told to wipe itself at its next contact.",
  );
  expect(refusedText("LTO05", { ...phone, order: "obeyed" }, "en")).toContain("It says that it has wiped itself.");
});

test("rows of photos and captions are a set; with anything else to tell they are rows", () => {
  const photo = answer({ path: "p/r1/photo", type: "photo", value: "00ff" });
  const caption = answer({ path: "p/r1/caption", value: "page \u202E2" });
  const row = (id: string, ...answers: ReportAnswer[]) => ({ id, answers, repeats: [] });
  const set = (...rows: ReturnType<typeof row>[]) => photoRows({ answer: null, repeat: {}, rows }, "en");
  expect(set(row("r1", photo, caption), row("r2", caption), row("r3", photo))).toEqual([
    { id: "r1", photos: [photo], caption: answerLines(caption, "en")[0] },
    { id: "r2", photos: [], caption: answerLines(caption, "en")[0] },
    { id: "r3", photos: [photo], caption: "" },
  ]);
  const others = [answer({ type: "integer", value: 4 }), { ...caption, severity: 0 }, { ...caption, is_sealed: true }];
  for (const other of others) expect(set(row("r1", photo, other), row("r2", photo))).toBeUndefined();
  expect(set(row("r1", caption))).toBeUndefined();
  const inner = { answer: null, repeat: {}, rows: [row("r2", photo)] };
  expect(
    photoRows({ answer: null, repeat: {}, rows: [{ ...row("r1", photo), repeats: [inner] }] }, "en"),
  ).toBeUndefined();
});

test("a picture that was sent twice is shown as soon as one of the two has arrived", () => {
  const sent = (sha256: string, is_complete: boolean, plain_sha256 = "00ff") =>
    ({ plain_sha256, sha256, is_complete }) as ReportAttachment;
  const photo = answer({ type: "photo", value: "00ff" });
  expect(fileOf(photo, [sent("other", true, "ee"), sent("a", false), sent("b", true)])?.sha256).toBe("b");
  expect(fileOf(photo, [sent("a", false), sent("b", false)])?.sha256).toBe("a");
  expect(fileOf(photo, [])).toBeUndefined();
  expect(fileOf(answer({ value: "00ff" }), [sent("a", true)])).toBeUndefined();
});

const reports: Phone["reports"] = { made: 6, held: 4, aside: 1, missing: 2, waiting: 1, numbers: [] };
const silent: Phone = {
  letter: "A",
  reports: { ...reports, missing: 0 },
  last_contact_at: null,
  last_contact_on: null,
  clock_ahead_ms: null,
  is_clock_known: false,
  check: null,
  troubles: [],
  storage: null,
  storage_lost: null,
  offered_again: null,
};
const storage = {
  is_persisted: true,
  quota_bytes: 6_000_000_000,
  used_bytes: 120_000_000,
  retained_bytes: 40_000_000,
  is_refusing_photos: false,
};

test("what holds reports up on a phone is told in words, and by its own name when the desk knows no word for it", () => {
  expect(phoneFaults(silent, "en")).toEqual([]);
  const troubles = [
    { slug: "too-large", count: 1 },
    { slug: "something-new", count: 2 },
  ];
  expect(phoneFaults({ ...silent, troubles }, "en")).toEqual([
    "Reports that do not arrive: 1; too large to be taken in",
    "Reports that do not arrive: 2; reason “something-new”",
  ]);
});

test("a phone's storage is told: what is refused, and that it went", () => {
  expect(phoneFaults({ ...silent, storage }, "en")).toEqual([]);
  const lost = { at: "2021-01-09T08:00:00Z", rebuilt: 3, missing: 1 };
  const full = { ...storage, is_persisted: false, is_refusing_photos: true };
  expect(phoneFaults({ ...silent, storage: full, storage_lost: lost }, "en")).toEqual([
    "On 9 Jan 2021 its storage was gone. Reports rebuilt: 3, missing: 1",
    "no room for photos: only text reports go on",
    "the browser may clear its data",
  ]);
});

test("after a restore a phone tells how many reports it has offered again", () => {
  expect(phoneFacts({ ...silent, offered_again: { done: 3, of: 22 } }, "en")).toEqual([
    "Offered again after the restore of headquarters: 3 of 22",
  ]);
});

test("the numbers that headquarters does not have are told as in codes, with a sign for those left out", () => {
  const missing = (count: number, ...numbers: [number, number][]) =>
    phoneFacts(
      {
        ...silent,
        reports: { ...reports, missing: count, numbers: numbers.map(([first, last]) => ({ first, last })) },
      },
      "en",
    );
  expect(missing(0)).toEqual([]);
  expect(missing(3, [2, 3], [17, 17])).toEqual(["Not at headquarters: 3 (A002–A003, A017)"]);
  expect(missing(4, [2, 3], [17, 17])).toEqual(["Not at headquarters: 4 (A002–A003, A017, …)"]);
  expect(missing(3)).toEqual(["Not at headquarters: 3"]);
});

const figures = (change: Partial<Phone>) =>
  Object.fromEntries(phoneFigures({ ...silent, reports, ...change }, "en", "Asia/Almaty"));

test("a phone that said nothing yet is told as such, and one whose reader reads no reports without counts", () => {
  expect(figures({})).toEqual({
    "Reports made": "6",
    "At headquarters": "4",
    "Of these kept aside": "1",
    "Not at headquarters": "2",
    "Waiting on the phone, by its own word": "1",
    "Last contact": "never",
    "Clock of the phone": "the phone did not say",
    Storage: "the phone did not say",
  });
  const untold = figures({
    reports: { ...reports, made: null, held: null, aside: null },
    last_contact_on: "2021-01-09",
  });
  expect(Object.keys(untold)).not.toContain("Reports made");
  expect(untold["Last contact"]).toBe("9 Jan 2021");
});

test("a phone's figures say how its clock and its storage stand", () => {
  expect(figures({ is_clock_known: true })).toMatchObject({ "Clock of the phone": "not known to be off" });
  expect(figures({ clock_ahead_ms: 600_000 })).toMatchObject({ "Clock of the phone": "10 min ahead" });
  expect(figures({ clock_ahead_ms: -600_000 })).toMatchObject({ "Clock of the phone": "10 min behind" });
  expect(figures({ storage })).toMatchObject({
    Storage: "the browser keeps its data",
    "Free, as its browser says": "5.9 GB of 6.0 GB",
    "Kept until headquarters has a copy": "40.0 MB",
  });
  const bare = figures({ storage: { ...storage, is_persisted: false, quota_bytes: null, retained_bytes: null } });
  expect(bare.Storage).toBe("the browser may clear its data");
  expect(Object.keys(bare)).not.toContain("Free, as its browser says");
});

test("a decision or note is told in words, and by its own where the desk knows none", () => {
  const person = { id: "p", function: "Legal analyst", functions: { en: "Legal analyst" } };
  const told = (change: Partial<Decision>) =>
    decisionText({ kind: "commented", recommends: null, assignee: null, ...change } as Decision);
  expect(told({})).toBe("Comment");
  expect(told({ kind: "recommended", recommends: "on_hold" })).toBe("Recommends: on hold");
  expect(told({ kind: "assigned", assignee: person })).toBe("Given to: Legal analyst");
  expect(told({ kind: "assigned" })).toBe("Given to nobody any more");
  expect(told({ kind: "returned" })).toBe("Decided: returned");
  expect(warningText({ id: "1", kind: "critical", path: "q" })).toBe("A critical flag you had not read before");
  expect(warningText({ id: "1", kind: "something_new", path: null })).toContain("something_new");
  expect(decisionProblem("report-changed")).toContain("has changed");
  expect(decisionProblem("try-later")).toBeUndefined();
});

test("what became of a withdrawal is said in words, and what was decided of it", () => {
  const states = ["in_force", "requested", "declined", "stale", "waiting"] as const;
  expect(new Set(states.map((state) => withdrawalText({ state }))).size).toBe(states.length);
  expect(decisionText({ kind: "withdrawal_granted", recommends: null, assignee: null })).toBe("Withdrawal granted");
  expect(warningText({ id: "1", kind: "withdrawal", path: null })).toContain("withdrew");
  expect(decisionProblem("no-such-request")).toContain("any more");
});
