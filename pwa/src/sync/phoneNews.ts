/** What a push says of the phone itself (protocol.md §4), out of stores that are in clear: the vault may be locked. */

import { toldClock } from "../people/phoneClock";
import type { Database, Transaction } from "../vault/database";
import type { CheckFact } from "../vault/schema";

/** The members of a push that are about the phone; each is left out when there is nothing to say. */
export interface PhoneNews {
  clock?: { ahead: number; within: number };
  check?: CheckFact;
}

export const phoneNews = (database: Database): Promise<PhoneNews> =>
  database.read(["clock", "check"], async (t) => {
    const clock = toldClock(await t.objectStore("clock").get("this"), Date.now());
    const check = await t.objectStore("check").get("last");
    return { ...(clock ? { clock } : {}), ...(check ? { check } : {}) };
  });

/** Headquarters has the check that was told, unless the phone was checked again meanwhile. */
export async function forgetNews(transaction: Transaction<"readwrite">, told: PhoneNews): Promise<void> {
  const check = transaction.objectStore("check");
  if (told.check && JSON.stringify(await check.get("last")) === JSON.stringify(told.check)) await check.delete("last");
}
