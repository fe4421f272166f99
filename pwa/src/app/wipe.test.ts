/** What a wiped phone still holds, still sends, and no longer tells. */
import "fake-indexeddb/auto";
import { beforeEach, describe, expect, test } from "vitest";
import { enrol } from "../people/enrolment";
import { moveOutbox } from "../submissions/parcels";
import { pushOutbox } from "../sync/push";
import {
  checklistId,
  definition,
  enrolledPhone,
  everythingStored,
  openPhone,
  type Phone,
  report,
} from "../testing/phone";
import { newKey, problem, TestServer } from "../testing/server";
import type { Database } from "../vault/database";
import { clearStores, type ParcelRow, sealedStores } from "../vault/schema";
import { type Places, wipe, wipeAsOrdered } from "./wipe";

let server: TestServer;
let phone: Phone;
let places: Places;
let left: { settings: Map<string, string>; caches: Set<string>; files: Set<string> };

const photo = () => new Blob([`a photo ${Math.random()}`], { type: "image/jpeg" });

beforeEach(async () => {
  server = await TestServer.start();
  server.publish(checklistId, definition);
  phone = await enrolledPhone(server);
  left = {
    settings: new Map([
      ["steppe-settings", "{}"],
      ["steppe-language", "kk"],
    ]),
    caches: new Set(["steppe-field-0123", "answers"]),
    files: new Set(["recording"]),
  };
  const settings = {
    get length() {
      return left.settings.size;
    },
    key: (at: number) => [...left.settings.keys()][at] ?? null,
    removeItem: (key: string) => void left.settings.delete(key),
  };
  const folder = {
    keys: async function* () {
      yield* [...left.files];
    },
    removeEntry: async (name: string) => void left.files.delete(name),
  };
  places = {
    storages: [settings],
    caches: { keys: async () => [...left.caches], delete: async (name) => left.caches.delete(name) },
    folder: async () => folder as unknown as FileSystemDirectoryHandle,
  };
});

/** Names of the stores that hold anything. */
async function filled(database: Database): Promise<string[]> {
  const names: string[] = [];
  for (const store of [...sealedStores, ...clearStores]) {
    if ((await database.read([store], (t) => t.objectStore(store).count())) > 0) names.push(store);
  }
  return names;
}

/** One report received, two waiting, one with a photo; a draft with a photo; wrong tries. */
async function work(): Promise<void> {
  await report(phone, "received long ago");
  await phone.push();
  await report(phone, "waits", photo());
  await report(phone, "waits too");
  const draft = await phone.drafts.start(checklistId);
  const attached = await phone.attachments.add(draft.submission, photo(), { as: "picture" });
  await phone.drafts.save({ ...draft, answers: { who: "a source", board: attached.sha256 } });
  await phone.vault.unlock("wrong");
}

