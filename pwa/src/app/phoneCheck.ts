/**
 * *Check this phone*: whether what the app stands on works here, tried and not assumed. Nothing of it asks the person for
 * anything; the camera and the position are tried by a tap of their own (`tryCamera`, `tryPosition`).
 */
import { version } from "../../package.json";
import { nowFor } from "../people/phoneClock";
import type { CheckFact, KnownClock, ToolState } from "../vault/schema";
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

/** What came of a tool: `tried` by a tap, if it was; else what the browser says of it. */
export function toolState(tried: boolean | undefined, permission: Permission | undefined): ToolState {
  if (permission === "denied") return "refused";
  if (tried === undefined) return "untried";
  return tried ? "works" : "failed";
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
