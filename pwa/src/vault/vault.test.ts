import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { cheap, checklistId, enrolledPhone, everythingStored, type Phone, passphrase, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import { autoLock } from "./autolock";
import { type Database, openDatabase } from "./database";
import { clearStores, sealedStores } from "./schema";
import { calibrate } from "./stretch";
import { RecordVault } from "./vault";

let database: Database;
let vault: RecordVault;

beforeEach(async () => {
  database = openDatabase(`vault-${crypto.randomUUID()}`);
  vault = await RecordVault.load(database, cheap);
});

describe("the vault", () => {
  test("is absent, open, locked, and open again with the same passphrase only", async () => {
    const seen: string[] = [];
    vault.subscribe((state) => seen.push(state));
    expect(vault.state).toBe("absent");
    await vault.create(passphrase);
    await vault.put("drafts", "a", { text: "Ертең" });
    vault.lock();
    expect(vault.state).toBe("locked");
    expect(await vault.unlock(`${passphrase} `)).toBe(false);
    expect(vault.state).toBe("locked");
    expect(await vault.unlock(passphrase)).toBe(true);
    expect(await vault.get("drafts", "a")).toEqual({ text: "Ертең" });
    expect(seen).toEqual(["open", "locked", "open"]);
  });

  test("opens after a restart, and to the same passphrase in other code points", async () => {
    await vault.create("қаймақ-ё-2021");
    await vault.put("drafts", "a", 1);
    database.close();
    const later = await RecordVault.load(database, cheap);
    expect(later.state).toBe("locked");
    expect(await later.unlock("қаймақ-ё-2021".normalize("NFD"))).toBe(true);
    expect(await later.get("drafts", "a")).toBe(1);
  });

  test("a phone with the stores of an earlier app gets the new ones and keeps what it has", async () => {
    const name = `vault-${crypto.randomUUID()}`;
    const earlier = await openDB(name, 1, {
      upgrade(old) {
        for (const store of [...sealedStores, ...clearStores])
          if (store !== "ledger" && store !== "files") old.createObjectStore(store);
      },
    });
    await earlier.put("contact", "2021-01-10T08:00:00.000Z", "last");
    earlier.close();
    const now = openDatabase(name);
    expect(await now.read(["contact"], (t) => t.objectStore("contact").get("last"))).toBe("2021-01-10T08:00:00.000Z");
    for (const added of ["ledger", "files"] as const) {
      expect(await now.read([added], (t) => t.objectStore(added).count())).toBe(0);
    }
  });

  test("gives nothing and takes nothing while locked", async () => {
    await vault.create(passphrase);
    vault.lock();
    await expect(vault.get("drafts", "a")).rejects.toMatchObject({ slug: "locked" });
    await expect(vault.all("drafts")).rejects.toMatchObject({ slug: "locked" });
    await expect(vault.put("drafts", "a", 1)).rejects.toMatchObject({ slug: "locked" });
  });

  test("is made once: a second one would orphan what the first sealed", async () => {
    const other = await RecordVault.load(database, cheap);
    await vault.create(passphrase);
    await expect(vault.create("another")).rejects.toMatchObject({ slug: "vault-exists" });
    await expect(other.create("another")).rejects.toThrow();
    vault.lock();
    expect(await vault.unlock(passphrase)).toBe(true);
  });

  test.each(["another id", "another store", "a changed byte"])("refuses a row moved to %s", async (how) => {
    await vault.create(passphrase);
    await vault.put("drafts", "a", "one");
    const bytes = await database.read(["drafts"], (t) => t.objectStore("drafts").get("a"));
    const row = bytes as ArrayBuffer;
    const view = new DataView(row);
    if (how === "a changed byte") view.setUint8(20, view.getUint8(20) ^ 1);
    const store = how === "another store" ? "copies" : "drafts";
    const id = how === "another id" ? "b" : "a";
    await database.write([store], (t) => t.objectStore(store).put(row, id));
    await expect(vault.get(store, id)).rejects.toMatchObject({ slug: "vault-damaged" });
  });

  test("seals the same value differently each time", async () => {
    await vault.create(passphrase);
    const [one, two] = [await vault.seal("drafts", "a", 1), await vault.seal("drafts", "a", 1)];
    expect(new Uint8Array(one.bytes)).not.toEqual(new Uint8Array(two.bytes));
  });
});

test("calibration takes 64 MiB where two passes fit into the time, and 32 MiB on a slow phone", async () => {
  const phone = (seconds: number) => {
    let now = 0;
    return () => {
      now += seconds;
      return now;
    };
  };
  expect(await calibrate(phone(0.05))).toEqual({ memoryKiB: 64 * 1024, iterations: 8 });
  expect(await calibrate(phone(0.4))).toEqual({ memoryKiB: 32 * 1024, iterations: 2 });
  expect(await calibrate(phone(3))).toEqual({ memoryKiB: 32 * 1024, iterations: 2 });
});

test("the disk holds nothing of what was typed, chosen, seen or given by the mission", async () => {
  const server = await TestServer.start();
  const phone: Phone = await enrolledPhone(server);
  const secret = "Ерлан said the protocol was signed in advance";
  const photo = new Blob(["ÿØÿ a picture of the wall at the akimat"], { type: "image/jpeg" });
  await report(phone, secret, photo);
  const draft = await phone.drafts.start(
    (await phone.drafts.list())[0]?.checklist ?? "0190aaaa-0000-7000-8000-00000000000c",
  );
  await phone.drafts.save({ ...draft, answers: { who: secret } });
  await phone.vault.put("places", "recent", ["Taraz"]);
  await phone.push();
  const stored = await everythingStored(phone.database);
  expect(stored).toContain("push");
  for (const typed of [
    secret,
    "Ерлан",
    "protocol",
    "akimat",
    "Taraz",
    "LTO05",
    "meeting",
    "Meeting",
    "access",
    '"d":',
    passphrase,
  ]) {
    expect(stored, typed).not.toContain(typed);
  }
});

test("no id that lies in clear tells when a report was begun or finished", async () => {
  const phone = await enrolledPhone(await TestServer.start());
  await phone.drafts.start(checklistId);
  await report(phone, "sent", new Blob(["a photo"], { type: "image/jpeg" }));
  await phone.push();
  await report(phone, "waits");
  const ids: unknown[] = [];
  for (const store of ["drafts", "ledger", "labels", "copies", "photos", "captures"] as const)
    ids.push(...(await phone.database.read([store], (t) => t.objectStore(store).getAllKeys())));
  for (const store of ["outbox", "received"] as const)
    for (const row of await phone.database.read([store], (t) => t.objectStore(store).getAll()))
      ids.push(row.revision, row.submission);
  expect(ids.length).toBeGreaterThan(10);
  const timed = /^[0-9a-f]{8}-[0-9a-f]{4}-[17]/;
  expect(ids.filter((id) => timed.test(String(id)))).toEqual([]);
});

describe("auto-lock", () => {
  const page = () => {
    const target = new EventTarget() as EventTarget & { visibilityState: DocumentVisibilityState };
    target.visibilityState = "visible";
    return target as unknown as Document & { visibilityState: DocumentVisibilityState };
  };
  const turn = (document: ReturnType<typeof page>, state: DocumentVisibilityState) => {
    Object.assign(document, { visibilityState: state });
    document.dispatchEvent(new Event("visibilitychange"));
  };

  test("locks when nobody touched the app for the set time", () => {
    vi.useFakeTimers();
    const lock = vi.fn();
    const auto = autoLock(lock, () => 10, page());
    vi.advanceTimersByTime(9 * 60_000);
    auto.touch();
    vi.advanceTimersByTime(9 * 60_000);
    expect(lock).not.toHaveBeenCalled();
    vi.advanceTimersByTime(70_000);
    expect(lock).toHaveBeenCalled();
    auto.stop();
    vi.useRealTimers();
  });

  test("locks at the return of a phone that slept, whose timers did not run", () => {
    let now = 0;
    const lock = vi.fn();
    const document = page();
    const auto = autoLock(
      lock,
      () => 30,
      document,
      () => now,
    );
    turn(document, "hidden");
    now = 4 * 60_000;
    turn(document, "visible");
    expect(lock).not.toHaveBeenCalled();
    turn(document, "hidden");
    now = 10 * 60_000;
    turn(document, "visible");
    expect(lock).toHaveBeenCalledOnce();
    auto.stop();
  });

  test("a touch after the time is up does not put it off", () => {
    let now = 0;
    const lock = vi.fn();
    const auto = autoLock(
      lock,
      () => 5,
      page(),
      () => now,
    );
    now = 6 * 60_000;
    auto.touch();
    expect(lock).toHaveBeenCalledOnce();
    auto.stop();
  });
});
