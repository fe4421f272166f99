/**
 * The phone's key for what goes down with content (protocol.md §14): a record of the vault, and registered under the device
 * key. P-256, as reports are sealed to: every browser that runs the app has it.
 */

import type { RecordVault } from "../vault/vault";
import { answerOf } from "../wire/contact";
import { signCompact } from "../wire/jws";
import { deviceKey, deviceSigner, publicHalf } from "./device";
import type { ProvingContact } from "./dpop";

interface ContentKey {
  privateJwk: JsonWebKey;
  /** The mission it is registered with, for which device of it. */
  registered?: string;
}

const algorithm = { name: "ECDH", namedCurve: "P-256" };

/** The private half, for opening; made and durably kept at the first call. */
async function contentKey(vault: RecordVault): Promise<ContentKey> {
  const kept = await vault.get<ContentKey>("identity", "contentKey");
  if (kept) return kept;
  // Extractable, as the device key is: it has to become a record of the vault.
  const pair = await crypto.subtle.generateKey(algorithm, true, ["deriveBits"]);
  const made = { privateJwk: await crypto.subtle.exportKey("jwk", pair.privateKey) };
  await vault.put("identity", "contentKey", made);
  return made;
}

/**
 * The key that the server of this mission encrypts content to, registered with it where that was not done yet. `isForgotten`: it
 * said that it has none. Rejects with the server's problem.
 */
export async function registeredContentKey(
  vault: RecordVault,
  proving: ProvingContact,
  mission: string,
  isForgotten = false,
): Promise<CryptoKey> {
  const key = await contentKey(vault);
  const device = await deviceKey(vault);
  const registered = `${mission}/${device.id}`;
  if (isForgotten || key.registered !== registered) {
    const header = { alg: "ES256", typ: "steppe-content-key+jws", kid: device.id } as const;
    const said = { mission, device: device.id, key: publicHalf(key.privateJwk) };
    const statement = await signCompact(header, said, await deviceSigner(device));
    await answerOf(await proving.post("/enrolments/content-key", { statement }));
    await vault.put("identity", "contentKey", { ...key, registered });
  }
  return crypto.subtle.importKey("jwk", key.privateJwk, algorithm, false, ["deriveBits"]);
}
