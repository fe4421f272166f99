/** The chain of what this phone signed: each thing holds the hash of the one before it, and waits in the outbox. */

import type { Database, Transaction } from "../../vault/database";
import type { Chain, OutboxRow, RowChange } from "../../vault/schema";
import type { SealedRow } from "../../vault/vault";
import { FieldProblem } from "../../wire/problem";

const unbegun: Chain = { deviceSeq: 0, prevHash: "" };

/** Where the chain of what this device signed ends. */
export const chainOf = async (database: Database, device: string): Promise<Chain> =>
  (await database.read(["chain"], (t) => t.objectStore("chain").get(device))) ?? unbegun;

/** Something signed and sealed, with what of it stays readable here. */
export interface Made {
  row: OutboxRow;
  sealed: SealedRow[];
  /** Revisions whose readable copy says what is no longer so. */
  replaced: readonly string[];
}

/** Another tab finished something meanwhile. */
class ChainMoved extends Error {}

/**
 * Queues what was made one upon the other, all of it or nothing. False when the chain has moved since it was read.
 * `submission`: of the draft that goes with it.
 */
export async function queue(
  database: Database,
  device: string,
  seen: Chain,
  made: readonly [Made, ...Made[]],
  submission?: string,
): Promise<boolean> {
  const rows = made.map(({ row }) => row);
  const sealed = made.flatMap((one) => one.sealed);
  const stores = new Set(["chain", "outbox", "drafts", ...sealed.map(({ store }) => store)] as const);
  const { deviceSeq, hash } = rows.at(-1) ?? made[0].row;
  const chain: Chain = { deviceSeq, prevHash: hash };
  const write = async (transaction: Transaction<"readwrite">) => {
    const chains = transaction.objectStore("chain");
    const now = (await chains.get(device)) ?? unbegun;
    // Thrown, so that what went ahead of it is known not to have happened.
    if (now.deviceSeq !== seen.deviceSeq || now.prevHash !== seen.prevHash) throw new ChainMoved();
    const drafts = transaction.objectStore("drafts");
    if (submission !== undefined && (await drafts.getKey(submission)) === undefined)
      throw new FieldProblem("draft-gone", submission);
    await chains.put(chain, device);
    for (const { store, id, bytes } of sealed) await transaction.objectStore(store).put(bytes, id);
    for (const revision of made.flatMap(({ replaced }) => replaced))
      await transaction.objectStore("copies").delete(revision);
    if (submission !== undefined) await drafts.delete(submission);
    for (const row of rows) await transaction.objectStore("outbox").add(row, row.revision);
  };
  try {
    await database.write([...stores], write, [
      ["chain", device, chain],
      ...rows.map((row): RowChange => ["outbox", row.revision, row]),
      ...sealed.flatMap(({ store, id, bytes }) => (store === "labels" ? [[store, id, bytes] as RowChange] : [])),
      ...(submission === undefined ? [] : [["drafts", submission] as RowChange]),
    ]);
    return true;
  } catch (failure) {
    if (failure instanceof ChainMoved) return false;
    throw failure;
  }
}
