/**
 * How much this phone may still store, and what follows: near the end of it what is large is refused while there is room for
 * every text, and headquarters is told. Nothing is deleted for it: what is safe went when it became safe (`release.ts`), and
 * what is not safe never goes.
 */
import type { Database } from "../vault/database";
import { FieldProblem } from "../wire/problem";
import type { PhoneNews } from "./phoneNews";
import { retainedWeight } from "./release";

/** What the browser says of the room of this app, in bytes, as far as it says. */
export interface Room {
  quota?: number | undefined;
  usage?: number | undefined;
}

/** So many bytes stay for texts: some thousand reports, drafts and receipts. */
const keptForText = 32_000_000;
/** Of a small quota no more than this part. */
const mostKept = 0.2;

/** Whether a file of `size` bytes would take what is kept for texts. A browser that does not say refuses nothing. */
export function isRefused({ quota, usage }: Room, size = 0): boolean {
  if (quota === undefined || usage === undefined) return false;
  return quota - usage - size < Math.min(keptForText, quota * mostKept);
}

export const roomNow = async (): Promise<Room> => (await globalThis.navigator?.storage?.estimate?.()) ?? {};

/** Rejects with `room-kept` when a photo, recording or file of so many bytes may not be taken. */
export async function checkRoom(size: number): Promise<void> {
  if (isRefused(await roomNow(), size)) throw new FieldProblem("room-kept");
}

/** What a page tells headquarters of the phone's storage (protocol.md §4). The service worker leaves it out: the last word counts. */
export async function storageNews(database: Database): Promise<Pick<PhoneNews, "storage" | "storage_lost">> {
  const room = await roomNow();
  const lost = await database.read(["lost"], (t) => t.objectStore("lost").get("last"));
  const { bytes } = await retainedWeight(database);
  const storage = {
    is_persisted: (await globalThis.navigator?.storage?.persisted?.()) ?? false,
    quota_bytes: room.quota ?? null,
    used_bytes: room.usage ?? null,
    retained_bytes: bytes,
    is_refusing_photos: isRefused(room),
  };
  if (!lost || lost.isTold) return { storage };
  const { at, rebuilt, missing } = lost;
  return { storage, storage_lost: { at, rebuilt, missing } };
}

/** Headquarters has read what it was told of lost storage. */
export const noteLossTold = (database: Database): Promise<void> =>
  database.write(["lost"], async (t) => {
    const lost = await t.objectStore("lost").get("last");
    if (lost) await t.objectStore("lost").put({ ...lost, isTold: true }, "last");
  });
