/** What *Check this phone* tries by itself, for real: the disk, and the passphrase's work at its full price. */
import { clockOf } from "../people/phoneClock";
import type { Database } from "../vault/database";
import type { CheckFact } from "../vault/schema";
import { openStretcher } from "../vault/stretcher";
import type { RecordVault } from "../vault/vault";
import type { PhoneCheck } from "./phoneCheck";

const probe = "phone-check";

/** Takes a second or two: unlocking is tried at its full price. Rejects as the database or the vault does. */
export async function checkPhone(records: RecordVault, database: Database): Promise<PhoneCheck> {
  const journalMs = await timeJournal(records, database);
  const clock = await clockOf(database);
  return {
    ...(journalMs === undefined ? {} : { journalMs }),
    keysMs: await timeKeys(records),
    ...(clock ? { clock } : {}),
    isWorkerInCharge: Boolean(globalThis.navigator?.serviceWorker?.controller),
  };
}

/** Has the next pushes tell headquarters, until it says that it knows. */
export const noteCheck = (database: Database, fact: CheckFact): Promise<unknown> =>
  database.write(["check"], (t) => t.objectStore("check").put(fact, "last"));

async function timeJournal(records: RecordVault, database: Database): Promise<number | undefined> {
  const began = performance.now();
  const written = crypto.randomUUID();
  try {
    await records.put("places", probe, written);
    if ((await records.get<string>("places", probe)) !== written) return undefined;
    return performance.now() - began;
  } finally {
    await database.write(["places"], (t) => t.objectStore("places").delete(probe));
  }
}

async function timeKeys(records: RecordVault): Promise<number> {
  const cost = await records.cost();
  const stretcher = openStretcher();
  const began = performance.now();
  try {
    await stretcher.stretch({ passphrase: probe, salt: crypto.getRandomValues(new Uint8Array(16)), ...cost });
    return performance.now() - began;
  } finally {
    stretcher.close();
  }
}