describe("a wiped phone", () => {
  test("holds what was sealed and the means to send it, and nothing else anywhere", async () => {
    await work();
    expect(await wipe(phone.database, places)).toBe(2);
    expect(await filled(phone.database)).toEqual(["transport", "chain", "parcels", "parcelFiles"].sort(inOrder));
    expect(await phone.database.read(["parcelFiles"], (t) => t.objectStore("parcelFiles").count())).toBe(1);
    expect(left.settings.size).toBe(0);
    expect([...left.caches]).toEqual(["steppe-field-0123"]);
    expect(left.files.size).toBe(0);
    const stored = await everythingStored(phone.database);
    for (const word of ["received long ago", "a source", "access", "LTO05"]) expect(stored).not.toContain(word);
  });

  test("sends every waiting report once, its photo too, and then nothing is left", async () => {
    await work();
    phone.vault.lock();
    await wipe(phone.database, places);
    expect(server.stored.size).toBe(1);
    expect(await phone.push()).toMatchObject({ left: 0 });
    expect(server.stored.size).toBe(3);
    expect(await filled(phone.database)).toEqual([]);
    await phone.push();
    expect(server.stored.size).toBe(3);
  });

  test("to be set up anew keeps, sealed, what was received and is not safe; offers it to a restored server; then nothing", async () => {
    const copy = server.copy();
    await report(phone, "received", photo());
    await phone.push();
    await wipe(phone.database, places, true);
    const stays = ["transport", "chain", "parcelFiles", "delivered", "retained", "safety"];
    expect(await filled(phone.database)).toEqual(stays.sort(inOrder));
    const stored = await everythingStored(phone.database);
    for (const word of ["a source", "access", "LTO05"]) expect(stored).not.toContain(word);
    phone = await enrolledPhone(server, await openPhone(server, phone.name));
    server.restore(copy);
    await pushOutbox({ database: phone.database, fetch: server.fetch }, true);
    expect(server.stored.size).toBe(1);
    expect([...server.blobs.values()].map(({ size, bytes }) => bytes.length === size)).toEqual([true]);
    server.safety = { epoch: 2, safe_seq: server.seq };
    await pushOutbox({ database: phone.database, fetch: server.fetch }, true);
    await phone.release();
    for (const store of ["retained", "parcels", "parcelFiles"] as const)
      expect(await phone.database.read([store], (t) => t.objectStore(store).count())).toBe(0);
  });

  test("set up for another mission still hears what of the earlier one is safe, and then forgets it", async () => {
    server.safety = { epoch: 1, safe_seq: 0 };
    await report(phone, "received", photo());
    await phone.push();
    await wipe(phone.database, places, true);
    const other = await TestServer.start("0190aaaa-0000-7000-8000-0000000000ff");
    const fetch: typeof globalThis.fetch = (input, init) =>
      new Headers(init?.headers).get("Authorization") === "Bearer push"
        ? server.fetch(input, init)
        : other.fetch(input, init);
    other.pushToken = "other";
    phone = await enrolledPhone(other, await openPhone(other, phone.name));
    await pushOutbox({ database: phone.database, fetch }, true);
    expect(await phone.database.read(["retained"], (t) => t.objectStore("retained").count())).toBe(1);
    server.safety = { epoch: 1, safe_seq: server.seq };
    await pushOutbox({ database: phone.database, fetch }, true);
    await phone.release();
    await pushOutbox({ database: phone.database, fetch }, true);
    expect(await phone.database.read(["retained"], (t) => t.objectStore("retained").count())).toBe(0);
    expect(await phone.database.read(["transport"], (t) => t.objectStore("transport").getAllKeys())).toEqual(["this"]);
  });

  test("with nothing waiting keeps no token", async () => {
    await report(phone, "received");
    await phone.push();
    await wipe(phone.database, places);
    expect(await filled(phone.database)).toEqual([]);
  });

  test.each([0, 1, 2, 3])("killed after step %d, the next wipe ends it and nothing sealed is lost", async (steps) => {
    await work();
    let done = 0;
    const dying: Database = {
      ...phone.database,
      write: (stores, work) => {
        if (done++ >= steps) throw new Error("killed");
        return phone.database.write(stores, work);
      },
    };
    await wipe(dying, places).catch(() => undefined);
    if (steps > 0) expect(await filled(phone.database)).not.toContain("wrap");
    await wipe(phone.database, places);
    await phone.push();
    expect(server.stored.size).toBe(3);
    expect(await filled(phone.database)).toEqual([]);
  });

  test("is set up anew, and both its reports and the new ones arrive", async () => {
    await work();
    await wipe(phone.database, places);
    phone.vault.vanished();
    expect(phone.vault.state).toBe("absent");
    phone.database.close();
    const anew = await openPhone(server, phone.name);
    const contact = { server: server.origin, fetch: server.fetch };
    const identity = await enrol(anew.vault, anew.database, contact, "ABCDE-FGHJK-MNPQR-STVWX");
    expect(identity.device.id).toBeDefined();
    await anew.vault.put("definitions", checklistId, definition);
    await report(anew, "after the wipe");
    expect(await anew.push()).toMatchObject({ left: 0 });
    expect(server.stored.size).toBe(4);
    expect((await anew.outbox.list()).map(({ state }) => state)).toEqual(["received"]);
  });

  test("sends what it sealed for one mission also when it belongs to another now", async () => {
    await work();
    await wipe(phone.database, places);
    const other = { pushToken: "other", mission: "0190aaaa-0000-7000-8000-0000000000ff" };
    await phone.database.write(["transport", "wrap"], async (t) => {
      const transport = await t.objectStore("transport").get("this");
      if (!transport) throw new Error("no transport");
      await t.objectStore("transport").put(transport, transport.mission);
      await t.objectStore("transport").put({ ...transport, ...other, server: "https://other.example" }, "this");
      await t.objectStore("wrap").put({} as never, "key");
    });
    await phone.push();
    expect(server.stored.size).toBe(3);
    await phone.push();
    expect(await phone.database.read(["transport"], (t) => t.objectStore("transport").getAllKeys())).toEqual(["this"]);
  });
});

