/** MD5 (RFC 1321) and the SHA family (FIPS 180-4) over bytes at hand, for `digest()` in expressions. */

type Words = number[];

/** The message with its one bit, zeros and length at the end: a whole number of blocks. */
function padded(bytes: Uint8Array, block: number, littleEndian: boolean): DataView {
  const counter = block / 8;
  const size = Math.ceil((bytes.length + 1 + counter) / block) * block;
  const message = new Uint8Array(size);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setBigUint64(size - 8, BigInt(bytes.length) * 8n, littleEndian);
  return view;
}

function left(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function bytesOf(words: Words, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [at, word] of words.entries()) view.setInt32(4 * at, word, littleEndian);
  return new Uint8Array(view.buffer);
}

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_SINES = Array.from({ length: 64 }, (_, at) => Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0);

export function md5(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, 64, true);
  const state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round] ?? 0;
      const at = [step, 5 * step + 1, 3 * step + 5, 7 * step][round] ?? 0;
      const sum = (a + mixed + (MD5_SINES[step] ?? 0) + view.getInt32(offset + 4 * (at % 16), true)) | 0;
      [a, d, c, b] = [d, c, b, (b + left(sum, MD5_SHIFTS[4 * round + (step % 4)] ?? 0)) | 0];
    }
    for (const [at, word] of [a, b, c, d].entries()) state[at] = ((state[at] ?? 0) + word) | 0;
  }
  return bytesOf(state, true);
}

export function sha1(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, 64, false);
  const state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    const words: Words = Array.from({ length: 16 }, (_, at) => view.getInt32(offset + 4 * at));
    const word = (at: number) => words[at] ?? 0;
    for (let at = 16; at < 80; at += 1)
      words.push(left(word(at - 3) ^ word(at - 8) ^ word(at - 14) ^ word(at - 16), 1));
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let step = 0; step < 80; step += 1) {
      const round = Math.floor(step / 20);
      const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round] ?? 0;
      const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] ?? 0;
      const next = (left(a, 5) + mixed + e + constant + word(step)) | 0;
      [a, b, c, d, e] = [next, a, left(b, 30), c, d];
    }
    for (const [at, own] of [a, b, c, d, e].entries()) state[at] = ((state[at] ?? 0) + own) | 0;
  }
  return bytesOf(state, false);
}

const MASK = (1n << 64n) - 1n;

/** The SHA-2 functions over words of 32 or 64 bits; big integers are fast enough for the short texts of a form. */
function sha2(bytes: Uint8Array, width: 32 | 64, begin: readonly bigint[]): bigint[] {
  const isWide = width === 64;
  const mask = isWide ? MASK : 0xffffffffn;
  const [steps, block] = isWide ? [80, 128] : [64, 64];
  const view = padded(bytes, block, false);
  const right = (word: bigint, by: number) => ((word >> BigInt(by)) | (word << BigInt(width - by))) & mask;
  const mix = (word: bigint, [one, other, third]: readonly number[], shifts: boolean) =>
    right(word, one ?? 0) ^ right(word, other ?? 0) ^ (shifts ? word >> BigInt(third ?? 0) : right(word, third ?? 0));
  const turns = isWide
    ? { s0: [1, 8, 7], s1: [19, 61, 6], a: [28, 34, 39], e: [14, 18, 41] }
    : { s0: [7, 18, 3], s1: [17, 19, 10], a: [2, 13, 22], e: [6, 11, 25] };
  const { cubes } = roots();
  const state = [...begin];
  for (let offset = 0; offset < view.byteLength; offset += block) {
    const words: bigint[] = Array.from({ length: 16 }, (_, at) =>
      isWide ? view.getBigUint64(offset + 8 * at) : BigInt(view.getUint32(offset + 4 * at)),
    );
    const word = (at: number) => words[at] ?? 0n;
    for (let at = 16; at < steps; at += 1) {
      words.push(
        (word(at - 16) + mix(word(at - 15), turns.s0, true) + word(at - 7) + mix(word(at - 2), turns.s1, true)) & mask,
      );
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
    for (let step = 0; step < steps; step += 1) {
      const constant = (cubes[step] ?? 0n) >> BigInt(64 - width);
      const one = h + mix(e, turns.e, false) + ((e & f) ^ (~e & mask & g)) + constant + word(step);
      const other = mix(a, turns.a, false) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + other) & mask, a, b, c, (d + one) & mask, e, f, g];
    }
    for (const [at, own] of [a, b, c, d, e, f, g, h].entries()) state[at] = ((state[at] ?? 0n) + own) & mask;
  }
  return state;
}

interface Roots {
  readonly squares: readonly bigint[];
  readonly cubes: readonly bigint[];
}

let found: Roots | undefined;

/** The first 64 bits of the fractional parts of the roots of the primes: the constants of SHA-2, found when needed. */
function roots(): Roots {
  if (found !== undefined) return found;
  const primes: bigint[] = [];
  for (let number = 2n; primes.length < 80; number += 1n) {
    if (primes.every((prime) => number % prime !== 0n)) primes.push(number);
  }
  found = {
    squares: primes.slice(0, 16).map((prime) => root(prime, 2n)),
    cubes: primes.map((prime) => root(prime, 3n)),
  };
  return found;
}

/** The fractional part of a root in 64 bits, by halving. */
function root(of: bigint, degree: bigint): bigint {
  const scaled = of << (64n * degree);
  let low = 0n;
  let high = of << 64n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree > scaled) high = middle;
    else low = middle;
  }
  return low & MASK;
}

function bigBytes(words: readonly bigint[], width: 32 | 64): Uint8Array {
  const digits = words.map((word) => word.toString(16).padStart(width / 4, "0")).join("");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return bigBytes(
    sha2(
      bytes,
      32,
      roots()
        .squares.slice(0, 8)
        .map((word) => word >> 32n),
    ),
    32,
  );
}

export function sha384(bytes: Uint8Array): Uint8Array {
  return bigBytes(sha2(bytes, 64, roots().squares.slice(8)), 64).slice(0, 48);
}

export function sha512(bytes: Uint8Array): Uint8Array {
  return bigBytes(sha2(bytes, 64, roots().squares.slice(0, 8)), 64);
}
