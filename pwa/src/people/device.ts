/** The phone as a device of the mission: its id and its P-256 key pair, kept only as a record of the vault. */

import type { RecordVault } from "../vault/vault";
import { uuid7 } from "../wire/ids";
import { signingKey } from "../wire/jws";

export interface DeviceKey {
  id: string;
  privateJwk: JsonWebKey;
}

/** The public half, with the members of RFC 7518 §6.2.1 only. */
export const publicHalf = ({ kty, crv, x, y }: JsonWebKey): JsonWebKey => ({ kty, crv, x, y }) as JsonWebKey;

/**
 * The device's key; made and durably kept at the first call. Durable before anything is sent: the server ties the one-time
 * code to this key, and when its answer gets lost only the same key can ask again.
 */
export async function deviceKey(vault: RecordVault): Promise<DeviceKey> {
  const kept = await vault.get<DeviceKey>("identity", "device");
  if (kept) return kept;
  // Extractable, because it has to become a vault record: a non-extractable key in IndexedDB lies on the disk in clear.
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const device = { id: uuid7(), privateJwk: await crypto.subtle.exportKey("jwk", pair.privateKey) };
  await vault.put("identity", "device", device);
  return device;
}

export const deviceSigner = (device: DeviceKey): Promise<CryptoKey> => signingKey(device.privateJwk);

/** A name by which a person at headquarters knows the phone again: "iPhone", "Android". Nothing finer leaves the phone. */
export function platformName(userAgent: string): string {
  const known = [
    ["iPhone", /iPhone|iPod/],
    ["iPad", /iPad/],
    ["Android", /Android/],
    ["Windows", /Windows/],
    ["Mac", /Macintosh/],
    ["Linux", /Linux/],
  ] as const;
  return known.find(([, sign]) => sign.test(userAgent))?.[0] ?? "other";
}
