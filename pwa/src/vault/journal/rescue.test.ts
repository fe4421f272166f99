/** A phone whose database went, was set back or was cut short between journal and database: what is there at the next start. */
import { beforeEach, describe, expect, test } from "vitest";
import { beginCorrection } from "../../submissions/correcting";
import { askFolder, MemoryFolder, memoryJournal, memoryPlaces } from "../../testing/journal";
import {
  cheap,
  checklistId,
  definition,
  enrolledPhone,
  openPhone,
  type Phone,
  passphrase,
  report,
} from "../../testing/phone";
import { TestServer } from "../../testing/server";
import { FieldProblem } from "../../wire/problem";
import { type Database, openDatabase } from "../database";
import type { RowChange, StoreName } from "../schema";
import { RecordVault } from "../vault";
import { positionName, wiping } from "./mark";
import type { PageJournal } from "./pageJournal";
import { Reserve, reserveLength } from "./reserve";

let server: TestServer;
let phone: Phone;
let folder: MemoryFolder;
let places: ReturnType<typeof memoryPlaces>;
let journal: PageJournal;

beforeEach(async () => {
  appended = 0;
  server = await TestServer.start();
  server.publish(checklistId, definition);
  folder = new MemoryFolder();
  places = memoryPlaces();
  const name = `journal-${crypto.randomUUID()}`;
  journal = memoryJournal(name, folder, places);
  phone = await enrolledPhone(server, await openPhone(server, name, journal));
  await journal.mirror();
});

let appended = 0;
/** Of a page that dies between the journal and the database. */
const killed = {
  ahead: async (changes: readonly RowChange[]) => {
    await askFolder(folder, phone.name)({ what: "append", changes });
    appended++;
    return new Promise<never>(() => undefined);
  },
};

const rows = (database: Database, store: StoreName) => database.read([store], (t) => t.objectStore(store).getAll());
const numberOf = (row: unknown) => (row as { deviceSeq: number }).deviceSeq;
const nextDraft = async (who: string) => {
  const draft = await phone.drafts.start(checklistId);
  return phone.drafts.save({ ...draft, answers: { who } });
};

/** The database as a browser finds it after its files went. */
async function emptied(): Promise<Database> {
  phone.database.close();
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(phone.name).onsuccess = resolve;
  });
  return openDatabase(phone.name);
}

