import type { Transaction } from "../vault/database";
import type { ParcelRow } from "../vault/schema";

/** Deletes the bytes that this parcel named and no other one does. */
export async function deleteOrphans(transaction: Transaction<"readwrite">, { attachments }: ParcelRow): Promise<void> {
  const others = await transaction.objectStore("parcels").getAll();
  const named = new Set(others.flatMap((other) => other.attachments.map(({ sha256: address }) => address)));
  for (const { sha256: address } of attachments)
    if (!named.has(address)) await transaction.objectStore("parcelFiles").delete(address);
}
