/** What follows from the server's word on its epoch, in the transaction that settles by it. */
import { offerAgain } from "../submissions/retained";
import type { Transaction } from "../vault/database";
import type { StoreName } from "../vault/schema";
import { FieldProblem } from "../wire/problem";
import type { Signed } from "./receipts";

/** What a transaction needs in which a word is heard. */
export const heardIn: StoreName[] = [
  "transport",
  "safety",
  "retained",
  "received",
  "delivered",
  "outbox",
  "parcels",
  "feed",
];

/**
 * Notes the word; a higher epoch than known offers everything again, and gives true. Rejects with `epoch-behind` where the
 * epoch is lower than one this server has signed before: then nothing may change, since two servers may answer by turns.
 */
export async function hear(transaction: Transaction<"readwrite">, word: Signed): Promise<boolean> {
  const { mission, epoch, safeSeq, at } = word;
  const safety = transaction.objectStore("safety");
  const known = await safety.get(mission);
  const isRestored = epoch > (known?.epoch ?? 1);
  if (epoch < (known?.epoch ?? 1)) throw new FieldProblem("epoch-behind");
  const offered = isRestored ? await offerAgain(transaction, mission) : known?.offered;
  // Words may come late: the receipt of a file has the time of its last byte.
  if (isRestored || !known || at > known.at)
    await safety.put({ epoch, safeSeq, at, ...(offered ? { offered } : {}) }, mission);
  return isRestored;
}
