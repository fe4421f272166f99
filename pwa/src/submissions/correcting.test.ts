/** A report that was finished is changed: as a draft, as a further revision, and in what the phone counts and keeps. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Answers, Definition } from "../engine/definition";
import { checklistId, definition, enrolledPhone, openPhone, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import { beginCorrection } from "./correcting";
import type { Draft } from "./draft";
import type { LedgerEntry } from "./ledger";
import { teamReports } from "./teamReports";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const jpeg = (words: string) => new Blob([words.repeat(9)], { type: "image/jpeg" });
const begin = (submission: string, from = phone) => beginCorrection(from, submission, "correction");
/** Changes a report to these answers and finishes. */
async function correct(submission: string, change: (from: Answers) => Answers, from = phone) {
  const draft = await begin(submission, from);
  const answers = change(draft.answers);
  return from.outbox.finish(await from.drafts.save({ ...draft, answers }), answers, undefined);
}
const sent = () => [...server.stored.values()].map(({ revision }) => revision);
const last = () => sent().at(-1);

describe("a correction begins", () => {
  test("from what the report says now, on the version it was made with, as a draft under its own id", async () => {
    const { submission, revision, madeAt } = await report(phone, "the akim");
    const draft = await begin(submission);
    expect(draft).toMatchObject({
      submission,
      checklist: checklistId,
      form: "meeting_report",
      title: definition.title,
      answers: { who: "the akim" },
      correction: { reason: "correction", base: [revision], from: { who: "the akim" }, code: "LTO05-A001", madeAt },
    });
    expect(await phone.drafts.list()).toEqual([draft]);
    expect((await phone.outbox.list()).map(({ state }) => state)).toEqual(["waiting"]);
  });

  test("once: whoever begins it again goes on with the one there is, also after a restart", async () => {
    const { submission } = await report(phone, "a");
    const [one, other] = await Promise.all([begin(submission), begin(submission)]);
    expect(other).toEqual(one);
    await phone.drafts.save({ ...one, answers: { who: "b" } });
    const restarted = await phone.restart();
    expect(await begin(submission, restarted)).toMatchObject({ answers: { who: "b" }, correction: one.correction });
    expect(await restarted.drafts.list()).toHaveLength(1);
  });

  test("from the newest of several revisions", async () => {
    const { submission } = await report(phone, "a");
    await correct(submission, () => ({ who: "b" }));
    const { revision } = await correct(submission, () => ({ who: "c" }));
    expect(await begin(submission)).toMatchObject({
      answers: { who: "c" },
      correction: { base: [revision], code: "LTO05-A001" },
    });
  });

  test("not where the mission took the readable copy away; one that was begun before goes on", async () => {
    server.localCopy = "remove";
    phone = await enrolledPhone(server);
    const [one, other] = [await report(phone, "a", jpeg("a")), await report(phone, "b")];
    await begin(one.submission);
    await phone.push();
    await expect(begin(other.submission)).rejects.toMatchObject({ slug: "report-unreadable" });
    // Its photo cannot be read any more, and need not be: it is sent already.
    await correct(one.submission, (from) => ({ ...from, who: "c" }));
    await phone.push();
    expect(last()).toMatchObject({ base: [one.revision], patch: { who: "c" }, attachments: [] });
    await expect(begin(one.submission)).rejects.toMatchObject({ slug: "report-unreadable" });
  });

  test("not without the words a report is called by, nor without its checklist", async () => {
    const { submission, revision } = await report(phone, "a");
    const label = await phone.vault.get("labels", revision);
    await phone.vault.remove("labels", revision);
    const lost = await openPhone(server, phone.name);
    await expect(begin(submission, lost)).rejects.toMatchObject({ slug: "report-unreadable" });
    await phone.vault.put("labels", revision, label);
    await phone.vault.remove("definitions", checklistId);
    const bare = await openPhone(server, phone.name);
    await expect(begin(submission, bare)).rejects.toMatchObject({ slug: "checklist-missing" });
  });
});

