/** A finished report on the screen again: what of a draft's ways holds for it, and what does not. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Answers } from "../../engine/definition";
import { beginCorrection } from "../../submissions/correcting";
import { formOf, rows } from "../../testing/forms";
import { checklistId, enrolledPhone, type Phone } from "../../testing/phone";
import { TestServer } from "../../testing/server";
import { changesOf } from "../correction/changes";
import { Filling } from "./filling.svelte";
import type { FillSession } from "./session";

const visit = formOf(
  [
    { id: "who", short_form: true },
    { id: "n", type: "integer", default: ["n", 0] },
    { id: "board", type: "photo" },
    { id: "from", type: "date", figure: "from" },
    { id: "to", type: "date", figure: "to" },
    { id: "met", type: "integer", figure: "meetings" },
    { id: "events", type: "integer", figure: "campaign_events" },
    { id: "later", relevant: ["=", ["ref", "who"], ["s", "x"]] },
    rows("seen", [{ id: "what" }]),
  ],
  { id: "meeting_report" },
);
const meeting = { submission: "s", form: "m", kind: "meeting", at: "2021-01-11", day: "2021-01-11", met: {} };
const photo = (words: string) => new Blob([words], { type: "image/jpeg" });

let phone: Phone;
let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
  await phone.vault.put("definitions", checklistId, visit);
});

const session = (): FillSession =>
  ({
    field: {
      ...phone,
      checklists: { definition: async () => visit, list: async () => [] },
      places: { load: async () => undefined },
      ledger: { list: async () => [meeting] },
      readOnly: false,
    },
    zone: "UTC",
    vault: "open",
    settings: {},
    loadDrafts: async () => undefined,
  }) as unknown as FillSession;

/** A report with these answers, finished, and opened to be corrected. */
async function correcting(answers: Answers, file?: Blob) {
  const draft = await phone.drafts.start(checklistId);
  const added = file && (await phone.attachments.add(draft.submission, file, { as: "picture" }));
  const given = { ...answers, ...(added ? { board: added.sha256 } : {}) };
  const item = await phone.outbox.finish(draft, given, undefined);
  await beginCorrection(phone, draft.submission, "correction");
  return { item, open: () => opened(draft.submission) };
}

async function opened(submission: string): Promise<Filling> {
  const filling = await Filling.open(session(), submission);
  if (!filling) throw new Error("no draft");
  await filling.own?.counted;
  return filling;
}

test("opened by mistake it leaves nothing behind, and the report as it was", async () => {
  const { item, open } = await correcting({ who: "a" }, photo("kept"));
  await (await open()).close();
  expect(await phone.drafts.list()).toEqual([]);
  const { board = "" } = (await phone.outbox.answers(item.revision)) ?? {};
  expect(await phone.attachments.missing(item.submission, [String(board)])).toEqual([]);
});

test("what was changed is there again after a restart, with what it was begun from", async () => {
  const { item, open } = await correcting({ who: "a" });
  const filling = await open();
  filling.answer("who", "b", "answer");
  await filling.close();
  phone = await phone.restart();
  const again = await opened(item.submission);
  expect(again.answers()).toMatchObject({ who: "b" });
  await again.finish();
  expect((await phone.outbox.list()).map(({ code, change }) => [code, change])).toEqual([
    [item.code, "correction"],
    [item.code, undefined],
  ]);
});

test("finished as it was opened it sends nothing", async () => {
  const { open } = await correcting({ who: "a", n: 0 });
  await expect((await open()).finish()).rejects.toMatchObject({ slug: "nothing-changed" });
});

describe("files of the finished report", () => {
  test("stay when the draft gets another in their place, until that is finished or discarded", async () => {
    const { item, open } = await correcting({ who: "a" }, photo("first"));
    // Nothing but the readable copy needs it any more: headquarters has it and cannot lose it.
    server.safety = { epoch: 1, safe_seq: 1_000_000 };
    await phone.push();
    await phone.release();
    const filling = await open();
    const first = String(filling.answers().board);
    await filling.media.attach("board", photo("second"), { as: "picture" });
    expect(await phone.attachments.missing(item.submission, [first])).toEqual([]);
  });

  test("are not needed to finish, once they are sent", async () => {
    const { open } = await correcting({ who: "a" }, photo("first"));
    await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
    const filling = await open();
    filling.lookOver();
    await filling.media.lookForFiles();
    expect(filling.review.errors).toEqual([]);
    filling.answer("who", "b", "answer");
    expect((await filling.finish())?.attachments.total).toBe(0);
  });
});

test("defaults of questions that the short form did not ask are neither added nor cleared", async () => {
  const { open } = await correcting({ who: "a", n: 0 });
  const filling = await open();
  filling.askShort(true);
  filling.answer("who", "b", "answer");
  await filling.finish();
  const [newest] = await phone.outbox.list();
  expect(await phone.outbox.answers(newest?.revision ?? "")).toEqual({ who: "b", n: 0 });
});

test("figures stand as they were finished until the days they are about change, cleared and corrected ones also then", async () => {
  const { open } = await correcting({ who: "a", from: "2021-01-04", to: "2021-01-10", met: 0 });
  const filling = await open();
  expect(filling.answers()).toMatchObject({ met: 0 });
  expect(filling.answers().events).toBeUndefined();
  filling.answer("to", "2021-01-11", "answer");
  expect(filling.answers()).toMatchObject({ met: 1 });
  expect(filling.answers().events).toBeUndefined();
});

test("the review tells what was and what is, in the order of the checklist", () => {
  const before = { who: "a", board: "1", n: 2, seen: ["r", "s"], "seen/r/what": "x", "seen/s/what": "y", later: "z" };
  const after = { who: "b", board: "2", seen: ["s", "t"], "seen/s/what": "y!", "seen/t/what": "new" };
  const say = {
    text: (texts?: Readonly<Record<string, string>>) => texts?.en ?? "",
    answer: (_: unknown, answer: unknown) => String(answer),
  };
  const told = changesOf(visit, before, after, say).map(({ label, before: was, after: is }) => [label, was, is]);
  expect(told).toEqual([
    ["who", "a", "b"],
    ["n", "2", "no answer"],
    ["board", "a file", "another file"],
    ["later", "z", "no answer"],
    ["seen, 1", "in the list", "removed"],
    ["seen, 2", "no answer", "in the list"],
    ["seen, 1: what", "y", "y!"],
    ["seen, 2: what", "no answer", "new"],
  ]);
  expect(changesOf(visit, before, { ...before, seen: ["s", "r"] }, say)).toMatchObject([{ after: "another order" }]);
  expect(changesOf(visit, before, before, say)).toEqual([]);
});
