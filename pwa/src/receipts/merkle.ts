/** A Merkle tree as RFC 9162 §2.1 defines it: whether a leaf stands in it. The server's `kit/merkle.py` grows it. */
import { type Bytes, concat, hex, sha256 } from "../wire/bytes";

const leafMark = Uint8Array.of(0);
const nodeMark = Uint8Array.of(1);
// No tree of ours comes near it; it bounds what a file can make its reader do.
const mostLeaves = 2 ** 48;

/** The hash of an entry as a leaf (RFC 9162 §2.1.1). */
export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(concat(leafMark, entry));

/**
 * The root (hex) of a tree of `size` leaves in which `path` leads from leaf `index` (RFC 9162 §2.1.3.2); undefined when no path
 * of a tree of this size is like that. Reckoned without bit operations, which end at 32 bits.
 */
export async function rootByPath(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<string | undefined> {
  if (!(index >= 0 && index < size && size <= mostLeaves)) return undefined;
  const half = (number: number) => Math.floor(number / 2);
  let [node, place, last] = [leaf, index, size - 1];
  for (const step of path) {
    if (last === 0) return undefined;
    const isRight = place % 2 === 1;
    if (isRight || place === last) {
      node = await sha256(concat(nodeMark, step, node));
      // The last leaf of a tree that is not full stands on its own for as many levels.
      while (place !== 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      node = await sha256(concat(nodeMark, node, step));
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? hex(node) : undefined;
}
