/**
 * *Check this phone*: whether what the app stands on works here, tried and not assumed. Nothing of it asks the person for
 * anything; the camera and the position are tried by a tap of their own (`tryCamera`, `tryPosition`).
 */
import { version } from "../../package.json";
import { clockOf, nowFor } from "../people/phoneClock";
import type { Database } from "../vault/database";
import type { CheckFact, KnownClock, ToolState } from "../vault/schema";
import { openStretcher } from "../vault/stretcher";
import type { RecordVault } from "../vault/vault";
import type { StorageHealth } from "./storage";

export interface PhoneCheck {
  /** Milliseconds to write a sealed row, read it back and open it; undefined: it was not what had been written. */
  journalMs?: number;
  /** Milliseconds of Argon2id at the price of this phone's vault: what unlocking takes. */
  keysMs: number;
  /** As last heard from headquarters. */
  clock?: KnownClock;
  /** The service worker answers for this page: the app opens without a network. */
  isWorkerInCharge: boolean;
}

/** What the browser says of a permission; `unknown` where it does not tell. */
export type Permission = PermissionState | "unknown";

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

const stepMb = 100;
const mostMb = 10_000;

/** What headquarters needs of it before a deployment; free storage no finer than that, for less tells phones apart. */
export function checkFact(
  check: PhoneCheck,
  { persisted, usedBytes, quotaBytes }: StorageHealth,
  tools: { camera: ToolState; position: ToolState },
  now = Date.now(),
): CheckFact {
  const room = usedBytes === undefined || quotaBytes === undefined ? undefined : (quotaBytes - usedBytes) / 1_000_000;
  return {
    day: new Date(nowFor(check.clock, now)).toISOString().slice(0, "2021-01-10".length),
    version,
    reads_back: check.journalMs !== undefined,
    opens_offline: check.isWorkerInCharge,
    is_persisted: persisted,
    ...(room === undefined ? {} : { room_mb: Math.max(0, Math.min(mostMb, Math.floor(room / stepMb) * stepMb)) }),
    ...tools,
  };
}

/** Has the next pushes tell headquarters, until it says that it knows. */
export const noteCheck = (database: Database, fact: CheckFact): Promise<unknown> =>
  database.write(["check"], (t) => t.objectStore("check").put(fact, "last"));

/** What came of a tool: `tried` by a tap, if it was; else what the browser says of it. */
export function toolState(tried: boolean | undefined, permission: Permission | undefined): ToolState {
  if (permission === "denied") return "refused";
  if (tried === undefined) return "untried";
  return tried ? "works" : "failed";
}

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

/** Never asks the person. */
export async function permissionOf(name: "camera" | "geolocation"): Promise<Permission> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch (failure) {
    // Browsers that tell nothing of this one, or of any.
    if (failure instanceof TypeError) return "unknown";
    throw failure;
  }
}

/** Switches the camera on for a moment; asks the person where nobody has decided yet. False: refused, or there is none. */
export async function tryCamera(): Promise<boolean> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    for (const track of stream.getTracks()) track.stop();
    return true;
  } catch (failure) {
    if (failure instanceof DOMException || failure instanceof TypeError) return false;
    throw failure;
  }
}

/** Asks for the position once, at most half a minute. False: refused, switched off, or none was found. */
export const tryPosition = (): Promise<boolean> =>
  new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(false);
    navigator.geolocation.getCurrentPosition(
      () => resolve(true),
      () => resolve(false),
      { timeout: 30_000 },
    );
  });
