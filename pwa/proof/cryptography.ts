/**
 * What phones ask most of the machine's cryptography, done where it is asked for: `crypto.subtle` gives each operation to
 * another thread, and to wake it and to be woken takes longer than to sign.
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

type Asked = (...given: never[]) => Promise<unknown>;
interface Gcm {
  name: string;
  iv: Uint8Array;
  additionalData?: Uint8Array;
  tagLength?: number;
}

const tagBytes = 16;
const nameOf = (algorithm: string | { name: string }) => (typeof algorithm === "string" ? algorithm : algorithm.name);
const bytesOf = (data: BufferSource) =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
const buffer = (...parts: Uint8Array[]): ArrayBuffer => new Uint8Array(Buffer.concat(parts)).buffer;

function cipherOf(key: CryptoKey): CipherGCMTypes {
  return `aes-${(key.algorithm as AesKeyAlgorithm).length as 128 | 256}-gcm`;
}

/** As `subtle` refuses: the app asks keys for what they are for. */
function mustBeFor(key: CryptoKey, usage: KeyUsage): void {
  if (!key.usages.includes(usage)) throw new DOMException(`the key is not for ${usage}`, "InvalidAccessError");
}

const atOnce = {
  digest: (_algorithm: unknown, data: BufferSource) => buffer(createHash("sha256").update(bytesOf(data)).digest()),
  encrypt: (algorithm: Gcm, key: CryptoKey, data: BufferSource) => {
    mustBeFor(key, "encrypt");
    const cipher = createCipheriv(cipherOf(key), KeyObject.from(key), algorithm.iv);
    if (algorithm.additionalData) cipher.setAAD(algorithm.additionalData);
    return buffer(cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag());
  },
  decrypt: (algorithm: Gcm, key: CryptoKey, data: BufferSource) => {
    mustBeFor(key, "decrypt");
    const sealed = bytesOf(data);
    const end = sealed.length - tagBytes;
    if (end < 0) throw new DOMException("too short", "OperationError");
    const cipher = createDecipheriv(cipherOf(key), KeyObject.from(key), algorithm.iv);
    cipher.setAuthTag(sealed.subarray(end));
    if (algorithm.additionalData) cipher.setAAD(algorithm.additionalData);
    try {
      return buffer(cipher.update(sealed.subarray(0, end)), cipher.final());
    } catch {
      throw new DOMException("not what was sealed", "OperationError");
    }
  },
  sign: (algorithm: string | { name: string }, key: CryptoKey, data: BufferSource) => {
    mustBeFor(key, "sign");
    const secret = KeyObject.from(key);
    if (nameOf(algorithm) === "HMAC") return buffer(createHmac("sha256", secret).update(bytesOf(data)).digest());
    return buffer(sign("sha256", bytesOf(data), { key: secret, dsaEncoding: "ieee-p1363" }));
  },
  verify: (algorithm: string | { name: string }, key: CryptoKey, signature: BufferSource, data: BufferSource) => {
    mustBeFor(key, "verify");
    const known = KeyObject.from(key);
    if (nameOf(algorithm) !== "HMAC")
      return verify("sha256", bytesOf(data), { key: known, dsaEncoding: "ieee-p1363" }, bytesOf(signature));
    const expected = createHmac("sha256", known).update(bytesOf(data)).digest();
    return expected.length === signature.byteLength && timingSafeEqual(expected, bytesOf(signature));
  },
};

/** The algorithms of the app; everything else is asked of the machine. */
const known: Record<keyof typeof atOnce, (algorithm: string | (Partial<Gcm> & { hash?: unknown })) => boolean> = {
  digest: (algorithm) => algorithm === "SHA-256",
  encrypt: isPlainGcm,
  decrypt: isPlainGcm,
  sign: isOfSha256,
  verify: isOfSha256,
};

function isPlainGcm(algorithm: string | Partial<Gcm>): boolean {
  return typeof algorithm === "object" && algorithm.name === "AES-GCM" && (algorithm.tagLength ?? 128) === 128;
}

function isOfSha256(algorithm: string | { name?: string; hash?: unknown }): boolean {
  if (algorithm === "HMAC" || (typeof algorithm === "object" && algorithm.name === "HMAC")) return true;
  return typeof algorithm === "object" && algorithm.name === "ECDSA" && nameOf(algorithm.hash as string) === "SHA-256";
}

/** Puts what is done at once in the place of what another thread does. */
export function takeCryptography(subtle: Record<string, (...given: unknown[]) => Promise<unknown>>): void {
  for (const name of Object.keys(atOnce) as (keyof typeof atOnce)[]) {
    const real = subtle[name] as (...given: unknown[]) => Promise<unknown>;
    const work = atOnce[name] as unknown as Asked;
    subtle[name] = async function (this: SubtleCrypto, ...given: unknown[]) {
      return known[name](given[0] as string) ? work(...(given as never[])) : real.apply(this, given);
    };
  }
}
