/**
 * For how long headquarters has not been heard, where the mission says that a phone wipes itself after so many days of it
 * (protocol.md §9). The last word is one that the server signed, with its own time: nobody on the way can lengthen or shorten that.
 */
import type { KnownClock, Transport } from "../vault/schema";
import { nowFor } from "./phoneClock";

// The engine's own is in a module that no start of the app needs.
const dayMs = 24 * 60 * 60_000;
/** Between the start that finds the days over and one that wipes, by the phone's clock: one that was set wrong is noticed. */
export const graceMs = dayMs;

/** A silence that somebody has to know of, or that was found over before. */
export interface Silence {
  /** Whole days since the last word. */
  days: number;
  /** After so many the phone wipes itself. */
  of: number;
  /** When a start found them over, in ms by the phone's clock; a word since then ends that. */
  found?: number;
}

/** `heard`: the time of the last word, ISO UTC; a phone that has heard none yet counts nothing. `now`: by the phone's clock. */
export function silenceOf(
  { lockOutDays: of, silence }: Pick<Transport, "lockOutDays" | "silence">,
  heard: string | undefined,
  clock: KnownClock | undefined,
  now: number,
): Silence | undefined {
  const days = Math.floor((nowFor(clock, now) - Date.parse(heard ?? "")) / dayMs);
  if (!of || Number.isNaN(days)) return undefined;
  const found = silence?.heard === heard ? silence?.found : undefined;
  if (!isNear({ days, of }) && found === undefined) return undefined;
  return { days, of, ...(found === undefined ? {} : { found }) };
}

/** Whether it is time to say so: two thirds of the days are over. */
export const isNear = ({ days, of }: Silence): boolean => days * 3 >= of * 2;

export const isOver = ({ days, of }: Silence): boolean => days >= of;
