/** Which parcels this phone can deliver: everywhere the same answer, for what is sent, counted, saved and put away. */

import { deleteOrphans } from "../attachments/orphans";
import type { Transaction } from "../vault/database";
import type { OutboxRow, ParcelRow, Transport } from "../vault/schema";

/** Parcels of another mission wait for a phone of theirs; what the server has in other words needs nothing more. */
export const canBeSent = (row: OutboxRow | ParcelRow, { mission }: Pick<Transport, "mission">): boolean =>
  !("mission" in row) || (row.mission === mission && !row.mismatch);

/**
 * Whether this phone can do nothing to bring a parcel to headquarters. `transports`: of the mission it belongs to and of
 * those whose push tokens it kept; a phone that has none yet may be set up for any mission.
 */
export const isStranded = (row: ParcelRow, transports: readonly Pick<Transport, "mission">[]): boolean =>
  row.mismatch === true || (transports.length > 0 && !transports.some((transport) => canBeSent(row, transport)));

/** Deletes the stranded parcels of other phones: the phones that made them have them still. Gives those that remain. */
export async function deleteStranded(transaction: Transaction<"readwrite">): Promise<ParcelRow[]> {
  const transports = await transaction.objectStore("transport").getAll();
  const parcels = transaction.objectStore("parcels");
  const rows = await parcels.getAll();
  const leaving = rows.filter((row) => !row.madeHere && isStranded(row, transports));
  for (const row of leaving) {
    await parcels.delete(row.sealedHash);
    await deleteOrphans(transaction, row);
  }
  return rows.filter((row) => !leaving.includes(row));
}
