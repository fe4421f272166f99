/**
 * How entries lie in the journal's file: each framed by a mark, its length and the beginning of its SHA-256, so that a file
 * which was cut or damaged anywhere gives every entry that is whole, and none that is not.
 */
import { type Bytes, concat, sha256 } from "../../wire/bytes";

const mark = [0x53, 0x4a, 0x1e, 0x0a] as const;
const hashLength = 16;
/** Bytes before an entry: mark, length, hash. */
export const headLength = mark.length + 4 + hashLength;
/** No entry is longer, in bytes: what says it is, is damaged. */
export const longestEntry = 8 * 1024 * 1024;

/** Over the length too: a frame that ends elsewhere is another one. */
const hashOf = async (lengthAndEntry: Bytes): Promise<Bytes> => (await sha256(lengthAndEntry)).subarray(0, hashLength);

/** An entry with what finds it again. Throws a `RangeError` beyond `longestEntry`. */
export async function framed(entry: Bytes): Promise<Bytes> {
  if (entry.length > longestEntry) throw new RangeError(`an entry of ${entry.length} bytes`);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, entry.length);
  return concat(Uint8Array.from(mark), length, await hashOf(concat(length, entry)), entry);
}

/** What was found whole in a file. */
export interface Found {
  entries: Bytes[];
  /** Where the last of them ends: what comes after was never written to its end. */
  end: number;
  /** Damaged places between them. */
  skipped: number;
}

/** Every whole entry from `start` on. A torn tail is not counted as damage: a write that was cut short leaves one. */
export async function readFrames(bytes: Bytes, start = 0): Promise<Found> {
  const found: Found = { entries: [], end: start, skipped: 0 };
  for (let at = start; at + headLength <= bytes.length; ) {
    const entry = await entryAt(bytes, at);
    if (!entry) {
      at = nextMark(bytes, at + 1);
      continue;
    }
    if (at !== found.end) found.skipped += 1;
    found.entries.push(entry);
    at += headLength + entry.length;
    found.end = at;
  }
  return found;
}

async function entryAt(bytes: Bytes, at: number): Promise<Bytes | undefined> {
  if (mark.some((byte, place) => bytes[at + place] !== byte)) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + mark.length);
  const begin = at + headLength;
  if (length > longestEntry || begin + length > bytes.length) return undefined;
  const hash = await hashOf(
    concat(bytes.subarray(at + mark.length, at + mark.length + 4), bytes.subarray(begin, begin + length)),
  );
  if (hash.some((byte, place) => bytes[at + mark.length + 4 + place] !== byte)) return undefined;
  return bytes.subarray(begin, begin + length);
}

/** Where an entry may begin next; the end when none does. */
function nextMark(bytes: Bytes, from: number): number {
  for (let at = bytes.indexOf(mark[0], from); at !== -1; at = bytes.indexOf(mark[0], at + 1))
    if (mark.every((byte, place) => bytes[at + place] === byte)) return at;
  return bytes.length;
}
