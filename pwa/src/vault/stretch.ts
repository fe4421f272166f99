/** From a passphrase to a key that wraps: Argon2id (RFC 9106), then HKDF so that a second secret can join later. */
import { type Bytes, utf8 } from "../wire/bytes";
import { openStretcher, type Stretcher } from "./stretcher";

/** Argon2id's price. `memoryKiB` is what a thief's machine has to pay per guess. */
export interface Cost {
  memoryKiB: number;
  iterations: number;
}

/**
 * The lowest prices Argon2id may have: OWASP's Password Storage Cheat Sheet and ASVS 5.0, appendix on approved password
 * storage, at parallelism 1.
 */
export const lowestCosts: readonly Cost[] = [
  { iterations: 1, memoryKiB: 47_104 },
  { iterations: 2, memoryKiB: 19_456 },
  { iterations: 3, memoryKiB: 12_288 },
];

/** Whether a price is not under the floor: somebody who stole the phone pays per guess what is commonly asked. */
export function meetsFloor({ memoryKiB, iterations }: Cost): boolean {
  return lowestCosts.some((lowest) => iterations >= lowest.iterations && memoryKiB >= lowest.memoryKiB);
}

const target = 0.75;
const lowMemory = 32 * 1024;
const highMemory = 64 * 1024;

/**
 * The price this phone can pay in 0.5–1 s: 64 MiB when two passes fit, else 32 MiB; then as many passes as fit, at least two.
 * Memory first: it is what hurts special hardware.
 */
export async function calibrate(seconds: () => number = () => performance.now() / 1000): Promise<Cost> {
  const stretcher = openStretcher();
  const pass = await passOf(stretcher, seconds).finally(() => stretcher.close());
  const memoryKiB = pass * 4 <= target ? highMemory : lowMemory;
  const passes = target / (pass * (memoryKiB / lowMemory));
  return { memoryKiB, iterations: Math.min(Math.max(Math.round(passes), 2), 24) };
}

/** Seconds of one pass over 32 MiB. */
async function passOf(stretcher: Stretcher, seconds: () => number): Promise<number> {
  const trial = { passphrase: "trial", salt: new Uint8Array(16), iterations: 1 };
  const timed = async () => {
    const began = seconds();
    await stretcher.stretch({ ...trial, memoryKiB: lowMemory });
    return Math.max(seconds() - began, 0.001);
  };
  // The first run pays for starting the worker and compiling the WebAssembly.
  await stretcher.stretch({ ...trial, memoryKiB: 1024 });
  // The better of two: a phone that is installing the app at this moment is not as slow as it looks.
  return Math.min(await timed(), await timed());
}

/** The AES-GCM key that wraps the data key. */
export async function wrappingKey(
  passphrase: string,
  salt: Bytes,
  { memoryKiB, iterations }: Cost,
): Promise<CryptoKey> {
  const stretcher = openStretcher();
  const stretched = await stretcher
    .stretch({ passphrase, salt, memoryKiB, iterations })
    .finally(() => stretcher.close());
  const base = await crypto.subtle.importKey("raw", stretched, "HKDF", false, ["deriveKey"]);
  stretched.fill(0);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt, info: utf8("steppe wrap") },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
