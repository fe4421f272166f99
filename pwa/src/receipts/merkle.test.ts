import { describe, expect, test } from "vitest";
import { type Bytes, concat, hex, sha256, utf8 } from "../wire/bytes";
import { leafHash, rootByPath } from "./merkle";

/** The tree by its definition (RFC 9162 §2.1.1), and its paths by theirs (§2.1.3.1): nothing that is tested here. */
async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return leaves[0] as Bytes;
  const [left, right] = halves(leaves);
  return sha256(concat(Uint8Array.of(1), await rootOf(left), await rootOf(right)));
}

async function pathOf(index: number, leaves: readonly Bytes[]): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const [left, right] = halves(leaves);
  return index < left.length
    ? [...(await pathOf(index, left)), await rootOf(right)]
    : [...(await pathOf(index - left.length, right)), await rootOf(left)];
}

/** The left one is the largest whole tree that leaves something over. */
function halves(leaves: readonly Bytes[]): [readonly Bytes[], readonly Bytes[]] {
  let whole = 1;
  while (whole * 2 < leaves.length) whole *= 2;
  return [leaves.slice(0, whole), leaves.slice(whole)];
}

const grown = (size: number) => Promise.all(Array.from({ length: size }, (_, number) => leafHash(utf8(`${number}`))));

describe.each([1, 2, 3, 5, 7, 8, 13])("a tree of %i", (size) => {
  test("proves each of its leaves, at its place alone", async () => {
    const leaves = await grown(size);
    const root = hex(await rootOf(leaves));
    for (const [index, leaf] of leaves.entries()) {
      const path = await pathOf(index, leaves);
      expect(await rootByPath(leaf, index, size, path)).toBe(root);
      expect(await rootByPath(await leafHash(utf8("another")), index, size, path)).not.toBe(root);
      for (const other of leaves.keys())
        if (other !== index) expect(await rootByPath(leaf, other, size, path)).not.toBe(root);
      expect(await rootByPath(leaf, index, size, [...path, leaf])).toBeUndefined();
      if (path.length) expect(await rootByPath(leaf, index, size, path.slice(1))).toBeUndefined();
    }
  });
});

test.each([
  [-1, 4],
  [4, 4],
  [Number.NaN, 4],
  [0, 2 ** 48 + 1],
  [0, undefined as unknown as number],
])("no tree has leaf %s of %s", async (index, size) => {
  expect(await rootByPath(new Uint8Array(32), index, size, [])).toBeUndefined();
});

test.each([0, 5, 2 ** 33 + 1, 2 ** 39])(
  "leaf %i of a tree above 32 bits is led up by the bits of its place",
  async (place) => {
    const step = new Uint8Array(32).fill(7);
    let node: Bytes = new Uint8Array(32);
    for (let bits = BigInt(place), level = 0; level < 40; level++, bits >>= 1n)
      node = await sha256(concat(Uint8Array.of(1), ...(bits & 1n ? [step, node] : [node, step])));
    const path = Array.from({ length: 40 }, () => step);
    expect(await rootByPath(new Uint8Array(32), place, 2 ** 40, path)).toBe(hex(node));
  },
);
