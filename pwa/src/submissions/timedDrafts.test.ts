import { beforeEach, describe, expect, test } from "vitest";
import { checklistId, enrolledPhone, type Phone, passphrase, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import type { Database } from "../vault/database";
import { uuid7 } from "../wire/ids";
import type { Draft } from "./draft";
import { renameTimedDrafts } from "./timedDrafts";

const photo = new Blob(["two pages"], { type: "image/jpeg" });
const timed = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

let phone: Phone;

/** A draft as an earlier app began it: under a UUIDv7, with a photo and a recording that goes on. */
async function begunEarlier(who: string, more: Partial<Draft> = {}): Promise<Draft> {
  const { submission: _, ...begun } = await phone.drafts.start(checklistId);
  await phone.drafts.remove(_);
  const submission = uuid7();
  const board = await phone.attachments.add(submission, photo, { as: "picture" });
  const capture = await phone.captures.begin({
    submission,
    path: "said",
    keeping: { as: "it-is" },
    type: "audio/webm",
  });
  await capture.add(new Blob([`words of ${who}`]));
  await capture.end();
  const draft: Draft = { ...begun, ...more, submission, answers: { who, board: board.sha256 } };
  await phone.vault.put("drafts", submission, draft);
  return draft;
}

const keysOf = (store: "drafts" | "photos" | "captures" | "attachments" | "pieces") =>
  phone.database.read([store], (t) => t.objectStore(store).getAllKeys());

/** A database that dies after so many records were put into the transaction that is open. */
function dying(database: Database, puts: number): Database {
  return {
    ...database,
    write: (stores, work) =>
      database.write(stores, async (transaction) => {
        let left = puts;
        const proxy = new Proxy(transaction, {
          get: (target, name) => {
            if (name !== "objectStore") return Reflect.get(target, name);
            return (store: "drafts") => {
              const real = target.objectStore(store);
              return new Proxy(real, {
                get: (object, method) => {
                  const own = Reflect.get(object, method);
                  if (method === "put" && left-- === 0) throw new Error("the phone is out of power");
                  return typeof own === "function" ? own.bind(object) : own;
                },
              });
            };
          },
        });
        return work(proxy);
      }),
  };
}

beforeEach(async () => {
  phone = await enrolledPhone(await TestServer.start());
});

describe("a draft whose id tells when it was begun", () => {
  test("gets one that tells nothing, with its answers, files and recordings, and nothing is there twice", async () => {
    const drafts = [await begunEarlier("Aigul"), await begunEarlier("Bolat")];
    const before = {
      photos: await keysOf("photos"),
      files: await keysOf("attachments"),
      pieces: await keysOf("pieces"),
    };

    expect(await renameTimedDrafts(phone.vault, phone.database)).toBe(2);

    const listed = await phone.drafts.list();
    expect(listed.map(({ answers }) => answers.who).sort()).toEqual(["Aigul", "Bolat"]);
    expect((await keysOf("drafts")).filter((id) => timed.test(id))).toEqual([]);
    expect(await keysOf("attachments")).toEqual(before.files);
    expect(await keysOf("pieces")).toEqual(before.pieces);
    expect(await keysOf("photos")).toHaveLength(before.photos.length);
    for (const { submission, answers } of listed) {
      expect(await phone.attachments.missing(submission, [String(answers.board)])).toEqual([]);
      const [waiting] = await phone.captures.waiting(submission);
      expect(waiting && (await (await phone.captures.file(waiting)).file.text())).toBe(`words of ${answers.who}`);
    }
    for (const { submission } of drafts) {
      expect(await phone.attachments.missing(submission, [String(drafts[0]?.answers.board)])).toHaveLength(1);
      expect(await phone.captures.waiting(submission)).toEqual([]);
    }
    expect(await renameTimedDrafts(phone.vault, phone.database)).toBe(0);
  });

  test("is still found by the page that has it open, and by the draft that led to it", async () => {
    const flash = await begunEarlier("Flash");
    const voting = await begunEarlier("Voting", { flash: flash.submission });
    const today = await phone.drafts.start(checklistId);
    await phone.drafts.save({ ...today, flash: flash.submission });

    await renameTimedDrafts(phone.vault, phone.database);

    const moved = await phone.drafts.get(flash.submission);
    expect(moved?.submission).not.toBe(flash.submission);
    expect((await phone.drafts.get(voting.submission))?.flash).toBe(moved?.submission);
    expect((await phone.drafts.get(today.submission))?.flash).toBe(moved?.submission);
  });

  test("is finished under its new one", async () => {
    const { submission } = await begunEarlier("Aigul");
    await renameTimedDrafts(phone.vault, phone.database);
    const draft = (await phone.drafts.get(submission)) as Draft;
    await phone.outbox.finish(draft, draft.answers, undefined);
    const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
    expect(row?.submission).toBe(draft.submission);
    expect(row?.attachments).toHaveLength(1);
    expect(await phone.drafts.list()).toEqual([]);
  });

  test.each([0, 1, 2, 3])("is whole under its old one when power fails after %i records", async (puts) => {
    const drafts = [await begunEarlier("Aigul"), await begunEarlier("Bolat")];
    const before = await Promise.all((["drafts", "photos", "captures"] as const).map(keysOf));

    await expect(renameTimedDrafts(phone.vault, dying(phone.database, puts))).rejects.toThrow("out of power");

    expect(await Promise.all((["drafts", "photos", "captures"] as const).map(keysOf))).toEqual(before);
    phone = await phone.restart();
    for (const { submission, answers } of drafts) {
      expect((await phone.drafts.get(submission))?.answers).toEqual(answers);
      expect(await phone.attachments.missing(submission, [String(answers.board)])).toEqual([]);
    }
    expect(await renameTimedDrafts(phone.vault, phone.database)).toBe(2);
    expect(await phone.drafts.list()).toHaveLength(2);
  });

  test("that is saved meanwhile keeps what was saved, and moves the next time", async () => {
    const draft = await begunEarlier("Aigul");
    const saving: Database = {
      ...phone.database,
      write: async (stores, work) => {
        await phone.vault.put("drafts", draft.submission, { ...draft, answers: { who: "Aigul and Bolat" } });
        return phone.database.write(stores, work);
      },
    };
    expect(await renameTimedDrafts(phone.vault, saving)).toBe(0);
    expect((await phone.drafts.get(draft.submission))?.answers.who).toBe("Aigul and Bolat");
    expect(await renameTimedDrafts(phone.vault, phone.database)).toBe(1);
    expect((await phone.drafts.list()).map(({ answers }) => answers.who)).toEqual(["Aigul and Bolat"]);
  });
});

test("a finished report and a draft that tells nothing keep their ids", async () => {
  const waiting = await report(phone, "waits", photo);
  const draft = await phone.drafts.start(checklistId);
  // An earlier app finished under a timed id; were its draft still there, headquarters would know the report by it.
  const sent = await begunEarlier("sent");
  await phone.vault.put("ledger", sent.submission, {});
  const before = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());

  expect(await renameTimedDrafts(phone.vault, phone.database)).toBe(0);

  expect((await keysOf("drafts")).sort()).toEqual([draft.submission, sent.submission].sort());
  expect(await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll())).toEqual(before);
  expect(before.map(({ revision }) => revision)).toEqual([waiting.revision]);
});

test("nobody is kept out when drafts of an earlier app cannot be put in order", async () => {
  phone.vault.lock();
  phone.vault.beforeOpen(() => Promise.reject(new Error("not now")));
  expect(await phone.vault.unlock(passphrase)).toBe(true);
  expect(phone.vault.state).toBe("open");
});

test("drafts are in order before anybody is told that the vault is open", async () => {
  const draft = await begunEarlier("Aigul");
  phone.vault.lock();
  phone.vault.beforeOpen(async () => {
    await renameTimedDrafts(phone.vault, phone.database);
  });
  const ids: Promise<IDBValidKey[]>[] = [];
  phone.vault.subscribe((state) => state === "open" && ids.push(keysOf("drafts")));
  await phone.vault.unlock(passphrase);
  expect((await Promise.all(ids)).flat()).not.toContain(draft.submission);
});
