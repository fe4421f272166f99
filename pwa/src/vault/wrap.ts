/** The data key under a passphrase: how it is wrapped and opened again. */
import { type Bytes, exactBuffer, randomBytes, utf8 } from "../wire/bytes";
import type { Wrap } from "./schema";
import { type Cost, wrappingKey } from "./stretch";

const purpose = utf8("steppe data key 1");

/** Wraps the data key anew: fresh salt, fresh IV. */
export async function wrapDataKey(dataKey: Bytes, passphrase: string, cost: Cost): Promise<Wrap> {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const wrapped = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: purpose },
    await wrappingKey(passphrase, salt, cost),
    dataKey,
  );
  const { memoryKiB, iterations } = cost;
  return { version: 1, salt: exactBuffer(salt), iterations, memoryKiB, iv: exactBuffer(iv), wrapped };
}

/** The data key; undefined for a wrong passphrase. */
export async function unwrapDataKey(wrap: Wrap, passphrase: string): Promise<Bytes | undefined> {
  return openWrap(wrap, await keyOfWrap(wrap, passphrase));
}

/** The key that this passphrase gives. Rejects with whatever kept Argon2id from its work: then nothing was tried. */
export const keyOfWrap = (wrap: Wrap, passphrase: string): Promise<CryptoKey> =>
  wrappingKey(passphrase, new Uint8Array(wrap.salt), wrap);

/** The data key; undefined when the key is that of a wrong passphrase. */
export async function openWrap(wrap: Wrap, key: CryptoKey): Promise<Bytes | undefined> {
  try {
    const algorithm = { name: "AES-GCM", iv: wrap.iv, additionalData: purpose };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, wrap.wrapped));
  } catch (failure) {
    // AES-GCM says only that the tag does not fit: a wrong passphrase.
    if (failure instanceof DOMException && failure.name === "OperationError") return undefined;
    throw failure;
  }
}

/** Whether two wraps are the same: no two have one IV. */
export const isSameWrap = (one: Wrap, other: Wrap): boolean =>
  new Uint8Array(one.iv).every((byte, at) => byte === new Uint8Array(other.iv)[at]);
