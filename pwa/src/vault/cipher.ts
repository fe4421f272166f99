/**
 * One record, one AES-256-GCM box: `IV ‖ ciphertext ‖ tag`, the store, the id and the schema version authenticated with it,
 * so that nobody can swap rows on the disk.
 */
import { type Bytes, b64u, concat, exactBuffer, randomBytes, text, utf8 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import type { SealedStore } from "./schema";

/** Bytes of the random value before everything AES-GCM writes (NIST SP 800-38D §5.2.1.1). */
export const ivLength = 12;
/** Version of the boxes, not of the stores: a database upgrade does not seal rows anew. */
const recordVersion = 1;

export interface Keys {
  records: CryptoKey;
  names: CryptoKey;
}

/** The working keys out of the 32-byte data key. They cannot be exported. */
export async function keysOf(dataKey: Bytes): Promise<Keys> {
  const base = await crypto.subtle.importKey("raw", dataKey, "HKDF", false, ["deriveKey"]);
  const derive = (info: string, algorithm: AesKeyGenParams | HmacKeyGenParams, usages: KeyUsage[]) =>
    crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(info) },
      base,
      algorithm,
      false,
      usages,
    );
  return {
    records: await derive("steppe records", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]),
    names: await derive("steppe names", { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]),
  };
}

const bound = (store: SealedStore, id: string): Bytes => utf8(JSON.stringify([store, id, recordVersion]));

export async function sealRecord(keys: Keys, store: SealedStore, id: string, value: unknown): Promise<ArrayBuffer> {
  const iv = randomBytes(ivLength);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: bound(store, id) },
    keys.records,
    utf8(JSON.stringify(value)),
  );
  return exactBuffer(concat(iv, new Uint8Array(sealed)));
}

/** Rejects with `vault-damaged` when the row is not what was written under this store and id. */
export async function openRecord(keys: Keys, store: SealedStore, id: string, row: ArrayBuffer): Promise<unknown> {
  const bytes = new Uint8Array(row);
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: bytes.subarray(0, ivLength), additionalData: bound(store, id) },
      keys.records,
      bytes.subarray(ivLength),
    );
    return JSON.parse(text(plain));
  } catch (failure) {
    if (failure instanceof DOMException || failure instanceof SyntaxError) {
      throw new FieldProblem("vault-damaged", `${store}/${id}`);
    }
    throw failure;
  }
}

/** A row id for something whose name would tell what it is: always the same, and meaningless without the key. */
export async function blindId(keys: Keys, store: SealedStore, name: string): Promise<string> {
  return b64u(new Uint8Array(await crypto.subtle.sign("HMAC", keys.names, bound(store, name))));
}
