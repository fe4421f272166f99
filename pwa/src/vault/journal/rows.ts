/** Which rows of the database the journal holds: what cannot be had again, and what is needed to go on at once. */
import type { Database } from "../database";
import type { OutboxRow, ReceivedRow, RowChange, StoreName } from "../schema";

/**
 * Whole stores. Not in it: bytes of photos and recordings, readable copies, figures, places. Checklists are, since a draft
 * cannot be read without its own.
 */
const whole = [
  "wrap",
  "transport",
  "chain",
  "identity",
  "checklists",
  "definitions",
  "outbox",
  "parcels",
  "retained",
  "safety",
  "drafts",
] as const satisfies readonly StoreName[];
/** Of these the rows about reports that still lie here, sealed. */
const about = ["labels", "received", "delivered"] as const satisfies readonly StoreName[];
/** And the signed lists that these have their receipts from: without its list a receipt proves nothing. */
export const journaled: StoreName[] = [...whole, ...about, "receiptLists"];

export const readJournaled = (database: Database): Promise<RowChange[]> =>
  database.read(journaled, async (t) => {
    const rows: RowChange[] = [];
    const lying = new Set<string>();
    for (const store of whole) {
      const [keys, values] = await Promise.all([t.objectStore(store).getAllKeys(), t.objectStore(store).getAll()]);
      for (const [at, key] of keys.entries()) {
        rows.push([store, key, values[at]]);
        if (store === "outbox" || store === "retained") lying.add(key);
      }
    }
    for (const store of about) {
      for (const key of lying) {
        const value = await t.objectStore(store).get(key);
        if (value !== undefined) rows.push([store, key, value]);
      }
    }
    for (const key of new Set(rows.flatMap(listOf))) {
      const list = await t.objectStore("receiptLists").get(key);
      if (list !== undefined) rows.push(["receiptLists", key, list]);
    }
    return rows;
  });

/** Which list a report has its receipt from, as long as it lies here. */
function listOf([store, , value]: RowChange): string[] {
  if (store !== "outbox" && store !== "received") return [];
  const { list } = (value as OutboxRow | ReceivedRow).report ?? {};
  return list ? [list] : [];
}
