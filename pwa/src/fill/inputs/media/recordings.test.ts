import { beforeEach, expect, test, vi } from "vitest";
import { Captures } from "../../../attachments/captures";
import { largestPlain } from "../../../attachments/sealing";
import { checklistId, definition, enrolledPhone, type Phone, passphrase } from "../../../testing/phone";
import { TestServer } from "../../../testing/server";
import { FieldProblem } from "../../../wire/problem";
import { Filling } from "../../draft/filling.svelte";
import type { FillSession } from "../../draft/session";
import type { Recorder } from "./recorder";
import { attachCapture, takeReturned } from "./returning";
import { adoptRecordings, RunningRecording, recordingFor, runningRecordings } from "./running.svelte";

const asked = { id: "s", title: { en: "S" } };
const audio = (id: string) => ({ id, type: "audio" as const, label: { en: id } });
const talks = { ...definition, sections: [{ ...asked, nodes: [audio("said"), audio("sung")] }] };

/** A microphone that speaks when it is told to. */
function microphone() {
  let piece: (data: Blob) => void = () => {};
  let end: (recorded: { type: string; isFull: boolean }) => void = () => {};
  const recorder: Recorder = {
    stream: {} as MediaStream,
    pause: () => {},
    resume: () => {},
    stop: () => end({ type: "audio/webm", isFull: false }),
    done: new Promise((resolve) => {
      end = resolve;
    }),
  };
  return {
    start: async (onpiece: (data: Blob) => void) => {
      piece = onpiece;
      return recorder;
    },
    /** A word is a second. */
    says: (words: string) => words.split(" ").forEach((word) => void piece(new Blob([`${word} `]))),
  };
}

let phone: Phone;
let captures: Captures;
let submission: string;

beforeEach(async () => {
  phone = await enrolledPhone(await TestServer.start());
  await phone.vault.put("definitions", checklistId, talks);
  captures = new Captures(phone.vault, phone.database);
  submission = (await phone.drafts.start(checklistId)).submission;
});

async function open(on: Phone = phone, kept: Captures = captures): Promise<Filling> {
  const vault = { touch: () => {} };
  const field = { ...on, vault, captures: kept, readOnly: false };
  const session = {
    field,
    zone: "UTC",
    settings: {},
    loadDrafts: async () => {},
    get vault() {
      return on.vault.state;
    },
  };
  const filling = await Filling.open(session as unknown as FillSession, submission);
  if (!filling) throw new Error("the draft is gone");
  adoptRecordings(filling);
  return filling;
}

async function begin(filling: Filling, path: string) {
  const made = microphone();
  const purpose = { submission, path, keeping: { as: "it-is" }, type: "audio" } as const;
  const running = await RunningRecording.begin(filling, purpose, "audio", made.start);
  return { ...made, running };
}

async function heard(on: Phone, path: string): Promise<string | undefined> {
  const sha256 = (await on.drafts.get(submission))?.answers[path];
  const url = typeof sha256 === "string" ? await on.attachments.url(sha256) : undefined;
  return url && (await fetch(url)).text();
}

test("a recording goes on while the app is locked, and is the answer once it is unlocked and ended", async () => {
  const { says, running } = await begin(await open(), "said");
  says("before it was locked ");
  phone.vault.lock();
  says("and after it was locked too ");
  await phone.vault.unlock(passphrase);
  await open();
  expect(recordingFor(submission, "said")).toBe(running);
  await running.stop();
  expect(await heard(phone, "said")).toMatch(/^before it was locked .*locked too/);
  expect(await phone.vault.ids("pieces")).toEqual([]);
  expect(runningRecordings()).toEqual([]);
});

test("a recording that ends while the app is locked waits, and answers its question when the draft is opened", async () => {
  const filling = await open();
  const { says, running } = await begin(filling, "said");
  says("an interview in a pocket");
  phone.vault.lock();
  await filling.close();
  await running.stop();
  await phone.vault.unlock(passphrase);
  const again = await open();
  const returned = await takeReturned(again, await captures.waiting(submission));
  expect(returned).toEqual({ attached: ["said"], parts: [] });
  expect(again.media.waiting).toEqual([]);
  expect(await heard(phone, "said")).toContain("in a pocket");
  expect(await captures.waiting(submission)).toEqual([]);
});

