/** Attachment bytes as they wait and travel: `IV ‖ ciphertext ‖ tag` under a key of their own (protocol.md §3). */
import { ivLength } from "../vault/cipher";
import { type Bytes, b64u, concat, fromB64u, hex, randomBytes, sha256 } from "../wire/bytes";

const tagLength = 16;
/** What the server takes of one attachment (protocol.md §5), and so what may be in it; bytes. */
export const largestPlain = 20 * 1024 * 1024 - ivLength - tagLength;

export interface SealedAttachment {
  bytes: Bytes;
  /** Hex, of `bytes`. */
  sha256: string;
  /** b64u, 32 bytes. */
  key: string;
}

export async function sealAttachment(plain: Bytes): Promise<SealedAttachment> {
  const key = randomBytes(32);
  const iv = randomBytes(ivLength);
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await imported(key, "encrypt"), plain);
  const bytes = concat(iv, new Uint8Array(cipher));
  return { bytes, sha256: hex(await sha256(bytes)), key: b64u(key) };
}

/** Rejects with a `DOMException` when bytes and key do not belong together. */
export async function openAttachment(bytes: Bytes, key: string): Promise<Bytes> {
  const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, ivLength) };
  const plain = await crypto.subtle.decrypt(
    algorithm,
    await imported(fromB64u(key), "decrypt"),
    bytes.subarray(ivLength),
  );
  return new Uint8Array(plain);
}

const imported = (key: Bytes, usage: "encrypt" | "decrypt") =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