describe("a database that is gone", () => {
  test("is there again with its queued report, its draft and its passphrase, and the report is received once", async () => {
    await report(phone, "queued");
    await nextDraft("a draft");
    const database = await emptied();
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 1, drafts: 1, missing: 0 });
    database.close();
    phone = await openPhone(server, phone.name, journal);
    expect(await phone.drafts.list()).toMatchObject([{ answers: { who: "a draft" } }]);
    expect(await phone.outbox.list()).toMatchObject([{ state: "waiting", code: "LTO05-A001", form: "meeting_report" }]);
    expect(await phone.push()).toMatchObject({ left: 0 });
    expect(server.stored.size).toBe(1);
    // The next report goes on where the chain ended.
    await report(phone, "after");
    expect((await rows(phone.database, "outbox"))[0]).toMatchObject({ deviceSeq: 2 });
  });

  test("a correction that was begun is there again, with what it was begun from, though no readable copy is", async () => {
    const { submission, revision } = await report(phone, "first");
    const { correction, answers } = await beginCorrection(phone, submission, "correction");
    (await emptied()).close();
    await journal.rescue(true);
    phone = await openPhone(server, phone.name, journal);
    const [draft] = await phone.drafts.list();
    expect(draft).toMatchObject({ submission, answers, correction });
    if (draft) await phone.outbox.finish(draft, { who: "second" }, undefined);
    await phone.push();
    const sent = [...server.stored.values()].map(({ revision: { base, patch } }) => ({ base, patch }));
    expect(sent).toEqual([
      { base: [], patch: { who: "first" } },
      { base: [revision], patch: { who: "second" } },
    ]);
  });

  test("no number is given twice: what the journal lacks and the mark knows of is missing", async () => {
    await report(phone, "one");
    await journal.mirror();
    const before = folder.file;
    await report(phone, "two");
    folder.file = before;
    (await emptied()).close();
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 1, missing: 1 });
    phone = await openPhone(server, phone.name, journal);
    await report(phone, "three");
    expect((await rows(phone.database, "outbox")).map(numberOf).sort()).toEqual([1, 3]);
  });

  test("what headquarters may still lose is there again, and may be offered again", async () => {
    server.safety = { epoch: 1, safe_seq: 0 };
    await report(phone, "received");
    await phone.push();
    await journal.mirror();
    (await emptied()).close();
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 1 });
    phone = await openPhone(server, phone.name, journal);
    expect(await phone.outbox.list()).toMatchObject([{ state: "received", retained: "until-safe" }]);
    // Without the list that was signed the receipt would prove nothing.
    expect(await rows(phone.database, "receiptLists")).toHaveLength(1);
  });

  test("a damaged place of the journal costs what lay there and nothing else", async () => {
    await report(phone, "queued");
    await journal.mirror(true);
    const damaged = folder.file.slice();
    const at = new TextDecoder("latin1").decode(damaged).indexOf('"checklist');
    damaged[at] = 0;
    folder.file = damaged;
    (await emptied()).close();
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 1 });
  });

  test.each([true, false])(
    "emptied under the running app (journal too: %s), it is told at the next start",
    async (isAll) => {
      await report(phone, "never sent");
      (await emptied()).close();
      if (isAll) folder.files.clear();
      await journal.mirror();
      expect(await journal.rescue(true)).toMatchObject(isAll ? { rebuilt: 0, missing: 1 } : { rebuilt: 1, missing: 0 });
    },
  );

  test("with the journal gone too, the mark says how many reports headquarters lacks", async () => {
    await report(phone, "never sent");
    folder.files.clear();
    places.stored.clear();
    (await emptied()).close();
    // The cache alone tells of the phone.
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 0, missing: 1 });
    expect(await journal.rescue(true)).toBeUndefined();
  });

  test("the browser has no private folder: the mark alone tells", async () => {
    await report(phone, "never sent");
    (await emptied()).close();
    folder.open = async () => Promise.reject(new DOMException("none", "SecurityError"));
    expect(await journal.rescue(true)).toMatchObject({ rebuilt: 0, missing: 1 });
    expect(places.stored.size).toBe(0);
  });
});

describe("a database that lags behind", () => {
  test("an answer and a Finish that reached the journal alone are there", async () => {
    const finished = await nextDraft("finished");
    const typed = await nextDraft("typed");
    const dying = await openPhone(server, phone.name, killed);
    void dying.drafts.save({ ...typed, answers: { who: "typed last" } });
    await expect.poll(() => appended).toBe(1);
    void dying.outbox.finish(finished, finished.answers, undefined);
    await expect.poll(() => appended).toBe(2);
    expect(await rows(phone.database, "outbox")).toEqual([]);

    expect(await journal.rescue(false)).toBeUndefined();
    expect(await phone.drafts.list()).toMatchObject([{ answers: { who: "typed last" } }]);
    expect(await phone.outbox.list()).toMatchObject([{ state: "waiting", code: "LTO05-A001" }]);
    expect(await phone.push()).toMatchObject({ left: 0 });
    expect(server.stored.size).toBe(1);
  });

  test.each(["before", "after"])("set back to an older copy, with the journal written anew %s it", async (when) => {
    await report(phone, "one");
    const copy = await everything();
    await report(phone, "two");
    if (when === "after") await journal.mirror(true);
    await putBack(copy);
    expect(places.stored.get(positionName)).toBeDefined();
    expect(await journal.rescue(false)).toBeUndefined();
    expect((await rows(phone.database, "outbox")).map(numberOf).sort()).toEqual([1, 2]);
    await report(phone, "three");
    expect(await rows(phone.database, "outbox")).toHaveLength(3);
  });

  test("what has been received since it was written down is not queued again", async () => {
    await report(phone, "one");
    await phone.push();
    expect(await journal.rescue(false)).toBeUndefined();
    expect(await rows(phone.database, "outbox")).toEqual([]);
  });
});