test("who locks the app, or leaves the checklist, while two recordings run loses neither, whichever was stopped first", async () => {
  for (const leave of [(from: Filling) => from.session.beforeLock?.(), (from: Filling) => from.close()]) {
    const filling = await open();
    const first = await begin(filling, "said");
    const second = await begin(filling, "sung");
    first.says("the first");
    second.says("the second");
    await first.running.stop();
    await leave(filling);
    phone.vault.lock();
    await phone.vault.unlock(passphrase);
    expect(await heard(phone, "said")).toContain("the first");
    expect(await heard(phone, "sung")).toContain("the second");
    const draft = await phone.drafts.get(submission);
    if (draft) await phone.drafts.save({ ...draft, answers: {} });
  }
});

test("of a recording that the end of the app cut off, all but the last seconds comes back", async () => {
  const { says } = await begin(await open(), "said");
  says("one two three four five six");
  await expect.poll(async () => (await phone.vault.ids("pieces")).length).toBe(1);
  const after = await phone.restart();
  const kept = new Captures(after.vault, after.database);
  const again = await open(after, kept);
  await takeReturned(again, await kept.waiting(submission));
  expect(await heard(after, "said")).toBe("one two three four five ");
});

test("what comes back never takes the place of a file that is there by now: a person decides", async () => {
  const filling = await open();
  const { says, running } = await begin(filling, "said");
  says("kept");
  phone.vault.lock();
  await running.stop();
  await phone.vault.unlock(passphrase);
  const again = await open();
  await again.media.attach("said", new Blob(["another"]), { as: "it-is" });
  await takeReturned(again, await captures.waiting(submission));
  expect(again.media.waiting.map(({ path }) => path)).toEqual(["said"]);
  expect(await heard(phone, "said")).toBe("another");
});

test("finishing waits for what is being recorded", async () => {
  const filling = await open();
  const { says } = await begin(filling, "said");
  says("the last words");
  expect((await filling.finish())?.attachments.total).toBe(1);
});

test("a report is not finished over a recording that found no room to become its answer: somebody uses it or removes it", async () => {
  for (const decide of ["use", "remove"] as const) {
    const filling = await open();
    const { says } = await begin(filling, "said");
    says("one two three four five");
    await expect.poll(async () => (await phone.vault.ids("pieces")).length).toBe(1);
    const full = vi.spyOn(phone.database, "write").mockRejectedValue(new FieldProblem("storage-full"));
    await expect(filling.finish()).rejects.toMatchObject({ slug: "capture-waits" });
    full.mockRestore();
    const words =
      "A recording or photo for this question is not in the report. At the top of this page, use it or remove it.";
    expect(filling.review.errors).toEqual([{ path: "said", section: 0, label: "said", why: words }]);
    expect(await phone.vault.ids("pieces")).toHaveLength(1);
    const [waiting] = filling.media.waiting;
    if (!waiting) throw new Error("nothing waits");
    if (decide === "use") await attachCapture(filling, waiting);
    else await captures.drop(waiting.id);
    expect((await filling.finish())?.attachments.total).toBe(decide === "use" ? 1 : 0);
    submission = (await phone.drafts.start(checklistId)).submission;
  }
});

test("a recording of which the last seconds found no room is the answer, and said to be the beginning only", async () => {
  const { says, running } = await begin(await open(), "said");
  says("one two three four five");
  await expect.poll(async () => (await phone.vault.ids("pieces")).length).toBe(1);
  vi.spyOn(phone.database, "write").mockRejectedValueOnce(new FieldProblem("storage-full"));
  says("six");
  await running.stop();
  expect(await running.ended).toEqual({ isFull: false, isPart: true });
  expect(await heard(phone, "said")).toBe("one two three four five ");
});

test("what is too large to be sent waits for a person to decide; it is not thrown away", async () => {
  const filling = await open();
  const capture = await captures.begin({ submission, path: "said", keeping: { as: "it-is" }, type: "audio" });
  await capture.add(new Blob([new Uint8Array(largestPlain + 1)]));
  await capture.end();
  await filling.media.lookForCaptures();
  expect(await takeReturned(filling, filling.media.waiting)).toMatchObject({ attached: [], problem: "too-large" });
  expect(filling.media.waiting.map(({ path }) => path)).toEqual(["said"]);
});

test("a draft that holds nothing but a recording without room to become its answer is there when it is left", async () => {
  const filling = await open();
  const { says } = await begin(filling, "said");
  says("one two three four five");
  await expect.poll(async () => (await phone.vault.ids("pieces")).length).toBe(1);
  vi.spyOn(phone.attachments, "add").mockRejectedValueOnce(new FieldProblem("storage-full"));
  await filling.close();
  expect((await open()).asks("said")).toBe(true);
  expect(await captures.waiting(submission)).toHaveLength(1);
});