describe("a correction sends", () => {
  test("only what is other, null for what was cleared, with the revision it was made from", async () => {
    const { submission, revision } = await report(phone, "a", jpeg("a"));
    await correct(submission, () => ({ note: "late" }));
    await phone.push();
    expect(last()).toMatchObject({ submission, base: [revision], device_seq: 2, attachments: [] });
    expect(last()?.patch).toEqual({ who: null, board: null, note: "late" });
    expect(last()?.prev_hash).toBe([...server.stored.values()][0]?.hash);
  });

  test("the whole chain while the first still waits, each made from the one before", async () => {
    const first = await report(phone, "a");
    const second = await correct(first.submission, () => ({ who: "b" }));
    const third = await correct(first.submission, () => ({ who: "c" }));
    await phone.push();
    expect(sent().map(({ id, base }) => [id, base])).toEqual([
      [first.revision, []],
      [second.revision, [first.revision]],
      [third.revision, [second.revision]],
    ]);
    expect(sent().map(({ patch }) => patch)).toEqual([{ who: "a" }, { who: "b" }, { who: "c" }]);
  });

  test("no photo twice: one that stayed is not named, another in its place is", async () => {
    const { submission } = await report(phone, "a", jpeg("one"));
    await phone.push();
    await correct(submission, (from) => ({ ...from, who: "b" }));
    const draft = await begin(submission);
    const { sha256 } = await phone.attachments.add(submission, jpeg("two"), { as: "picture" });
    await phone.outbox.finish(draft, { ...draft.answers, board: sha256 }, undefined);
    server.requests.length = 0;
    await phone.push();
    expect(sent().map(({ attachments }) => attachments.length)).toEqual([1, 0, 1]);
    expect(last()?.attachments[0]).toMatchObject({ path: "board", plain_sha256: sha256 });
    expect(server.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  test("nothing when nothing is other: the draft stays", async () => {
    const { submission } = await report(phone, "a");
    await expect(correct(submission, (from) => from)).rejects.toMatchObject({ slug: "nothing-changed" });
    expect(await phone.drafts.list()).toHaveLength(1);
    expect(await phone.outbox.list()).toHaveLength(1);
  });

  test.each([
    ["a server that reads it", ["clock", "reason"], "correction"],
    ["one that reads other things", ["clock", "reasons"], undefined],
    ["one of an earlier version", undefined, undefined],
  ])("why it was made to %s", async (_, reads, reason) => {
    const { submission } = await report(phone, "a");
    server.reads = reads;
    await phone.push();
    await correct(submission, () => ({ who: "b" }));
    await phone.push();
    expect(last()?.reason).toBe(reason);
  });

  test("what happened since as an update, from the present state too", async () => {
    const { submission } = await report(phone, "a");
    server.reads = ["reason"];
    await phone.push();
    const draft = await beginCorrection(phone, submission, "update");
    const item = await phone.outbox.finish(draft, { ...draft.answers, note: "decided" }, undefined);
    await phone.push();
    expect(last()).toMatchObject({ reason: "update", patch: { note: "decided" } });
    expect(item).toMatchObject({ change: "update", code: "LTO05-A001" });
  });
});

describe("what a corrected report leaves on the phone", () => {
  test("its first code, and one readable copy: that of its newest revision", async () => {
    const first = await report(phone, "a");
    const second = await correct(first.submission, () => ({ who: "b" }));
    expect(second).toMatchObject({ code: "LTO05-A001", change: "correction", submission: first.submission });
    expect(await phone.outbox.answers(second.revision)).toEqual({ who: "b" });
    expect(await phone.outbox.answers(first.revision)).toBeUndefined();
  });

  test("one entry to count from, on the day it was first finished", async () => {
    const { submission } = await report(phone, "a");
    const known = await phone.vault.get<LedgerEntry>("ledger", submission);
    await phone.vault.put("ledger", submission, { ...known, at: "2021-01-02", day: "2021-01-02" });
    await correct(submission, () => ({ who: "b" }));
    const entries = (await phone.vault.all<LedgerEntry>("ledger")).map(({ value }) => value);
    expect(entries).toMatchObject([{ submission, code: "LTO05-A001", day: "2021-01-02" }]);
  });

  test("one report of the team, finished when it first was", async () => {
    const { submission, madeAt } = await report(phone, "a");
    await new Promise((resolve) => setTimeout(resolve, 2));
    await correct(submission, () => ({ who: "b" }));
    expect(await teamReports(phone.vault, await phone.outbox.list(), [])).toEqual([
      { form: "meeting_report", at: Date.parse(madeAt) },
    ]);
  });

  test("what the next report begins with, unless another was finished after it", async () => {
    const who = { id: "who", type: "text", label: {}, default: ["call", "last-saved", ["ref", "who"]] } as const;
    const carrying: Definition = { ...definition, sections: [{ id: "start", title: {}, nodes: [who] }] };
    await phone.vault.put("definitions", checklistId, carrying);
    phone = await phone.restart();
    const older = await report(phone, "a");
    await correct(older.submission, () => ({ who: "a, spelt right" }));
    expect(await phone.drafts.carried("meeting_report")).toEqual({ who: "a, spelt right" });
    await report(phone, "b");
    await correct(older.submission, () => ({ who: "a once more" }));
    expect(await phone.drafts.carried("meeting_report")).toEqual({ who: "b" });
  });

  test("when it was begun and ended, as the first revision said", async () => {
    const noted = { id: "ended", type: "metadata", label: {}, metadata: "end" } as const;
    const form: Definition = {
      ...definition,
      sections: [...definition.sections, { id: "e", title: {}, nodes: [noted] }],
    };
    await phone.vault.put("definitions", checklistId, form);
    phone = await phone.restart();
    const draft = await phone.drafts.start(checklistId);
    await phone.outbox.finish(draft, { who: "a", ended: "2021-01-10T14:00+06:00" }, undefined);
    const { revision } = await correct(draft.submission, () => ({ who: "b", ended: "2021-01-12T09:00+06:00" }));
    await phone.push();
    expect(last()?.patch).toEqual({ who: "b" });
    expect(await phone.outbox.answers(revision)).toEqual({ who: "b", ended: "2021-01-10T14:00+06:00" });
  });

  test("the flash report that an answer of it led to: another is not begun for it", async () => {
    const draft = await phone.drafts.start(checklistId);
    const flash = "0190aaaa-0000-4000-8000-0000000000f1";
    await phone.outbox.finish({ ...draft, flash } satisfies Draft, { who: "a" }, undefined);
    expect((await begin(draft.submission)).flash).toBe(flash);
  });
});
