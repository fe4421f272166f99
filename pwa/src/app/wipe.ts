/**
 * Wiping: everything this phone holds of the mission goes, but for what was finished and sealed and headquarters lacks.
 *
 * The wrapped key goes first, with every record it opens, in one transaction: from then on nothing on the disk can be read by
 * anybody. Works offline and with the vault locked. Sealed reports become parcels (`submissions/parcels.ts`) and leave by the
 * push token they were made under, or by that of whoever this phone belongs to next.
 */
import { moveOutbox, moveRetained } from "../submissions/parcels";
import { retainedRows } from "../submissions/retained";
import { canBeSent, deleteStranded } from "../submissions/stranded";
import type { Database } from "../vault/database";
import { journalLock, wiping } from "../vault/journal/mark";
import { clearStores, type StoreName, sealedStores, type Transport } from "../vault/schema";
import { afterOthers } from "../wire/alone";

/** What sealed reports need to be sent. */
const sending: readonly StoreName[] = ["outbox", "parcels", "parcelFiles", "transport", "chain", "safety"];
/** What else they need that headquarters has received and may still lose. */
const retaining: readonly StoreName[] = ["retained", "received", "delivered"];

interface Settings {
  readonly length: number;
  key(at: number): string | null;
  removeItem(key: string): void;
}

/** Where a browser keeps what is no record: settings, files, copies of answers. */
export interface Places {
  storages: readonly Settings[];
  caches: Pick<CacheStorage, "keys" | "delete"> | undefined;
  /** The origin's private folder; undefined where there is none. */
  folder: (() => Promise<FileSystemDirectoryHandle>) | undefined;
}

/** Of this page, or of a service worker, which reaches no settings. */
export function thisBrowser(): Places {
  const { localStorage: lasting, sessionStorage: passing } = globalThis as {
    localStorage?: Settings;
    sessionStorage?: Settings;
  };
  return {
    storages: lasting && passing ? [lasting, passing] : [],
    caches: globalThis.caches,
    folder: navigator.storage?.getDirectory ? () => navigator.storage.getDirectory() : undefined,
  };
}

/** The app itself stays, so that it starts without a network: that Steppe is installed here can be seen anyway. */
const isApp = (cache: string): boolean => cache.startsWith("steppe-field-");

/** What becomes of the sealed, and which stores it needs beside those for sending. */
interface Sealed {
  staying: readonly StoreName[];
  move(database: Database): Promise<void>;
}

const retained: Sealed = {
  staying: retaining,
  async move(database) {
    await moveOutbox(database);
    await moveRetained(database);
  },
};

const givenUp: Sealed = {
  staying: [],
  async move(database) {
    await moveOutbox(database, true);
    await giveUpRetaining(database);
  },
};

/**
 * Gives the number of sealed reports that still have to be sent. Killed anywhere, it may be called again. `isRetaining`:
 * whoever asks is setting the phone up anew, and does not mean sealed reports to go: what headquarters has received and may
 * still lose stays. Else it goes too, and nothing is retained of what is received from now on.
 */
export const wipe = (database: Database, places: Places, isRetaining = false): Promise<number> =>
  erase(database, places, isRetaining ? retained : givenUp);

/**
 * By the order with this serial, in a window or a service worker. That it was obeyed is noted last of all: headquarters is told
 * so, and gives the order again to a phone that was killed before.
 */
export async function wipeAsOrdered(database: Database, serial: number, places = thisBrowser()): Promise<void> {
  await erase(database, places, retained, true);
  await database.write(["transport"], async (t) => {
    const transport = await t.objectStore("transport").get("this");
    if (transport) await t.objectStore("transport").put({ ...transport, wiped: serial }, "this");
  });
}

/** `isToTell`: the push token stays, so that headquarters hears of it. */
async function erase(database: Database, places: Places, sealed: Sealed, isToTell = false): Promise<number> {
  const all: StoreName[] = [...sealedStores, ...clearStores];
  const staying: readonly StoreName[] = [...sending, ...sealed.staying];
  // Bytes of attachments go last: those that sealed reports name move with them.
  const first = all.filter((store) => !staying.includes(store) && store !== "attachments");
  await database.write(first, async (transaction) => {
    for (const store of first) await transaction.objectStore(store).clear();
    // The journal has a copy of the wrapped key: should this be cut short, the next start goes on with it.
    await transaction.objectStore("journal").put(wiping, "at");
  });
  await endWipe(database, places);
  await sealed.move(database);
  const waiting = await database.write([...sending, ...retaining, "attachments"], async (t) => {
    const transport = t.objectStore("transport");
    const outbox = await t.objectStore("outbox").getAll();
    const keys = await t.objectStore("retained").getAllKeys();
    // What had been let go before, and the receipts of what this phone delivered for others.
    await t.objectStore("received").clear();
    for (const key of await t.objectStore("delivered").getAllKeys())
      if (!keys.includes(key)) await t.objectStore("delivered").delete(key);
    if (outbox.length === 0) await t.objectStore("attachments").clear();
    const rows = [...outbox, ...(await deleteStranded(t))];
    // A push token that has nothing more to send, and nothing to hear of, says only whose phone this was.
    for (const key of await transport.getAllKeys()) {
      const value = await transport.get(key);
      const isNeeded = async ({ mission }: Transport) => (await retainedRows(t, mission)).size > 0;
      if (isToTell && key === "this") continue;
      if (value && !rows.some((row) => canBeSent(row, value)) && !(await isNeeded(value))) await transport.delete(key);
    }
    const transports = await transport.getAll();
    if (transports.length === 0) for (const store of ["chain", "safety"] as const) await t.objectStore(store).clear();
    return rows.filter((row) => transports.some((each) => canBeSent(row, each))).length;
  });
  return waiting;
}

/** What follows the first step of a wipe; at the next start of the app, where it was cut short or begun without a page. */
export async function endWipe(database: Database, places: Places): Promise<void> {
  await clearPlaces(places);
  // A service worker reaches no settings and marks: the next page goes on.
  if (places.storages.length > 0) await database.write(["journal"], (t) => t.objectStore("journal").delete("at"));
}

/** What lies outside of the database: settings, marks, files, the journal with its copy of the wrapped key. */
async function clearPlaces({ storages, caches, folder: origin }: Places): Promise<void> {
  for (const storage of storages) clear(storage);
  for (const name of (await caches?.keys()) ?? []) if (!isApp(name)) await caches?.delete(name);
  const folder = await origin?.();
  if (!folder) return;
  await afterOthers(journalLock, async () => {
    for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
  });
}

/**
 * Parcels of an earlier time on this phone are the wiping person's too. Of what servers signed only later epochs are needed,
 * to know a server whose life is over: not when there was contact.
 */
const giveUpRetaining = (database: Database): Promise<void> =>
  database.write(["parcels", "safety"], async (t) => {
    const safety = t.objectStore("safety");
    for (const mission of await safety.getAllKeys()) {
      const { epoch = 1 } = (await safety.get(mission)) ?? {};
      if (epoch > 1) await safety.put({ epoch, safeSeq: null, at: "" }, mission);
      else await safety.delete(mission);
    }
    const parcels = t.objectStore("parcels");
    for (const row of await parcels.getAll())
      if (row.madeHere) await parcels.put({ ...row, isWiped: true }, row.sealedHash);
  });

function clear(storage: Settings): void {
  for (let at = storage.length - 1; at >= 0; at -= 1) {
    const key = storage.key(at);
    if (key !== null) storage.removeItem(key);
  }
}
