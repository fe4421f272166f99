/**
 * What the phones of a schedule take from the machine, taken from the schedule instead: the time, chance, and the order in
 * which things happen. One phone at a time runs, until all of it waits for the network: so the same seed is the same schedule.
 */
import { brotliDecompressSync, deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { takeCryptography } from "./cryptography";
import { Random } from "./draws";

/** Milliseconds since 1970 by headquarters' clock, and by how much the phone that runs is ahead of it. */
export const clock = { now: 0, ahead: 0 };
export const beginning = Date.UTC(2021, 0, 9, 8);

/** What is under way and will come back by itself: requests of databases, operations of cryptography. */
let pending = 0;
const turn = setImmediate;

/** Waits until nothing is under way and `isQuiet` says that whoever works waits for the network. */
export async function calm(isQuiet: () => boolean): Promise<void> {
  const patience = performance.now() + 30_000;
  for (let quiet = 0; quiet < 2; ) {
    await new Promise((resolve) => turn(resolve));
    quiet = pending === 0 && isQuiet() ? quiet + 1 : 0;
    if (performance.now() > patience) throw new Error("something neither ends nor waits for the network");
  }
}

const chance = { random: new Random(0) };

/** Begins a schedule: the same ids and keys' bytes come of the same seed. */
export function beginWorld(seed: number): void {
  clock.now = beginning;
  clock.ahead = 0;
  chance.random = new Random(seed);
}

/** Puts the schedule's time, chance and order in the place of the machine's. Before anything of the app is used. */
export function takeOver(): void {
  takeTime();
  takeChance();
  takeOrder();
}

function takeTime(): void {
  const Machine = Date;
  const now = () => clock.now + clock.ahead;
  globalThis.Date = new Proxy(Machine, {
    construct: (target, given) => (given.length === 0 ? new target(now()) : Reflect.construct(target, given)),
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
  // The schedule says when a phone loses its patience: it drops the request.
  AbortSignal.timeout = () => new AbortController().signal;
}

function takeChance(): void {
  const fill = <T extends ArrayBufferView | null>(array: T): T => {
    const bytes = array as unknown as Uint8Array;
    for (let at = 0; at < bytes.length; at++) bytes[at] = chance.random.next() & 0xff;
    return array;
  };
  Object.defineProperty(crypto, "getRandomValues", { value: fill });
  Object.defineProperty(crypto, "randomUUID", {
    value: () => {
      const digits = Array.from(fill(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const [a, b, c, d] = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(13, 16), digits.slice(17, 20)];
      return `${a}-${b}-4${c}-a${d}-${digits.slice(20)}`;
    },
  });
}

function takeOrder(): void {
  globalThis.setImmediate = ((work: (...given: unknown[]) => void, ...given: unknown[]) => {
    pending++;
    return turn(() => {
      pending--;
      work(...given);
    });
  }) as typeof setImmediate;
  const subtle = Object.getPrototypeOf(crypto.subtle) as Record<string, (...given: unknown[]) => Promise<unknown>>;
  takeCryptography(subtle);
  for (const name of ["generateKey", "deriveKey", "deriveBits", "importKey", "exportKey", "wrapKey", "unwrapKey"]) {
    const real = subtle[name];
    if (!real) continue;
    subtle[name] = function (this: SubtleCrypto, ...given: unknown[]) {
      pending++;
      return real.apply(this, given).finally(() => {
        pending--;
      });
    };
  }
  const packing = { gzip: gzipSync, "deflate-raw": deflateRawSync };
  const unpacking = { gzip: gunzipSync, "deflate-raw": inflateRawSync, br: brotliDecompressSync };
  Object.assign(globalThis, { CompressionStream: streamOf(packing), DecompressionStream: streamOf(unpacking) });
}

/** Streams that pack at once: those of the machine do it beside the loop, and come back when they like. */
function streamOf(formats: Record<string, (bytes: Uint8Array) => Uint8Array>) {
  return class {
    readable: ReadableStream;
    writable: WritableStream;
    constructor(format: string) {
      const pack = formats[format] as (bytes: Uint8Array) => Uint8Array;
      const parts: Uint8Array[] = [];
      pending++;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
        transform: (part) => void parts.push(part),
        flush: (controller) => {
          pending--;
          controller.enqueue(new Uint8Array(pack(Buffer.concat(parts))));
        },
      });
      this.readable = readable;
      this.writable = writable;
    }
  };
}
