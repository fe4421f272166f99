/**
 * What headquarters has received and may still lose. A report that left its queue keeps its sealed text and its attachments'
 * bytes on this phone until the server has signed that a copy off its machine holds them too (protocol.md §4); what goes
 * then, says `sync/release.ts`.
 */
import type { Transaction } from "../vault/database";
import type { AttachmentFact, DeliveredRow, OutboxRow, ParcelRow, ReceivedRow } from "../vault/schema";

export type RetainedRow = ReceivedRow | DeliveredRow;

/** The reports of a mission whose sealed text is retained, by its key. */
export async function retainedRows(transaction: Transaction, mission: string): Promise<Map<string, RetainedRow>> {
  const rows = new Map<string, RetainedRow>();
  const current = (await transaction.objectStore("transport").get("this"))?.mission;
  for (const key of await transaction.objectStore("retained").getAllKeys()) {
    const own = await transaction.objectStore("received").get(key);
    const row = own ?? (await transaction.objectStore("delivered").get(key));
    if (row && ("mission" in row ? row.mission : current) === mission) rows.set(key, row);
  }
  return rows;
}

/**
 * Back into its queue goes everything of a mission that its server received before it was restored from a copy, also what
 * waited for a photo alone: what the copy holds already is not stored twice. The pull begins anew. Gives how many there are.
 */
export async function offerAgain(transaction: Transaction<"readwrite">, mission: string): Promise<number> {
  let offered = 0;
  const retained = transaction.objectStore("retained");
  const offer = async (row: OutboxRow | ParcelRow) => {
    if (!row.report && !row.attachments.some(({ receipt }) => receipt)) return;
    offered += 1;
    await putRow(transaction, unreceipted(row));
  };
  for (const row of await transaction.objectStore("parcels").getAll()) if (row.mission === mission) await offer(row);
  if ((await transaction.objectStore("transport").get("this"))?.mission === mission) {
    for (const row of await transaction.objectStore("outbox").getAll()) await offer(row);
    await transaction.objectStore("feed").delete("cursor");
  }
  for (const [key, row] of await retainedRows(transaction, mission)) {
    const sealed = (await retained.get(key)) as ArrayBuffer;
    await offer("mission" in row ? { ...row, sealed, sealedHash: key } : { ...(row as Required<ReceivedRow>), sealed });
    await transaction.objectStore("mission" in row ? "delivered" : "received").delete(key);
    await retained.delete(key);
  }
  return offered;
}

/** Puts a row into the queue it is of. */
export const putRow = (transaction: Transaction<"readwrite">, row: OutboxRow | ParcelRow): Promise<unknown> =>
  "mission" in row
    ? transaction.objectStore("parcels").put(row, row.sealedHash)
    : transaction.objectStore("outbox").put(row, row.revision);

function unreceipted({ report: _, ...row }: OutboxRow | ParcelRow): OutboxRow | ParcelRow {
  const attachments = row.attachments.map(({ receipt: _, seq: __, ...fact }: AttachmentFact) => fact);
  return { ...row, attachments, again: true } as OutboxRow | ParcelRow;
}
