/**
 * What tells a phone whose storage went from one that nobody has set up: a mark in three places that browsers clear apart from
 * each other. Beside the database's own rows it lies in `localStorage` and in a cache. It holds what a locked phone tells
 * anyway, and a wipe takes it away.
 */
import type { Database } from "../database";
import type { Chain } from "../schema";

export interface PhoneMark {
  device: string;
  /** Where its reports ended. */
  chain: Chain;
  /** Reports that headquarters had not receipted. */
  waiting: number;
}

/** Where the mark lies in `localStorage`, and what its cache is called. */
export const markName = "steppe-phone";
/** Where `localStorage` has how far the journal is. */
export const positionName = "steppe-journal";
/** Held by whoever writes the journal, and by a wipe while it removes it. */
export const journalLock = "steppe-journal";
/** In the place of a position: a wipe is under way, and whatever lies beside the database is to go. */
export const wiping = "wiping";
/** The folder of the journal in the origin's private one. */
export const journalFolder = "journal";

/** Of a phone that is set up; undefined of one that is not, or was wiped. */
export const markOf = (database: Database): Promise<PhoneMark | undefined> =>
  database.read(["identity", "transport", "chain", "outbox"], async (t) => {
    const transport = await t.objectStore("transport").get("this");
    if (!transport || (await t.objectStore("identity").count("enrolment")) === 0) return undefined;
    const chain = (await t.objectStore("chain").get(transport.device)) ?? { deviceSeq: 0, prevHash: "" };
    const waiting = (await t.objectStore("outbox").getAll()).filter(({ report }) => !report).length;
    return { device: transport.device, chain, waiting };
  });

/** Whether anything of this app lies on the phone outside of its database. Asked where the database is empty. */
export async function isMarked(storage: { getItem(key: string): string | null }): Promise<boolean> {
  if (storage.getItem(markName) !== null || (await globalThis.caches?.has(markName))) return true;
  try {
    await (await navigator.storage.getDirectory()).getDirectoryHandle(journalFolder);
    return true;
  } catch {
    // No such folder, or no private folder at all: nothing lies there.
    return false;
  }
}
