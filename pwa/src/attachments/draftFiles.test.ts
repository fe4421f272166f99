import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import type { Answers } from "../engine/answers";
import { enrolledPhone, type Phone } from "../testing/phone";
import { TestServer } from "../testing/server";
import { DraftFiles } from "./draftFiles";

let phone: Phone;
const submission = "s";
const pictures = ["ballot box", "protocol", "list"].map((words) => new Blob([words], { type: "image/jpeg" }));
const keeping = { as: "picture" } as const;

beforeEach(async () => {
  phone = await enrolledPhone(await TestServer.start());
});

/** A draft as far as its files are concerned: two questions and rows of a third. */
function draft(saved: () => Promise<void> = async () => {}) {
  const answers = new Map<string, string>();
  const gone = new Set<string>();
  const set = (path: string, sha256: string) => {
    if (!gone.has(path)) answers.set(path, sha256);
  };
  const files = new DraftFiles(phone.attachments, {
    submission,
    answers: (): Answers => Object.fromEntries(answers),
    saved,
  });
  return {
    answers,
    files,
    attach: (path: string, at: number) =>
      files.attach(path, pictures[at] as Blob, keeping, (sha256) => set(path, sha256)),
    detach: (path: string) => files.detach(path, () => void answers.delete(path)),
    /** Gives the way to put it back. */
    removeRow(row: string) {
      files.remember();
      const path = `rows/${row}/photo`;
      const held = answers.get(path);
      answers.delete(path);
      gone.add(path);
      return () => {
        gone.delete(path);
        if (held) answers.set(path, held);
      };
    },
  };
}

const missing = (answers: Map<string, string>) => phone.attachments.missing(submission, [...answers.values()]);
const stored = () => phone.database.read(["attachments"], (t) => t.objectStore("attachments").count());

test("a photo chosen in two questions stays in one when the other gets another one or none", async () => {
  const { answers, attach, detach } = draft();
  await attach("one", 0);
  await attach("two", 0);
  await attach("two", 1);
  expect(await missing(answers)).toEqual([]);
  await attach("two", 0);
  await detach("two");
  expect(await missing(answers)).toEqual([]);
  await detach("one");
  expect(await stored()).toBe(0);
});

test("a photo that is chosen again while it is being dropped stays", async () => {
  const { answers, attach, detach } = draft();
  await attach("one", 0);
  await Promise.all([detach("one"), attach("two", 0)]);
  expect(await missing(answers)).toEqual([]);
});

test("a draft that could not be saved keeps the photo it names on the disk", async () => {
  const { attach } = draft(() => Promise.reject(new Error("full")));
  await attach("one", 0);
  await attach("one", 1);
  expect(await stored()).toBe(2);
});

test("a photo whose bytes are gone is missing, and there again when it is taken again", async () => {
  const { answers, attach, files } = draft();
  await attach("one", 0);
  await attach("two", 1);
  await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
  expect([...(await files.missing(answers))]).toEqual(["one", "two"]);
  await attach("one", 0);
  expect([...(await files.missing(answers))]).toEqual(["two"]);
});

const step = fc.record({
  does: fc.constantFrom("attach", "attach", "detach", "removeRow", "putBack"),
  path: fc.constantFrom("one", "two", "rows/a/photo", "rows/b/photo"),
  picture: fc.nat(pictures.length - 1),
  /** Or the next tap comes before this one is done. */
  waits: fc.boolean(),
});

test("whatever is added, replaced, removed and put back, every answer has its bytes", async () => {
  const every = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const { answers, attach, detach, removeRow } = draft();
    const removed = new Map<string, () => void>();
    let running: Promise<unknown>[] = [];
    for (const { does, path, picture, waits } of steps) {
      const row = path.split("/")[1];
      // Of a row that is not there, nothing can be tapped.
      if (does === "attach" && !(row && removed.has(row))) running.push(attach(path, picture));
      else if (does === "detach" && !(row && removed.has(row))) running.push(detach(path));
      else if (does === "removeRow" && row && !removed.has(row)) removed.set(row, removeRow(row));
      else if (does === "putBack" && row) {
        removed.get(row)?.();
        removed.delete(row);
      }
      if (waits) {
        await Promise.all(running);
        running = [];
        expect(await missing(answers)).toEqual([]);
      }
    }
    await Promise.all(running);
    for (const putBack of removed.values()) putBack();
    expect(await missing(answers)).toEqual([]);
  });
  await fc.assert(every, { numRuns: 60 });
});
