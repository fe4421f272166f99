/** What headquarters decided of what it had kept aside, as the feed tells it (protocol.md §13). */
import type { Database } from "../vault/database";
import type { OutboxRow, ReceivedRow } from "../vault/schema";

/** The data of a line; `id` and `hash` are null where the server had known the sealed text alone. */
export interface DecidedItem {
  state: string;
  id: string | null;
  hash: string | null;
  sealed: string;
}

/** Notes decisions with the reports made here that they are about. A state of a later server's changes nothing. */
export const noteDecisions = (database: Database, decided: readonly DecidedItem[]): Promise<void> =>
  database.write(["outbox", "received"], async (transaction) => {
    for (const store of ["outbox", "received"] as const) {
      for (const row of await transaction.objectStore(store).getAll()) {
        const line = decided.find((each) => isAbout(each, row));
        if (!line || !row.report) continue;
        const { reason, decided: _, ...read } = row.report;
        const { bySealed: __, ...rest } = read;
        // What is taken is received like any other: nobody has to look at it any more, and it goes when it is safe.
        const report =
          line.state === "taken"
            ? { ...rest, decided: "taken" as const }
            : line.state === "kept_apart" && reason
              ? { ...read, reason, decided: "kept_apart" as const }
              : row.report;
        if (store === "outbox")
          await transaction.objectStore(store).put({ ...(row as OutboxRow), report }, row.revision);
        else await transaction.objectStore(store).put({ ...(row as ReceivedRow), report }, row.revision);
      }
    }
  });

/** Exactly this report: same id and content, or the same sealed text. */
const isAbout = ({ id, hash, sealed }: DecidedItem, row: OutboxRow | ReceivedRow): boolean =>
  (id === row.revision && hash === row.hash) || sealed === row.sealedHash;
