/** What a verified receipt changes on the phone. The only place where a report leaves the outbox, or a parcel the phone. */

import { deleteOrphans } from "../attachments/orphans";
import type { Database, Transaction } from "../vault/database";
import type { OutboxRow, ParcelRow, ReceiptFact, StoreName, Transport } from "../vault/schema";
import { b64u, sha256, utf8 } from "../wire/bytes";
import { entryFor, type FileReceipt, type ReceiptEntry, type ReceiptList, type Signed, verifiedList } from "./receipts";
import { hear, heardIn } from "./safety";

/** What waits to be sent: reports made here, or parcels. */
export type Queue = "outbox" | "parcels";

/** What the server of this phone's mission speaks of; that of a mission it belonged to before speaks of parcels alone. */
export const everyQueue: readonly Queue[] = ["outbox", "parcels"];

/** The name of a row in its queue. */
export const keyOf = (row: OutboxRow | ParcelRow): string => ("mission" in row ? row.sealedHash : row.revision);

/** What a transaction needs that lets reports and parcels leave. */
const settling: StoreName[] = [...heardIn, "receiptLists", "copies", "photos", "parcelFiles"];

/** What the entry of a list says of a report. `reason`: as it stands beside the list of an earlier server. */
export function factOf(entry: ReceiptEntry, row: OutboxRow | ParcelRow, reason = entry.reason): ReportFact {
  const { seq, at, id } = entry;
  return { seq, at, ...(reason ? { reason } : {}), ...(id === row.revision ? {} : { bySealed: true }) };
}

export type ReportFact = Omit<ReceiptFact, "list" | "epoch" | "since" | "decided">;

/**
 * Takes a list in: what it says of the server's epoch and safety, then the reports it covers, by their key in the queue; those
 * without missing attachments leave it. True: the server was restored, and what it had received waits again. Rejects with
 * `epoch-behind`, and then nothing has changed.
 */
export async function settleReports(
  database: Database,
  list: ReceiptList,
  reports: ReadonlyMap<string, ReportFact>,
  queue: Queue = "outbox",
): Promise<boolean> {
  const name = b64u(await sha256(utf8(list.jws)));
  return database.write(settling, async (transaction) => {
    const isRestored = await hear(transaction, list);
    if (reports.size > 0) await transaction.objectStore("receiptLists").put(list.jws, name);
    for (const [key, fact] of reports) {
      const row = await transaction.objectStore(queue).get(key);
      if (row) await keep(transaction, { ...row, report: { ...fact, list: name, epoch: list.epoch } });
    }
    return isRestored;
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
  jws: string,
  queues: readonly Queue[] = everyQueue,
): Promise<number> {
  const list = await verifiedList(jws, transport);
  if (!list) return 0;
  let settled = 0;
  for (const queue of queues) {
    const rows: (OutboxRow | ParcelRow)[] = await database.read([queue], (t) => t.objectStore(queue).getAll());
    const facts = rows.flatMap((row) => {
      const isOwn = !("mission" in row) || (row.madeHere && row.mission === transport.mission);
      const entry = isOwn && !row.report ? entryFor(row, list.entries) : undefined;
      return entry ? [[keyOf(row), factOf(entry, row)] as const] : [];
    });
    await settleReports(database, list, new Map(facts), queue);
    settled += facts.length;
  }
  return settled;
}

/** Whether what was signed is of the epoch this phone knows: in a file, it may be of a life of the server that is over. */
export async function isOfThisEpoch(database: Database, { mission, epoch }: Signed): Promise<boolean> {
  const known = await database.read(["safety"], (t) => t.objectStore("safety").get(mission));
  return epoch === (known?.epoch ?? 1);
}

/** Notes an attachment's receipt in every report that waits for it; gives as above. */
export async function settleAttachment(
  database: Database,
  receipt: FileReceipt,
  queue: Queue = "outbox",
): Promise<boolean> {
  const { sha256: address, jws, seq } = receipt;
  const noted = { receipt: jws, ...(seq === undefined ? {} : { seq }) };
  return database.write(settling, async (transaction) => {
    const isRestored = await hear(transaction, receipt);
    for (const row of await transaction.objectStore(queue).getAll()) {
      if (!row.attachments.some(({ sha256: other }) => other === address)) continue;
      const attachments = row.attachments.map((fact) => (fact.sha256 === address ? { ...fact, ...noted } : fact));
      await keep(transaction, { ...row, attachments });
    }
    return isRestored;
  });
}

const isWhole = <Row extends OutboxRow | ParcelRow>(row: Row): row is Row & { report: ReceiptFact } =>
  row.report !== undefined && row.attachments.every(({ receipt }) => receipt !== undefined);

/** Something of it has arrived: what troubled it is over. */
function keep(transaction: Transaction<"readwrite">, { trouble: _, ...row }: OutboxRow | ParcelRow): Promise<void> {
  return "mission" in row ? keepParcel(transaction, row as ParcelRow) : keepReport(transaction, row as OutboxRow);
}

async function keepReport(transaction: Transaction<"readwrite">, row: OutboxRow): Promise<void> {
  if (!isWhole(row)) {
    await transaction.objectStore("outbox").put(row, row.revision);
    return;
  }
  const { sealed, again: _again, ...rest } = row;
  const transport = await transaction.objectStore("transport").get("this");
  const report = await dated(transaction, row.report, transport?.mission);
  await transaction.objectStore("received").put({ ...rest, report }, row.revision);
  await transaction.objectStore("retained").put(sealed, row.revision);
  await transaction.objectStore("outbox").delete(row.revision);
  // Without a clear word from the mission the phone keeps what it has. What is sealed stays in any case.
  if (!transport || transport.keepCopies) return;
  await transaction.objectStore("copies").delete(row.revision);
  for (const { photo } of row.attachments) if (photo) await transaction.objectStore("photos").delete(photo);
}

async function keepParcel(transaction: Transaction<"readwrite">, row: ParcelRow): Promise<void> {
  const parcels = transaction.objectStore("parcels");
  if (!isWhole(row)) {
    await parcels.put(row, row.sealedHash);
    return;
  }
  const { sealed, sealedHash, mismatch: _mismatch, again: _again, ...rest } = row;
  const report = await dated(transaction, row.report, row.mission);
  await transaction.objectStore("delivered").put({ ...rest, report }, sealedHash);
  // Those of another phone are retained there.
  if (row.madeHere && !row.isWiped) await transaction.objectStore("retained").put(sealed, sealedHash);
  await parcels.delete(sealedHash);
  await deleteOrphans(transaction, row);
}

/** With the time from which it is retained: never the phone's own, which may be wrong by years. */
async function dated(transaction: Transaction, report: ReceiptFact, mission = ""): Promise<ReceiptFact> {
  const word = await transaction.objectStore("safety").get(mission);
  return word ? { ...report, since: word.at } : report;
}