async function everything(): Promise<[StoreName, [string, unknown][]][]> {
  const stores: StoreName[] = ["chain", "outbox", "drafts", "labels", "copies", "ledger", "journal"];
  return phone.database.read(stores, async (t) => {
    const all: [StoreName, [string, unknown][]][] = [];
    for (const store of stores) {
      const keys = await t.objectStore(store).getAllKeys();
      const values = await t.objectStore(store).getAll();
      all.push([store, keys.map((key, at) => [String(key), values[at]])]);
    }
    return all;
  });
}

const putBack = (copy: [StoreName, [string, unknown][]][]) =>
  phone.database.write(
    copy.map(([store]) => store),
    async (t) => {
      for (const [store, entries] of copy) {
        await t.objectStore(store).clear();
        for (const [key, value] of entries) await t.objectStore(store).put(value as never, key as never);
      }
    },
  );

test("another passphrase replaces the journal's copy of what the old one opened", async () => {
  await nextDraft("a draft");
  await phone.vault.changePassphrase(passphrase, "another passphrase 7");
  await journal.mirror();
  (await emptied()).close();
  await journal.rescue(true);
  const vault = await RecordVault.load(openDatabase(phone.name), cheap);
  expect(await vault.unlock(passphrase)).toBe(false);
  expect(await vault.unlock("another passphrase 7")).toBe(true);
});

test("cut short between the new passphrase and the journal, the old one opens nothing at the next start", async () => {
  await phone.vault.changePassphrase(passphrase, "another passphrase 7");
  // The app starts: the two do not agree.
  expect(await journal.rescue(false)).toBeUndefined();
  (await emptied()).close();
  await journal.rescue(true);
  const vault = await RecordVault.load(openDatabase(phone.name), cheap);
  expect(await vault.unlock(passphrase)).toBe(false);
  expect(await vault.unlock("another passphrase 7")).toBe(true);
});

test("a page that writes the journal leaves the mark of a wipe that has to be ended", async () => {
  await phone.database.write(["journal"], (t) => t.objectStore("journal").put(wiping, "at"));
  await journal.mirror();
  expect(await phone.database.read(["journal"], (t) => t.objectStore("journal").get("at"))).toBe(wiping);
});

test("nothing of a draft or a report lies in the journal in clear", async () => {
  await report(phone, "a name nobody may read");
  await nextDraft("another name nobody may read");
  expect(new TextDecoder("latin1").decode(folder.file)).not.toContain("nobody may read");
});

describe("a full disk", () => {
  /** The disk: what the reserve gives up is what the database may take. */
  async function fullDisk(): Promise<{ refused: number }> {
    await new Reserve(() => folder.open("reserve")).fill();
    const told = { refused: 0 };
    const inner = phone.database;
    const roomy = () => folder.files.get("reserve")?.length ?? 0;
    const full = await openPhone(server, phone.name, {
      ahead: (changes, write) =>
        journal.ahead(changes, async (position) => {
          const needed = changes.some(([store]) => store === "outbox") ? 0 : reserveLength / 2;
          if (roomy() <= needed) return write(position);
          told.refused++;
          throw new FieldProblem("storage-full");
        }),
    });
    inner.close();
    phone = full;
    return told;
  }

  test("takes a draft and a finished report all the same, out of the reserve, half of which drafts leave alone", async () => {
    const draft = await nextDraft("the akim");
    const told = await fullDisk();
    const saved = await phone.drafts.save({ ...draft, answers: { who: "saved on a full disk" } });
    expect(folder.files.get("reserve")?.length).toBe(reserveLength / 2);
    await phone.outbox.finish(saved, saved.answers, undefined);
    expect(folder.files.get("reserve")?.length).toBe(0);
    expect(told.refused).toBe(2);
    expect(await phone.outbox.list()).toMatchObject([{ state: "waiting" }]);
    expect(await phone.push()).toMatchObject({ left: 0 });
  });

  test("says so when the reserve is used up", async () => {
    const draft = await nextDraft("the akim");
    await fullDisk();
    folder.files.delete("reserve");
    const refusing = await openPhone(server, phone.name, {
      ahead: (changes) => journal.ahead(changes, async () => Promise.reject(new FieldProblem("storage-full"))),
    });
    await expect(refusing.drafts.save(draft)).rejects.toMatchObject({ slug: "storage-full" });
  });
});
