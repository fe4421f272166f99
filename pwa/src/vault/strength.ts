/** How long a passphrase would hold against somebody who has the phone, in words an observer can use. */
import type { Cost } from "./stretch";

/**
 * `too-short`: not even looked at. `guessable`: found within a day. `fair`: holds, but not for years to come.
 * The first two are not taken.
 */
export type Strength = "too-short" | "guessable" | "fair" | "strong";

export interface Judgement {
  strength: Strength;
  /** Until about every second attacker would have found it; seconds. Absent when it was too short to look at. */
  seconds?: number;
}

/** Digits only: a PIN. */
const shortestPin = 8;
const shortestPassphrase = 10;

/** Whom a passphrase has to withstand: somebody who rents a large machine. */
const attackerCores = 32;
/**
 * What one core fills with Argon2 in a second; KiB. A server's core was measured at 0.9 GiB (`argon2-cffi`, 64 MiB × 8); twice
 * that allows for a faster one.
 */
const filledPerCore = 2 * 1024 * 1024;

/** Seconds. */
export const day = 24 * 60 * 60;
export const year = 365 * day;

/** Guesses a second on 32 cores against a vault of this price. */
export const guessRate = ({ memoryKiB, iterations }: Cost): number =>
  (attackerCores * filledPerCore) / (memoryKiB * iterations);

/** Judges a passphrase for a vault of this price. The estimator is fetched when it is first needed. */
export async function judge(passphrase: string, cost: Cost): Promise<Judgement> {
  const text = passphrase.normalize("NFC").trim();
  const isPin = /^\d+$/.test(text);
  if (text.length < (isPin ? shortestPin : shortestPassphrase)) return { strength: "too-short" };
  const { guessesFor } = await import("./estimator");
  const seconds = guessesFor(text) / guessRate(cost);
  return { strength: seconds < day ? "guessable" : seconds < 10 * year ? "fair" : "strong", seconds };
}

/** Whether the vault may be made with it. */
export function isAcceptable({ strength }: Judgement): boolean {
  return strength === "fair" || strength === "strong";
}
