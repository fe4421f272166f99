/** A mission's keys change under a phone that was enrolled before: nothing is stuck, and a thief's word is taken back. */
import { beforeEach, describe, expect, test } from "vitest";
import { enrolmentOf } from "../people/enrolment";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { newKey, TestServer } from "../testing/server";
import { learnKeys } from "./learnKeys";

let server: TestServer;
let phone: Phone;
let newer: JsonWebKey;
let root: JsonWebKey;

const transport = () => phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
const states = async () => (await phone.outbox.list()).map(({ state }) => state);
const learn = (...lists: string[]) => learnKeys(phone.database, phone.vault, lists);

beforeEach(async () => {
  server = await TestServer.start();
  server.safety = { epoch: 1, safe_seq: 0 };
  phone = await enrolledPhone(server);
  newer = await newKey(["sign"], "ECDSA");
  root = await newKey(["sign"], "ECDSA");
});

describe("a list signed with the key a phone holds", () => {
  test("lets it believe the newer one in the same round, and the earlier one still", async () => {
    await report(phone, "the akim");
    server.keyLists = [await server.signKeys(1, server.receipt, { receipt: [server.receipt, newer], root })];
    server.signingKey = newer;
    await phone.rounds.run();
    expect(await states()).toEqual(["received"]);
    expect(server.keySerials).toEqual([0, 1]);
    server.signingKey = undefined;
    await report(phone, "the akim");
    expect((await phone.push()).left).toBe(0);
    // What the landed version reads stays as it was.
    expect((await transport())?.receiptKey).toMatchObject({ x: server.receipt.x });
  });

  test("changes the key that reports are sealed to from then on", async () => {
    const other = await newKey(["deriveBits"], "ECDH");
    server.keyLists = [await server.signKeys(1, server.receipt, { receipt: [server.receipt], transport: other })];
    await phone.rounds.run();
    expect((await enrolmentOf(phone.vault))?.transportKey).toMatchObject({ x: other.x, y: other.y });
  });

  test("waits while the phone is locked, and what was received is believed by the earlier key", async () => {
    await report(phone, "the akim");
    server.keyLists = [await server.signKeys(1, server.receipt, { receipt: [server.receipt, newer] })];
    phone.vault.lock();
    await phone.rounds.run();
    expect((await transport())?.keys).toBeUndefined();
    await phone.vault.unlock("feather grass 2021");
    await phone.rounds.run();
    expect((await transport())?.keys?.serial).toBe(1);
  });

  test("takes no key away, and names no other root than the one held", async () => {
    await learn(await server.signKeys(1, server.receipt, { receipt: [server.receipt], root }));
    await learn(await server.signKeys(2, server.receipt, { receipt: [newer], root: await newKey(["sign"], "ECDSA") }));
    const keys = (await transport())?.keys;
    expect(keys?.receipt.map(({ x }) => x)).toEqual([server.receipt.x, newer.x]);
    expect(keys?.root).toMatchObject({ x: root.x });
  });
});

test.each([
  ["a stranger", async () => server.signKeys(1, newer, { receipt: [newer] })],
  [
    "the key, for another mission",
    async () => {
      const other = await TestServer.start("0190aaaa-0000-7000-8000-00000000000f");
      return other.signKeys(1, server.receipt, { receipt: [newer] });
    },
  ],
  [
    "the key, as something else",
    async () => server.signReceipt({ mission: server.mission, serial: 1, receipt: [newer] }),
  ],
  ["a root that this phone never learned", async () => server.signKeys(1, root, { receipt: [newer], root })],
])("a list signed by %s changes nothing", async (_who, list) => {
  expect(await learn(await list())).toBe(false);
  expect((await transport())?.keys).toBeUndefined();
});

test("an older list that comes again takes nothing back", async () => {
  const first = await server.signKeys(1, server.receipt, { receipt: [server.receipt] });
  await learn(first, await server.signKeys(2, server.receipt, { receipt: [server.receipt, newer] }), first);
  expect((await transport())?.keys).toMatchObject({ serial: 2, rootSerial: 0 });
});

describe("a key that the root declares stolen", () => {
  const theft = async () => server.signKeys(2, root, { receipt: [newer], root });

  beforeEach(async () => {
    await learn(await server.signKeys(1, server.receipt, { receipt: [server.receipt], root }));
  });

  test("is refused, and what it alone said was received is offered again and received", async () => {
    await report(phone, "the akim");
    // The thief answers: everything is received, and safe for ever.
    server.safety = { epoch: 7, safe_seq: 0 };
    await phone.push();
    server.stored.clear();
    expect(await states()).toEqual(["received"]);
    server.safety = { epoch: 1, safe_seq: 0 };
    server.keyLists = ["", await theft()];
    server.signingKey = newer;
    await phone.rounds.run();
    expect(await states()).toEqual(["received"]);
    expect(server.stored.size).toBe(1);
    server.signingKey = undefined;
    await report(phone, "the akim");
    await phone.rounds.run();
    expect(await states()).toContain("waiting");
  });

  test("cannot keep the root's word out by a serial of its own", async () => {
    await learn(await server.signKeys(2 ** 50, server.receipt, { receipt: [await newKey(["sign"], "ECDSA")] }));
    expect(await learn(await theft())).toBe(true);
    const keys = (await transport())?.keys;
    expect(keys).toMatchObject({ serial: 2, rootSerial: 2 });
    expect(keys?.receipt.map(({ x }) => x)).toEqual([newer.x]);
    expect(await learn(await theft())).toBe(false);
  });

  test("leads on by its successor when that was replaced as well", async () => {
    const newest = await newKey(["sign"], "ECDSA");
    await learn(await theft(), await server.signKeys(3, newer, { receipt: [newer, newest] }));
    expect((await transport())?.keys?.receipt.map(({ x }) => x)).toEqual([newer.x, newest.x]);
  });
});
