/** What a push says of the phone itself (protocol.md §4), out of stores that are in clear: the vault may be locked. */

import { toldClock } from "../people/phoneClock";
import type { Database, Transaction } from "../vault/database";
import type { CheckFact } from "../vault/schema";

/** Rounds after which what cannot be brought is tried in smaller pieces, and told. */
export const patience = 3;
/** Different ones that headquarters is told of. */
const mostTroubles = 20;

/** The members of a push that are about the phone; each is left out when there is nothing to say. */
export interface PhoneNews {
  clock?: { ahead: number; within: number };
  check?: CheckFact;
  /** Why something here does not arrive, and how many reports it holds up. */
  troubles?: { slug: string; count: number }[];
  /** The order to wipe itself that this phone has obeyed. */
  wiped?: number;
  /** Of what a server received before it was restored from a copy, what has been receipted again. */
  offered_again?: { done: number; of: number };
  /** How much the app may store and does; bytes, null where the browser does not say. */
  storage?: {
    is_persisted: boolean;
    quota_bytes: number | null;
    used_bytes: number | null;
    retained_bytes: number;
    is_refusing_photos: boolean;
  };
  /** That storage went; until an answer has it in `reads`. */
  storage_lost?: { at: string; rebuilt: number; missing: number };
}

export const phoneNews = (database: Database): Promise<PhoneNews> =>
  database.read(["clock", "check", "transport", "safety", "outbox", "parcels"], async (t) => {
    const clock = toldClock(await t.objectStore("clock").get("this"), Date.now());
    const check = await t.objectStore("check").get("last");
    const { mission = "", wiped } = (await t.objectStore("transport").get("this")) ?? {};
    const parcels = (await t.objectStore("parcels").getAll()).filter((row) => row.mission === mission);
    const rows = [...(await t.objectStore("outbox").getAll()), ...parcels];
    const counts = new Map<string, number>();
    for (const { trouble } of rows)
      if (trouble && trouble.rounds >= patience) counts.set(trouble.slug, (counts.get(trouble.slug) ?? 0) + 1);
    const of = (await t.objectStore("safety").get(mission))?.offered;
    return {
      ...(clock ? { clock } : {}),
      ...(check ? { check } : {}),
      ...(wiped ? { wiped } : {}),
      ...(counts.size > 0
        ? { troubles: [...counts].slice(0, mostTroubles).map(([slug, count]) => ({ slug, count })) }
        : {}),
      ...(of ? { offered_again: { done: Math.max(0, of - rows.filter(({ again }) => again).length), of } } : {}),
    };
  });

/** Headquarters has the check that was told, unless the phone was checked again meanwhile. */
export async function forgetNews(transaction: Transaction<"readwrite">, told: PhoneNews): Promise<void> {
  const check = transaction.objectStore("check");
  if (told.check && JSON.stringify(await check.get("last")) === JSON.stringify(told.check)) await check.delete("last");
}
