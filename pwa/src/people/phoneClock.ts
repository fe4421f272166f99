/**
 * The phone's clock against headquarters': read at every contact, kept over restarts, signed along with each report.
 *
 * Kept in clear, beside the moment of the last contact: the service worker reads it while the vault is locked, and by how
 * much a clock is wrong tells a finder nothing that the clock itself does not show (docs/security.md).
 */

import type { Database, Transaction } from "../vault/database";
import type { KnownClock } from "../vault/schema";

/** How the phone's clock stood at some moment; all in whole milliseconds. */
export interface ClockReading {
  /** By how much it ran ahead of headquarters'; negative: behind. */
  ahead: number;
  /** The true difference lies within so much to either side. */
  within: number;
  /** When it was read, by the phone's clock. */
  at: number;
}

/** Nobody is told of a smaller difference, nor offered another time: watches differ by as much. */
export const toleratedMs = 2 * 60_000;

/** A reading this new that is more exact stays beside a later one that agrees: quartz loses half a second in an hour at most. */
const exactForMs = 60 * 60_000;

/**
 * What one answer tells. The server wrote its time somewhere between `sent` and `answered` (both by the phone's clock), so the
 * middle is at most half of the way wrong. Undefined when it gave no time, or when the clock was set meanwhile.
 */
export function clockReading(serverTime: unknown, sent: number, answered: number): ClockReading | undefined {
  const server = typeof serverTime === "string" ? Date.parse(serverTime) : Number.NaN;
  if (Number.isNaN(server) || answered < sent) return undefined;
  // One more for what both sides cut off below a millisecond.
  const within = Math.ceil((answered - sent) / 2) + 1;
  return { ahead: Math.round((sent + answered) / 2 - server), within, at: answered };
}

/** Whether one value of the difference fits both: else the clock was set in between. */
const agree = (one: ClockReading, other: ClockReading): boolean =>
  Math.abs(one.ahead - other.ahead) <= one.within + other.within;

/** The one to go on with: the later, unless an earlier one says the same more exactly. */
export function betterReading(before: ClockReading | undefined, later: ClockReading): ClockReading {
  if (!before || !agree(before, later)) return later;
  const age = later.at - before.at;
  return before.within < later.within && age >= 0 && age <= exactForMs ? before : later;
}

/**
 * What a list says that headquarters signed at `signedAt` and that came as a file, whenever: no later than now. It counts
 * where it shows that the clock is behind, by so much at least, and nothing that was read says so already.
 */
export function boundByFile(known: KnownClock | undefined, signedAt: string, now: number): KnownClock | undefined {
  const ahead = now - Date.parse(signedAt);
  if (Number.isNaN(ahead) || ahead >= -toleratedMs) return undefined;
  if (known && known.ahead - known.within <= ahead) return undefined;
  return { ahead, within: 0, at: now, isAtLeast: true };
}

/** Whether the clock was set back since it was read: then nothing is known of it. */
const wasSetBack = (known: KnownClock, now: number): boolean => now < known.at;

/** What can be said of the clock at `now`; undefined when it is right, or when nobody knows. */
export function wrongClock(known: KnownClock | undefined, now: number): KnownClock | undefined {
  if (!known || wasSetBack(known, now) || Math.abs(known.ahead) - known.within <= toleratedMs) return undefined;
  return known;
}

/** `now` by headquarters' clock, where the phone's is known to be wrong and by how much. */
export function correctedNow(known: KnownClock | undefined, now: number): number | undefined {
  const wrong = wrongClock(known, now);
  return wrong && !wrong.isAtLeast ? now - wrong.ahead : undefined;
}

/** The moment that *now* and *today* of a form mean: headquarters' where the phone's clock is known to be wrong. */
export const nowFor = (known: KnownClock | undefined, now = Date.now()): number => correctedNow(known, now) ?? now;

/** How the clock stands, as headquarters is told. */
interface ClockFact {
  ahead: number;
  within: number;
}

/** What a push says of it (protocol.md §4); undefined when nothing was read, or the clock was set back since. */
export function toldClock(known: KnownClock | undefined, now: number): ClockFact | undefined {
  if (!known || known.isAtLeast || wasSetBack(known, now)) return undefined;
  return { ahead: known.ahead, within: known.within };
}

/** What a revision carries of it (protocol.md §3), for a server that reads it. */
export function signedClock(known: KnownClock | undefined, now: number): { clock?: ClockFact } {
  const clock = known?.isRead ? toldClock(known, now) : undefined;
  return clock ? { clock } : {};
}

/** Whether headquarters, who was told `told`, would now think wrongly of a clock that was just read as `known`. */
export function isClockNews(told: ClockFact | undefined, known: KnownClock | undefined, now: number): boolean {
  const wrong = wrongClock(known, now);
  const wrongAsTold = wrongClock(told && { ...told, at: now }, now);
  if (!wrong || !wrongAsTold) return Boolean(wrong) !== Boolean(wrongAsTold);
  return Math.abs(wrong.ahead - wrongAsTold.ahead) > toleratedMs;
}

export const clockOf = (database: Database): Promise<KnownClock | undefined> =>
  database.read(["clock"], (t) => t.objectStore("clock").get("this"));

/** Writes down what a contact told; `isRead`: this server takes reports that carry it. */
export async function noteClock(
  transaction: Transaction<"readwrite">,
  reading: ClockReading,
  isRead: boolean,
): Promise<void> {
  const clock = transaction.objectStore("clock");
  const before = await clock.get("this");
  const better = before?.isAtLeast ? reading : betterReading(before, reading);
  const { ahead, within, at } = better;
  await clock.put({ ahead, within, at, ...(isRead ? { isRead } : {}) }, "this");
}

/** Writes down what a file of receipts tells. */
export async function noteClockByFile(database: Database, signedAt: string): Promise<void> {
  await database.write(["clock"], async (t) => {
    const known = await t.objectStore("clock").get("this");
    const bound = boundByFile(known, signedAt, Date.now());
    if (bound) await t.objectStore("clock").put({ ...bound, ...(known?.isRead ? { isRead: true } : {}) }, "this");
  });
}
