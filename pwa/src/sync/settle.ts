/** What a verified receipt changes on the phone. The only place where a report leaves the outbox, or a parcel the phone. */

import { deleteOrphans } from "../submissions/orphans";
import type { Database, Transaction } from "../vault/database";
import type { OutboxRow, ParcelRow, ReceiptFact, StoreName, Transport } from "../vault/schema";
import { b64u, sha256, utf8 } from "../wire/bytes";
import { entryFor, verifiedList } from "./receipts";

/** What waits to be sent: reports made here, or parcels. */
export type Queue = "outbox" | "parcels";

/** What the server of this phone's mission speaks of; that of a mission it belonged to before speaks of parcels alone. */
export const everyQueue: readonly Queue[] = ["outbox", "parcels"];

/** The name of a row in its queue. */
export const keyOf = (row: OutboxRow | ParcelRow): string => ("mission" in row ? row.sealedHash : row.revision);

const touched: Record<Queue, StoreName[]> = {
  outbox: ["transport", "outbox", "received", "receiptLists", "copies", "attachments"],
  parcels: ["parcels", "parcelFiles", "delivered", "receiptLists"],
};

/** Notes the reports a signed list covers, by their key in the queue; those without missing attachments leave it. */
export async function settleReports(
  database: Database,
  list: string,
  reports: ReadonlyMap<string, Omit<ReceiptFact, "list">>,
  queue: Queue = "outbox",
): Promise<void> {
  if (reports.size === 0) return;
  const name = b64u(await sha256(utf8(list)));
  await database.write(touched[queue], async (transaction) => {
    await transaction.objectStore("receiptLists").put(list, name);
    for (const [key, fact] of reports) {
      const row = await transaction.objectStore(queue).get(key);
      if (row) await keep(transaction, { ...row, report: { ...fact, list: name } });
    }
  });
}

/**
 * Notes whatever made on this phone a list is about that came another way than as the answer to a push: with the feed, or in
 * a file. Gives how many were waiting for it; none when this mission's server has not signed it. Which report a parcel of
 * another phone is says only the file it came in, and that may say it of another one: those leave by their own push alone.
 */
export async function settleByList(
  database: Database,
  transport: Transport,
  list: string,
  queues: readonly Queue[] = everyQueue,
): Promise<number> {
  const entries = (await verifiedList(list, transport))?.entries;
  if (!entries) return 0;
  let settled = 0;
  for (const queue of queues) {
    const rows: (OutboxRow | ParcelRow)[] = await database.read([queue], (t) => t.objectStore(queue).getAll());
    const facts = rows.flatMap((row) => {
      const isOwn = !("mission" in row) || (row.madeHere && row.mission === transport.mission);
      const entry = isOwn && !row.report ? entryFor(row, entries) : undefined;
      if (!entry) return [];
      const { seq, at, reason } = entry;
      return [[keyOf(row), { seq, at, ...(reason ? { reason } : {}) }] as const];
    });
    await settleReports(database, list, new Map(facts), queue);
    settled += facts.length;
  }
  return settled;
}

/** Notes an attachment's receipt in every report that waits for it. */
export async function settleAttachment(
  database: Database,
  attachment: string,
  receipt: string,
  queue: Queue = "outbox",
): Promise<void> {
  await database.write(touched[queue], async (transaction) => {
    for (const row of await transaction.objectStore(queue).getAll()) {
      if (!row.attachments.some(({ sha256: address }) => address === attachment)) continue;
      const attachments = row.attachments.map((fact) => (fact.sha256 === attachment ? { ...fact, receipt } : fact));
      await keep(transaction, { ...row, attachments });
    }
  });
}

const isWhole = <Row extends OutboxRow | ParcelRow>(row: Row): row is Row & { report: ReceiptFact } =>
  row.report !== undefined && row.attachments.every(({ receipt }) => receipt !== undefined);

const keep = (transaction: Transaction<"readwrite">, row: OutboxRow | ParcelRow): Promise<void> =>
  "mission" in row ? keepParcel(transaction, row) : keepReport(transaction, row);

async function keepReport(transaction: Transaction<"readwrite">, row: OutboxRow): Promise<void> {
  if (!isWhole(row)) {
    await transaction.objectStore("outbox").put(row, row.revision);
    return;
  }
  const { sealed: _sealed, ...rest } = row;
  await transaction.objectStore("received").put(rest, row.revision);
  await transaction.objectStore("outbox").delete(row.revision);
  const transport = await transaction.objectStore("transport").get("this");
  // Without a clear word from the mission the phone keeps what it has.
  if (!transport || transport.keepCopies) return;
  await transaction.objectStore("copies").delete(row.revision);
  for (const { sha256: address } of row.attachments) await transaction.objectStore("attachments").delete(address);
}

async function keepParcel(transaction: Transaction<"readwrite">, row: ParcelRow): Promise<void> {
  const parcels = transaction.objectStore("parcels");
  if (!isWhole(row)) {
    await parcels.put(row, row.sealedHash);
    return;
  }
  const { sealed: _sealed, sealedHash, mismatch: _mismatch, ...rest } = row;
  await transaction.objectStore("delivered").put(rest, sealedHash);
  await parcels.delete(sealedHash);
  await deleteOrphans(transaction, row);
}
