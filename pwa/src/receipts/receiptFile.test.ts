/** The shared vectors, which the server's check is held to too; and that no bit of a file can be another. */
/// <reference types="node" />
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Bytes, utf8 } from "../wire/bytes";
import { BadReceiptFile, checkReceiptFile, type Head, type Proven } from "./receiptFile";

interface Case {
  name: string;
  file: string;
  trust: string;
  checkpoint: string | null;
  flips: [number, number][];
  outcome: { fault: string } | { proved: Record<string, unknown> };
}

const path = new URL("../../../tests/vectors/receipts.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[]; files: Record<string, string> };
const fileOf = (name: string): Bytes => utf8(vectors.files[name] as string);

function flipped(content: Bytes, flips: readonly [number, number][]): Bytes {
  const spoilt = content.slice();
  for (const [place, bit] of flips) spoilt[place] = (spoilt[place] as number) ^ (1 << bit);
  return spoilt;
}

/** What is proved, in the words of the vectors. */
const told = ({ hash, deviceSeq, receivedAt, signedAt, coveredBy, ...rest }: Proven) => ({
  mission: rest.mission,
  report: rest.report,
  content_hash: hash,
  device: rest.device,
  device_seq: deviceSeq,
  seq: rest.seq,
  epoch: rest.epoch,
  received_at: receivedAt,
  signed_at: signedAt,
  covered_by: coveredBy ?? null,
});

/** The proof, or the fault; anything else that is thrown fails the test. */
async function outcomeOf(content: Bytes, key?: string, kept?: Bytes) {
  try {
    return await checkReceiptFile(content, { key, kept });
  } catch (failure) {
    if (failure instanceof BadReceiptFile) return failure;
    throw failure;
  }
}

describe.each(vectors.cases)("$name", ({ file, trust, checkpoint, flips, outcome }) => {
  test("comes to what the vectors say", async () => {
    const kept = checkpoint === null ? undefined : fileOf(checkpoint);
    const found = await outcomeOf(flipped(fileOf(file), flips), trust, kept);
    expect(found instanceof BadReceiptFile ? { fault: found.fault } : { proved: told(found) }).toEqual(outcome);
    if (!(found instanceof BadReceiptFile)) expect(found.isHeld).toBe(checkpoint !== null);
  });
});

const good = vectors.cases[0] as Case;

describe("a file whose key was told by no other way", () => {
  test("names it, and is checked as far as it goes", async () => {
    const found = (await outcomeOf(fileOf(good.file))) as Proven;
    expect(found.key).toBe(good.trust);
    expect(found.revision.patch).toEqual({ remarks: "calm" });
  });

  test.each(vectors.cases.filter(({ outcome }) => "fault" in outcome && outcome.fault !== "other-key"))(
    "is refused for the same fault: $name",
    async ({ file, checkpoint, flips, outcome }) => {
      const kept = checkpoint === null ? undefined : fileOf(checkpoint);
      const found = await outcomeOf(flipped(fileOf(file), flips), undefined, kept);
      const said = found instanceof BadReceiptFile ? found.fault : "proved";
      expect(said).toBe((outcome as { fault: string }).fault);
    },
  );
});

test("another checkpoint is told with both heads, to say which one is older", async () => {
  const older = vectors.cases.find(({ name }) => name === "an older checkpoint was kept") as Case;
  const found = await outcomeOf(fileOf(older.file), older.trust, fileOf(older.checkpoint as string));
  const { file, kept } = (found as BadReceiptFile).heads as { file: Head; kept: Head };
  expect([file.size, kept.size]).toEqual([7, 5]);
});

test("a file larger than any receipt is not read", async () => {
  expect(((await outcomeOf(new Uint8Array(4 * 1024 * 1024 + 1))) as BadReceiptFile).fault).toBe("too-large");
});

test.each([good.name, "on the receipt key itself"])("no bit of a file can be another: %s", async (name) => {
  const content = fileOf((vectors.cases.find((one) => one.name === name) as Case).file);
  const passed: number[] = [];
  for (let place = 0; place < content.length; place++) {
    // Over the length of a file every bit has its turns, next to every kind of neighbour. Who trusts a key refuses no less.
    const found = await outcomeOf(flipped(content, [[place, place % 8]]));
    if (!(found instanceof BadReceiptFile)) passed.push(place);
  }
  expect(passed).toEqual([]);
});
