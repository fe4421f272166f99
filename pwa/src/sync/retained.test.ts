/** What headquarters has received and may still lose stays on the phone, sealed, and is offered again when it was lost. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { checklistId, enrolledPhone, type Phone, report } from "../testing/phone";
import { problem, TestServer } from "../testing/server";
import type { SafetyWord, StoreName } from "../vault/schema";
import { pushOutbox } from "./push";
import { isSafe } from "./release";

let server: TestServer;
let phone: Phone;

const day = 24 * 60 * 60 * 1000;
const photo = (text = "a photo") => new Blob([text], { type: "image/jpeg" });
const greet = async () => {
  const outcome = await pushOutbox({ database: phone.database, fetch: server.fetch }, true);
  await phone.release();
  return outcome;
};
const keysIn = (store: StoreName) => phone.database.read([store], (t) => t.objectStore(store).getAllKeys());
const count = async (store: StoreName) => (await keysIn(store)).length;
const waiting = async () =>
  (await phone.outbox.list()).filter(({ state }) => state === "waiting").map(({ revision }) => revision);

beforeEach(async () => {
  server = await TestServer.start();
  server.safety = { epoch: 1, safe_seq: 0 };
  phone = await enrolledPhone(server);
});

test("after a restore headquarters is told how many reports are offered again, and how many of them arrived", async () => {
  const copy = server.copy();
  await report(phone, "the akim");
  await report(phone, "the mayor");
  await phone.push();
  expect(server.saidOfPhone.at(-1)?.offered_again).toBeUndefined();
  server.restore(copy);
  let pushes = 0;
  // The line drops what is offered, and no more.
  server.intercept = async (_request, next) => (++pushes === 2 ? problem(503, "try-later") : next());
  await greet();
  expect(server.saidOfPhone.at(-1)?.offered_again).toEqual({ done: 0, of: 2 });
  await greet();
  expect(server.stored.size).toBe(2);
  expect(server.saidOfPhone.at(-1)?.offered_again).toEqual({ done: 2, of: 2 });
});

describe("a received report", () => {
  test("keeps its sealed text until a signed word covers it, and each of its photos", async () => {
    const { revision } = await report(phone, "the akim", photo());
    await phone.push();
    expect(await keysIn("retained")).toEqual([revision]);
    server.safety = { epoch: 1, safe_seq: server.seq - 1 };
    await greet();
    expect(await count("retained")).toBe(1);
    server.safety = { epoch: 1, safe_seq: server.seq };
    await greet();
    expect(await count("retained")).toBe(0);
    expect(await count("outbox")).toBe(0);
    // The mission lets phones keep copies: the photo is still shown.
    expect(await count("attachments")).toBe(1);
  });

  test("goes by the word that comes with a pull, too", async () => {
    await report(phone, "the akim");
    await phone.push();
    server.safety = { epoch: 1, safe_seq: server.seq };
    server.intercept = async (request, next) => {
      if (!request.url.endsWith("/push")) return next();
      const { receipts: _, ...answer } = (await (await next()).json()) as { receipts: string };
      return Response.json(answer);
    };
    await phone.rounds.run();
    expect(await count("retained")).toBe(0);
  });

  test("of a mission without copies goes 14 days after it was received, by the server's time alone", async () => {
    server.safety = { epoch: 1, safe_seq: null };
    await report(phone, "the akim");
    await phone.push();
    server.behind = -13.9 * day;
    await greet();
    expect(await count("retained")).toBe(1);
    server.behind = -14 * day;
    await greet();
    expect(await count("retained")).toBe(0);
  });

  test("is retained with a server of an earlier version as well", async () => {
    server.safety = undefined;
    await report(phone, "the akim", photo());
    await phone.push();
    await greet();
    expect(await count("retained")).toBe(1);
  });

  test("whose photos an earlier server received without a number is safe once this one has given them theirs", async () => {
    server.safety = undefined;
    await report(phone, "the akim", photo());
    await phone.push();
    server.safety = { epoch: 1, safe_seq: 1000 };
    await greet();
    await greet();
    expect(await count("retained")).toBe(0);
  });

  test.each(["kept aside", "received unread"])("that was %s is never let go", async (how) => {
    await report(phone, "the akim");
    server.intercept = async (request, next) => {
      const answer = await next();
      if (!request.url.endsWith("/push")) return answer;
      const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
      if (!row) return answer;
      const about =
        how === "kept aside" ? { id: row.revision, hash: row.hash, reason: "bad_answers" } : { sealed: row.sealedHash };
      const items = [{ ...about, seq: 1, at: "2021-01-10T08:00:00Z" }];
      const list = { mission: server.mission, device: "d", at: "2021-01-10T08:00:00Z", items, ...server.safety };
      const body = { results: [{ status: "stored" }], receipts: await server.signReceipt(list) };
      return Response.json(body);
    };
    await phone.push();
    expect(await count("retained")).toBe(1);
    for (const safe_seq of [1000, null]) {
      server.safety = { epoch: 1, safe_seq };
      server.behind = -100 * day;
      await greet();
    }
    expect(await count("retained")).toBe(1);
  });

  test("of a mission that takes copies away leaves nothing readable at its receipt, and all that is sealed", async () => {
    server.localCopy = "remove";
    phone = await enrolledPhone(server);
    const item = await report(phone, "the akim", photo());
    expect(await count("photos")).toBe(1);
    phone.vault.lock();
    await phone.push();
    expect([await count("copies"), await count("photos")]).toEqual([0, 0]);
    expect([await keysIn("retained"), await count("attachments")]).toEqual([[item.revision], 1]);
    server.safety = { epoch: 1, safe_seq: server.seq };
    await greet();
    expect([await count("retained"), await count("attachments")]).toEqual([0, 0]);
  });
});

test("the keys of photos that an earlier version of the app finished go too where copies are taken away, once it is open", async () => {
  server.localCopy = "remove";
  phone = await enrolledPhone(server);
  await report(phone, "the akim", photo());
  await phone.database.write(["outbox"], async (t) => {
    const [row] = await t.objectStore("outbox").getAll();
    const attachments = row?.attachments.map(({ photo: _, ...fact }) => fact) ?? [];
    if (row) await t.objectStore("outbox").put({ ...row, attachments }, row.revision);
  });
  const draft = await phone.drafts.start(checklistId);
  await phone.attachments.add(draft.submission, photo("of a draft"), { as: "picture" });
  await phone.push();
  await phone.release();
  // The draft's photo, and the sealed bytes of both.
  expect([await count("photos"), await count("attachments")]).toEqual([1, 2]);
});

describe("a server restored from a copy", () => {
  test("is offered everything again, photos too, and holds each report once", async () => {
    const first = await report(phone, "in the copy", photo("first"));
    await phone.push();
    const copy = server.copy();
    const second = await report(phone, "lost with the disk", photo("second"));
    await phone.push();
    server.restore(copy);
    expect([...server.stored.keys()]).toEqual([first.revision]);
    server.intercept = async (_request, next) =>
      (await waiting()).length === 0 ? next() : Promise.reject(new TypeError("cut off again"));
    await greet();
    expect(await waiting()).toEqual([second.revision, first.revision]);
    await phone.rounds.recount();
    expect(phone.rounds.status.again).toBe(2);
    server.intercept = (_request, next) => next();
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect([...server.stored.keys()].sort()).toEqual([first.revision, second.revision].sort());
    expect([...server.blobs.values()].map(({ size, bytes }) => bytes.length === size)).toEqual([true, true]);
    await phone.rounds.recount();
    expect(phone.rounds.status.again).toBeUndefined();
    await phone.release();
    // The other one lies in the copy, and is safe.
    expect(await keysIn("retained")).toEqual([second.revision]);
  });

  test("is offered also what waited for its photo alone, with the vault locked", async () => {
    await report(phone, "the akim", photo());
    server.intercept = async (request, next) =>
      request.url.endsWith("/push") ? next() : Promise.reject(new TypeError("no network"));
    const copy = server.copy();
    await phone.push();
    server.restore(copy);
    server.intercept = (_request, next) => next();
    phone.vault.lock();
    await phone.push();
    expect(server.stored.size).toBe(1);
    expect(await count("outbox")).toBe(0);
  });

  test("found by its answer to a report, receipts that report in the same round", async () => {
    const copy = server.copy();
    await report(phone, "lost with the disk");
    await phone.push();
    server.restore(copy);
    await report(phone, "new");
    await phone.push();
    expect(server.stored.size).toBe(2);
    expect(await waiting()).toEqual([]);
  });

  test("has the pull begin anew", async () => {
    server.change("team", "t", { code: "LTO05", name: "Almaty", regions: [] });
    await phone.rounds.run();
    const cursors: unknown[] = [];
    server.intercept = async (request, next) => {
      if (request.url.endsWith("/pull")) cursors.push(((await request.json()) as { cursor: unknown }).cursor);
      return next();
    };
    server.restore(server.copy());
    await greet();
    await phone.rounds.run();
    expect(cursors.at(-1)).toBeNull();
  });

  test("and then its older self by turns settles nothing, says so, and all is kept", async () => {
    const older = server.copy();
    await report(phone, "the akim", photo());
    await phone.push();
    server.restore(older);
    await greet();
    await phone.push();
    server.restore(server.copy(), 1);
    await report(phone, "while two servers answer");
    const before = [await keysIn("outbox"), await keysIn("retained"), await keysIn("received")];
    expect(await greet()).toEqual({ left: 1, reached: false, problem: "epoch-behind" });
    expect([await keysIn("outbox"), await keysIn("retained"), await keysIn("received")]).toEqual(before);
    server.restore(server.copy(), 2);
    expect(await greet()).toEqual({ left: 0, reached: true });
  });
});

describe("whether a report is safe", () => {
  const epochs = fc.integer({ min: 1, max: 3 });
  const seq = fc.integer({ min: 1, max: 50 });
  const facts = fc.record({
    report: fc.record(
      { seq, epoch: epochs, at: fc.constant(""), list: fc.constant(""), reason: fc.constant("bad_answers") },
      { requiredKeys: ["seq", "at", "list"] },
    ),
    attachments: fc.array(
      fc.record({ sha256: fc.constant("p"), size: fc.constant(1), seq }, { requiredKeys: ["sha256", "size"] }),
    ),
  });
  const words: fc.Arbitrary<SafetyWord> = fc.record({
    epoch: epochs,
    safeSeq: fc.option(fc.integer({ min: 0, max: 60 })),
    at: fc.constantFrom("", "2021-02-10T08:00:00Z"),
  });

  test("is a matter of one epoch, of no reason, and of every number it has", () => {
    fc.assert(
      fc.property(facts, words, (row, word) => {
        const { reason, epoch = 1 } = row.report;
        const numbers = [row.report.seq, ...row.attachments.map((each) => each.seq ?? Number.POSITIVE_INFINITY)];
        const isCovered = word.safeSeq !== null && Math.max(...numbers) <= word.safeSeq;
        expect(isSafe(row, word)).toBe(!reason && epoch === word.epoch && isCovered);
      }),
    );
  });
});
