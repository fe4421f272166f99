import { beforeEach, expect, test } from "vitest";
import type { Answers } from "../../engine/answers";
import type { Choice, Definition, Question } from "../../engine/definition";
import type { Draft } from "../../submissions/draft";
import type { LedgerEntry } from "../../submissions/ledger";
import { enrolledPhone, type Phone } from "../../testing/phone";
import { TestServer } from "../../testing/server";
import { Filling } from "./filling.svelte";
import type { FillField, FillSession } from "./session";

const texts = (en: string) => ({ en });
const choices = (...names: string[]): Choice[] => names.map((name) => ({ name, label: texts(name) }));
const question = (id: string, type: Question["type"], more: Partial<Question> = {}): Question => ({
  id,
  type,
  label: texts(id),
  ...more,
});
const form = (id: string, kind: string, nodes: Definition["sections"][number]["nodes"]): Definition => ({
  format: 1,
  id,
  version: "1",
  title: texts(id),
  short: texts(id),
  languages: ["en"],
  default_language: "en",
  kind,
  sections: [{ id: "all", title: texts("All"), nodes }],
  choices: { interlocutor: choices("court", "media"), entry: choices("other_phone") },
  order: [],
  dependants: {},
});
const meeting = form("meeting", "meeting", [
  question("held_on", "date"),
  question("with", "select_one", { list: "interlocutor" }),
  question("said", "text"),
]);
const weekly = form("weekly", "weekly", [
  question("from", "date", { figure: "from", default: ["s", "2021-01-04"] }),
  question("to", "date", { figure: "to", default: ["s", "2021-01-10"] }),
  question("n", "integer", { figure: "meetings" }),
  question("not_met", "text", { figure: "not_met" }),
  question("seen", "select_multiple", { list: "entry", reference: "entry" }),
]);

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
});

async function prepare() {
  phone = await enrolledPhone(server);
  await phone.vault.put("definitions", "m", meeting);
  await phone.vault.put("definitions", "w", weekly);
  const entry = { form: "meeting", version: "1", title: meeting.title, short: meeting.short, status: "open", hash: "" };
  await phone.vault.put("checklists", "m", { ...entry, id: "m", kind: "meeting" });
}

async function meet(day: string, whom: string): Promise<string> {
  const draft = await phone.drafts.start("m");
  return (await phone.outbox.finish(draft, { held_on: day, with: whom, said: "a secret" }, undefined)).code;
}

const ledger = async () => (await phone.vault.all<LedgerEntry>("ledger")).map(({ value }) => value);

/** A weekly report on the screen, once it has counted. */
async function weeklyReport(draft?: Draft): Promise<Filling> {
  const { checklists, drafts, captures } = phone;
  const places = { load: async () => undefined };
  const field = {
    checklists,
    drafts,
    captures,
    places,
    ledger: { list: ledger },
    readOnly: false,
  } as unknown as FillField;
  const session = { field, zone: "Asia/Almaty", vault: "open", settings: {}, loadDrafts: async () => {} };
  const begun = draft ?? (await drafts.start("w"));
  const filling = new Filling(session as unknown as FillSession, begun, weekly);
  await filling.own?.counted;
  return filling;
}

const value = (filling: Filling, id: string) => filling.answers()[id];

test("a weekly report opens with the figures of this phone's reports of its days", async () => {
  await prepare();
  await meet("2021-01-05", "court");
  await meet("2020-12-30", "media");
  const filling = await weeklyReport();
  expect(value(filling, "n")).toBe(1);
  expect(value(filling, "not_met")).toBeUndefined();
  filling.answer("from", "2020-12-28", "answer");
  expect(value(filling, "n")).toBe(2);
  filling.answer("to", "2021-01-03", "answer");
  expect([value(filling, "n"), value(filling, "not_met")]).toEqual([1, "court"]);
});

test("a correction stands, over another week, a closed draft and a further report", async () => {
  await prepare();
  await meet("2021-01-05", "court");
  const filling = await weeklyReport();
  filling.answer("n", 4, "answer");
  filling.answer("from", "2020-12-28", "answer");
  expect([value(filling, "n"), filling.own?.figures.n]).toEqual([4, 1]);
  await filling.close();
  await meet("2021-01-06", "media");
  const draft = await phone.drafts.get(filling.submission);
  const again = await weeklyReport(draft);
  expect([value(again, "n"), again.own?.figures.n]).toEqual([4, 2]);
  expect(value(again, "not_met")).toBeUndefined();
});

test("a report finished meanwhile is counted when the draft opens again, whoever left the figure alone", async () => {
  await prepare();
  const filling = await weeklyReport();
  expect([value(filling, "n"), value(filling, "not_met")]).toEqual([0, "court; media"]);
  filling.answer("to", "2021-01-09", "answer");
  await filling.close();
  await meet("2021-01-06", "media");
  const again = await weeklyReport(await phone.drafts.get(filling.submission));
  expect([value(again, "n"), value(again, "not_met")]).toEqual([1, "court"]);
});

test("opening a weekly report and leaving it leaves nothing behind", async () => {
  await prepare();
  await meet("2021-01-05", "court");
  const filling = await weeklyReport();
  await filling.close();
  expect(await phone.drafts.get(filling.submission)).toBeUndefined();
});

test("entries of the week are offered by their codes, the latest first; what was chosen can be taken back", async () => {
  await prepare();
  const early = await meet("2021-01-05", "court");
  const late = await meet("2021-01-06", "court");
  const before = await meet("2020-12-20", "court");
  const filling = await weeklyReport();
  const offered = () => filling.choices("seen").map(({ name }) => name);
  expect(offered()).toEqual([late, early, "other_phone"]);
  expect(filling.text(filling.choices("seen")[0]?.label, "seen")).toBe(`${late} · meeting · 6 Jan 2021`);
  filling.answer("seen", [before, "LTO05-B001"], "answer");
  expect(offered()).toEqual([late, early, before, "LTO05-B001", "other_phone"]);
});

test("figures outlive the readable copies that the mission's policy takes away, and hold no word of them", async () => {
  server.localCopy = "remove";
  await prepare();
  await meet("2021-01-05", "court");
  await phone.push();
  const copies = await phone.vault.all<Answers>("copies");
  expect(copies).toEqual([]);
  expect(JSON.stringify(await ledger())).not.toContain("secret");
  expect(value(await weeklyReport(), "n")).toBe(1);
});
