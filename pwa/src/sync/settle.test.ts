import { beforeEach, expect, test } from "vitest";
import { openPhone, type Phone } from "../testing/phone";
import { missionId, TestServer } from "../testing/server";
import type { OutboxRow } from "../vault/schema";
import type { FileReceipt, ReceiptList } from "./receipts";
import { settleAttachment, settleReports } from "./settle";

let phone: Phone;

beforeEach(async () => {
  phone = await openPhone(await TestServer.start());
});

const word = { mission: missionId, epoch: 1, safeSeq: null, at: "2021-01-10T08:00:01Z" };
const list: ReceiptList = { ...word, jws: "list", entries: [] };
const fileReceipt = (sha256: string): FileReceipt => ({ ...word, jws: `receipt of ${sha256}`, sha256, size: 1 });

const receipt = new Map([["r1", { seq: 1, at: "2021-01-10T08:00:00Z" }]]);

async function queued(...attachments: OutboxRow["attachments"]): Promise<void> {
  const bytes = new ArrayBuffer(1);
  const row = {
    revision: "r1",
    submission: "s1",
    deviceSeq: 1,
    hash: "h",
    sealed: bytes,
    sealedHash: "sh",
    attachments,
  };
  await phone.database.write(["outbox", "attachments"], async (t) => {
    await t.objectStore("outbox").put(row, row.revision);
    for (const { sha256 } of attachments) await t.objectStore("attachments").put(bytes, sha256);
  });
}

/** Where the report lies, and the photos' bytes still on the phone. */
const standing = () =>
  phone.database.read(["outbox", "received", "attachments"], async (t) => ({
    outbox: await t.objectStore("outbox").getAllKeys(),
    received: await t.objectStore("received").getAllKeys(),
    photos: await t.objectStore("attachments").getAllKeys(),
  }));

test("a report leaves the outbox only after each of its photos is receipted", async () => {
  await queued({ sha256: "p1", size: 1 }, { sha256: "p2", size: 1 });
  await settleReports(phone.database, list, receipt);
  expect(await standing()).toMatchObject({ outbox: ["r1"], received: [], photos: ["p1", "p2"] });
  await settleAttachment(phone.database, fileReceipt("p1"));
  expect(await standing()).toMatchObject({ outbox: ["r1"], received: [], photos: ["p1", "p2"] });
  await settleAttachment(phone.database, fileReceipt("p2"));
  expect(await standing()).toMatchObject({ outbox: [], received: ["r1"] });
});

test("a report whose photos are all receipted waits for its own receipt", async () => {
  await queued({ sha256: "p1", size: 1 });
  await settleAttachment(phone.database, fileReceipt("p1"));
  expect(await standing()).toMatchObject({ outbox: ["r1"], received: [], photos: ["p1"] });
  await settleReports(phone.database, list, receipt);
  expect(await standing()).toMatchObject({ outbox: [], received: ["r1"] });
});

test("the receipt of another report's photo moves nothing", async () => {
  await queued({ sha256: "p1", size: 1 });
  await settleReports(phone.database, list, receipt);
  await settleAttachment(phone.database, fileReceipt("elsewhere"));
  expect(await standing()).toMatchObject({ outbox: ["r1"], received: [] });
});
