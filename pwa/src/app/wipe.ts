/**
 * Wiping: everything this phone holds of the mission goes, but for what was finished and sealed and headquarters lacks.
 *
 * The wrapped key goes first, with every record it opens, in one transaction: from then on nothing on the disk can be read by
 * anybody. Works offline and with the vault locked. Sealed reports become parcels (`submissions/parcels.ts`) and leave by the
 * push token they were made under, or by that of whoever this phone belongs to next.
 */
import { moveOutbox } from "../submissions/parcels";
import { canBeSent, deleteStranded } from "../submissions/stranded";
import type { Database } from "../vault/database";
import { clearStores, type StoreName, sealedStores } from "../vault/schema";

/** What sealed reports need to be sent. */
const sending: ReadonlySet<StoreName> = new Set(["outbox", "parcels", "parcelFiles", "transport", "chain"]);

/** Where a browser keeps what is no record: settings, files, copies of answers. */
export interface Places {
  storages: readonly Pick<Storage, "length" | "key" | "removeItem">[];
  caches: Pick<CacheStorage, "keys" | "delete"> | undefined;
  /** The origin's private folder; undefined where there is none. */
  folder: (() => Promise<FileSystemDirectoryHandle>) | undefined;
}

/** Of this page. */
export const thisBrowser = (): Places => ({
  storages: [localStorage, sessionStorage],
  caches: globalThis.caches,
  folder: navigator.storage?.getDirectory ? () => navigator.storage.getDirectory() : undefined,
});

/** The app itself stays, so that it starts without a network: that Steppe is installed here can be seen anyway. */
const isApp = (cache: string): boolean => cache.startsWith("steppe-field-");

/** Gives the number of sealed reports that still have to be sent. Killed anywhere, it may be called again. */
export async function wipe(database: Database, places: Places): Promise<number> {
  const all: StoreName[] = [...sealedStores, ...clearStores];
  // Bytes of attachments go last: those that sealed reports name move with them.
  const first = all.filter((store) => !sending.has(store) && store !== "attachments");
  await database.write(first, async (transaction) => {
    for (const store of first) await transaction.objectStore(store).clear();
  });
  await moveOutbox(database);
  const waiting = await database.write([...sending, "attachments"], async (t) => {
    const transport = t.objectStore("transport");
    const outbox = await t.objectStore("outbox").getAll();
    if (outbox.length === 0) await t.objectStore("attachments").clear();
    const rows = [...outbox, ...(await deleteStranded(t))];
    // A push token that has nothing more to send says only whose phone this was.
    for (const key of await transport.getAllKeys()) {
      const value = await transport.get(key);
      if (value && !rows.some((row) => canBeSent(row, value))) await transport.delete(key);
    }
    const transports = await transport.getAll();
    if (transports.length === 0) await t.objectStore("chain").clear();
    return rows.filter((row) => transports.some((each) => canBeSent(row, each))).length;
  });
  for (const storage of places.storages) clear(storage);
  for (const name of (await places.caches?.keys()) ?? []) if (!isApp(name)) await places.caches?.delete(name);
  const folder = await places.folder?.();
  if (folder) for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
  return waiting;
}

function clear(storage: Places["storages"][number]): void {
  for (let at = storage.length - 1; at >= 0; at -= 1) {
    const key = storage.key(at);
    if (key !== null) storage.removeItem(key);
  }
}