describe("a wiped phone that carries what it cannot deliver", () => {
  const bytes = () => new ArrayBuffer(8);
  /** Of another phone, and either not what its file said or of a mission unknown here. */
  const carry = (change: Partial<ParcelRow>) =>
    phone.database.write(["parcels", "parcelFiles"], async (t) => {
      const attachments = [{ sha256: "a".repeat(64), size: 8 }];
      const facts = { revision: "r", deviceSeq: 1, hash: "h", sealed: bytes(), sealedHash: "s", attachments };
      await t.objectStore("parcels").put({ ...facts, mission: server.mission, madeHere: false, ...change }, "s");
      await t.objectStore("parcelFiles").put(bytes(), "a".repeat(64));
    });

  test.each([[{ mismatch: true }], [{ mission: "another" }]])("%j, holds neither that nor a token", async (change) => {
    await carry(change);
    expect(await wipe(phone.database, places)).toBe(0);
    expect(await filled(phone.database)).toEqual([]);
  });

  test("forgets it with the last report it sends", async () => {
    await work();
    await wipe(phone.database, places);
    await carry({ mismatch: true });
    await phone.push();
    expect(await filled(phone.database)).toEqual([]);
  });

  test("keeps what was made here, and no token that cannot bring it", async () => {
    await carry({ mission: "another", madeHere: true });
    expect(await wipe(phone.database, places)).toBe(0);
    expect(await filled(phone.database)).toEqual(["parcels", "parcelFiles"]);
  });
});

test("an outbox made parcels twice holds each report once", async () => {
  await work();
  await moveOutbox(phone.database);
  expect(await moveOutbox(phone.database)).toBe(0);
  await phone.push();
  expect(server.stored.size).toBe(3);
});

const order: string[] = [...sealedStores, ...clearStores];
const inOrder = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);

