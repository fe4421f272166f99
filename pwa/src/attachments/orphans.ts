import type { Transaction } from "../vault/database";
import type { DeliveredRow, OutboxRow, ParcelRow } from "../vault/schema";

/** Deletes the bytes that this parcel named and nothing else does that waits or is retained. */
export async function deleteOrphans(
  transaction: Transaction<"readwrite">,
  { attachments }: Pick<ParcelRow, "attachments">,
): Promise<void> {
  const needed = await neededBytes(transaction, "parcels");
  for (const { sha256: address } of attachments)
    if (!needed.has(address)) await transaction.objectStore("parcelFiles").delete(address);
}

/** Addresses of what a queue, or what left it and is retained, names. */
export async function neededBytes(transaction: Transaction, queue: "outbox" | "parcels"): Promise<Set<string>> {
  const rows: Pick<OutboxRow | ParcelRow | DeliveredRow, "attachments">[] = await transaction
    .objectStore(queue)
    .getAll();
  const left = transaction.objectStore(queue === "outbox" ? "received" : "delivered");
  for (const key of await transaction.objectStore("retained").getAllKeys())
    rows.push((await left.get(key)) ?? { attachments: [] });
  return new Set(rows.flatMap(({ attachments }) => attachments.map(({ sha256: address }) => address)));
}
