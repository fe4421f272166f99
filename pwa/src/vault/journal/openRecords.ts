/** The vault at the start of the app, after the database was found to be what the journal says, or made so. */
import type { Database } from "../database";
import type { StorageLost } from "../schema";
import type { Cost } from "../stretch";
import { RecordVault } from "../vault";
import { isMarked, positionName, wiping } from "./mark";
import type { PageJournal } from "./pageJournal";

export interface Opening {
  journal: { rescue(isEmpty: boolean): ReturnType<PageJournal["rescue"]> };
  storage: Pick<Storage, "getItem">;
  /** Argon2id's price instead of the phone's calibration. */
  cost: Cost | undefined;
  /** Ends a wipe that was cut short. */
  endWipe(): Promise<void>;
}

/** Also whether storage went, as long as nobody has read that. Where all is well, one row more is read, beside the others. */
export async function openRecords(
  database: Database,
  { journal, storage, cost, endWipe }: Opening,
): Promise<[RecordVault, StorageLost | undefined]> {
  const noted = database.read(["journal", "lost"], (t) =>
    Promise.all([t.objectStore("journal").get("at"), t.objectStore("lost").get("last")]),
  );
  const [records, [at, lost]] = await Promise.all([RecordVault.load(database, cost), noted]);
  const isAbsent = records.state === "absent";
  if (at === wiping) {
    await endWipe();
    return [records, undefined];
  }
  const isAgreed = at === (storage.getItem(positionName) ?? undefined);
  if (isAgreed && !(isAbsent && at === undefined && (await isMarked(storage)))) return [records, lost];
  const found = await journal.rescue(isAbsent);
  if (!found) return [isAbsent ? await RecordVault.load(database, cost) : records, lost];
  await database.write(["lost"], (t) => t.objectStore("lost").put(found, "last"));
  return [await RecordVault.load(database, cost), found];
}