describe("an order to wipe", () => {
  const obey = (serial: number) => wipeAsOrdered(phone.database, serial, places);
  const push = (greet = true) => pushOutbox({ database: phone.database, fetch: server.fetch, obey }, greet);
  const transportOf = () => phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  const deviceOf = async () => (await transportOf())?.device ?? "";

  test("is obeyed at once: nothing readable is left, what was sealed is sent, and headquarters is told", async () => {
    await work();
    server.safety = { epoch: 1, safe_seq: 0 };
    server.orders = [await server.signOrder(await deviceOf(), 7)];
    await push(false);
    // The first push was the report that waited; the order was in its answer.
    expect(server.stored.size).toBe(3);
    expect(server.saidOfPhone.at(-1)?.wiped).toBe(7);
    for (const store of [...sealedStores, "wrap", "outbox"] as const)
      expect(await phone.database.read([store], (t) => t.objectStore(store).count())).toBe(0);
    expect([left.settings.size, left.files.size]).toEqual([0, 0]);
    const stored = await everythingStored(phone.database);
    for (const word of ["received long ago", "a source", "access", "LTO05"]) expect(stored).not.toContain(word);
    // Obeyed once: the same order again is none.
    const before = server.saidOfPhone.length;
    await push();
    expect(server.saidOfPhone.length - before).toBe(1);
  });

  test("comes with the answer to an empty push, and leaves no trace once headquarters knows and everything is safe", async () => {
    server.reads = ["clock", "check", "wiped"];
    await report(phone, "received", photo());
    await phone.push();
    server.safety = { epoch: 1, safe_seq: 0 };
    server.orders = [await server.signOrder(await deviceOf(), 7)];
    await push();
    expect(await filled(phone.database)).toContain("retained");
    server.safety = { epoch: 1, safe_seq: server.seq };
    await push();
    await phone.release();
    await push();
    expect(await filled(phone.database)).toEqual([]);
  });

  test("lets sealed reports go after 14 days of the server's time, safe or not", async () => {
    server.safety = { epoch: 1, safe_seq: 0 };
    await report(phone, "received");
    await phone.push();
    server.orders = [await server.signOrder(await deviceOf(), 7)];
    await push();
    const day = 24 * 60 * 60 * 1000;
    for (const [days, kept] of [
      [13.9, 1],
      [14, 0],
    ] as const) {
      server.behind = -days * day;
      await push();
      await phone.release();
      expect(await phone.database.read(["retained"], (t) => t.objectStore("retained").count())).toBe(kept);
    }
  });

  test("reaches a phone whose reports are not taken in any more, and they stay sealed", async () => {
    await work();
    server.orders = [await server.signOrder(await deviceOf(), 7)];
    server.intercept = async (request, next) => {
      const packed = new Blob([await request.clone().arrayBuffer()]).stream();
      const body = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).json();
      return body.items.length > 0 ? problem(401, "sign-in-needed") : next();
    };
    await push(false);
    expect((await transportOf())?.wiped).toBe(7);
    expect(await phone.database.read(["parcels"], (t) => t.objectStore("parcels").count())).toBe(2);
    expect(server.stored.size).toBe(1);
  });

  test.each<[string, (device: string) => Promise<string>]>([
    ["to another device", () => server.signOrder(crypto.randomUUID(), 7)],
    ["of another mission", (device) => server.signOrder(device, 7, { mission: crypto.randomUUID() })],
    ["signed by another key", async (device) => server.signOrder(device, 7, {}, await newKey(["sign"], "ECDSA"))],
    ["that is a receipt", (device) => server.signReceipt({ mission: server.mission, device, serial: 7, at: "" })],
    ["without a serial", (device) => server.signOrder(device, 7, { serial: "7" })],
    ["that is no text", async () => 7 as unknown as string],
  ])("%s does nothing", async (_what, order) => {
    await work();
    server.orders = [await order(await deviceOf())];
    await push();
    expect(phone.vault.state).toBe("open");
    expect((await transportOf())?.wiped).toBeUndefined();
    expect((await phone.drafts.list()).length).toBe(1);
  });

  test("is over once the phone was set up again after it", async () => {
    server.ordersOver = 7;
    await enrolledPhone(server, phone);
    server.orders = [await server.signOrder(await deviceOf(), 7)];
    await push();
    expect((await transportOf())?.wiped).toBeUndefined();
    server.orders = [await server.signOrder(await deviceOf(), 8)];
    await push();
    expect((await transportOf())?.wiped).toBe(8);
    // Set up anew it is another device, and what was said to the one before is nothing to it.
    phone = await enrolledPhone(server, await openPhone(server, phone.name));
    await push();
    expect((await transportOf())?.wiped).toBeUndefined();
    expect(server.saidOfPhone.at(-1)?.wiped).toBeUndefined();
  });
});
