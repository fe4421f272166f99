/** What of the journal survives a cut or a flipped byte anywhere, and what its rewriting leaves on the disk. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryFolder } from "../../testing/journal";
import { type Bytes, text, utf8 } from "../../wire/bytes";
import type { RowChange } from "../schema";
import { changesOf, entryOf } from "./entries";
import { framed, readFrames } from "./frames";
import { JournalFile } from "./journalFile";

const bytes = () => fc.uint8Array({ maxLength: 60 }).map((drawn) => drawn.slice() as Bytes);

async function framesOf(entries: readonly Bytes[]): Promise<{ file: Bytes; ends: number[] }> {
  let file: Bytes = new Uint8Array();
  const ends: number[] = [];
  for (const entry of entries) {
    file = new Uint8Array([...file, ...(await framed(entry))]);
    ends.push(file.length);
  }
  return { file, ends };
}

describe("frames", () => {
  test("cut at every byte, every entry before the cut is there and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes(), { minLength: 1, maxLength: 4 }), async (entries) => {
        const { file, ends } = await framesOf(entries);
        for (let cut = 0; cut <= file.length; cut++) {
          const found = await readFrames(file.slice(0, cut));
          const whole = ends.filter((end) => end <= cut).length;
          expect(found.entries.map((entry) => [...entry])).toEqual(entries.slice(0, whole).map((entry) => [...entry]));
          expect(found).toMatchObject({ end: whole === 0 ? 0 : ends[whole - 1], skipped: 0 });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("with any byte flipped, the entry it is of is missing, the others are there, and the gap is counted", async () => {
    const drawn = fc.record({
      entries: fc.array(bytes(), { minLength: 1, maxLength: 4 }),
      mask: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ entries, mask }) => {
        const { file, ends } = await framesOf(entries);
        for (let at = 0; at < file.length; at++) {
          const damaged = file.slice();
          damaged[at] = (damaged[at] as number) ^ mask;
          const broken = ends.findIndex((end) => at < end);
          const found = await readFrames(damaged);
          expect(found.entries.map((entry) => [...entry])).toEqual(
            entries.toSpliced(broken, 1).map((entry) => [...entry]),
          );
          // The last one looks like a write that was cut short.
          expect(found.skipped).toBe(broken === entries.length - 1 ? 0 : 1);
        }
      }),
      { numRuns: 10 },
    );
  });

  test("an entry may hold what looks like the beginning of another", async () => {
    const inner = await framed(utf8("inner"));
    const { file } = await framesOf([inner, utf8("after")]);
    expect((await readFrames(file)).entries).toHaveLength(2);
    const damaged = file.slice();
    damaged[5] = 0xff;
    expect(text((await readFrames(damaged)).entries.at(-1) as Bytes)).toBe("after");
  });
});

test("an entry gives back what it was made of, bytes and gone rows too", () => {
  const row = { sealed: Uint8Array.of(1, 2, 3).buffer, attachments: [{ sha256: "ab", size: 3 }], deviceSeq: 7 };
  const changes: RowChange[] = [
    ["outbox", "r", row],
    ["drafts", "gone"],
    ["drafts", "d", Uint8Array.of(9).buffer],
  ];
  const read = changesOf(entryOf(changes));
  expect(read.map(([store, key, value]) => [store, key, value !== undefined])).toEqual([
    ["outbox", "r", true],
    ["drafts", "gone", false],
    ["drafts", "d", true],
  ]);
  expect(read[0]?.[2]).toMatchObject({ deviceSeq: 7, attachments: row.attachments });
  expect(new Uint8Array((read[0] as [string, string, typeof row])[2].sealed)).toEqual(Uint8Array.of(1, 2, 3));
  expect(new Uint8Array(read[2]?.[2] as ArrayBuffer)).toEqual(Uint8Array.of(9));
});

const draft = (key: string, value: string): RowChange => ["drafts", key, utf8(value).buffer as ArrayBuffer];
const wrapOf = (value: string): RowChange => ["wrap", "key", { wrapped: utf8(value).buffer }];
const shown = async (folder: MemoryFolder) => {
  const { rows, skipped } = await new JournalFile(folder).read();
  return { rows: [...rows.values()].filter(([, , value]) => value !== undefined).map(([, key]) => key), skipped };
};

describe("the file", () => {
  test("what was appended is there for the next process, which goes on after a torn tail", async () => {
    const folder = new MemoryFolder();
    const first = new JournalFile(folder);
    await first.append([draft("a", "one")]);
    await first.append([draft("b", "two")]);
    folder.file = folder.file.slice(0, -1);
    const second = new JournalFile(folder);
    await second.append([draft("c", "three")]);
    expect(await shown(folder)).toEqual({ rows: ["a", "c"], skipped: 0 });
  });

  test("a full disk leaves it as it was", async () => {
    const folder = new MemoryFolder();
    const journal = new JournalFile(folder);
    await journal.append([draft("a", "one")]);
    folder.room = 10;
    await expect(journal.append([draft("b", "two")])).rejects.toMatchObject({ name: "QuotaExceededError" });
    folder.room = 1000;
    await journal.append([draft("c", "three")]);
    expect(await shown(folder)).toEqual({ rows: ["a", "c"], skipped: 0 });
  });

  test("killed anywhere while it is written anew, all it said is there", async () => {
    const rows = [draft("a", "one"), draft("b", "two"), wrapOf("wrap")];
    const whole = new MemoryFolder();
    await new JournalFile(whole).mirror(rows, false);
    const before = whole.file;
    await new JournalFile(whole).mirror(rows, true);
    const after = whole.file;
    // Up to its head a newer file is none; the head is the last of it that is written.
    const head = (await framed(entryOf([["journal", "generation", 2]]))).length;
    for (let cut = head; cut < after.length; cut += 7) {
      const folder = new MemoryFolder();
      folder.files.set("1", before);
      const torn = after.slice(0, cut);
      torn.fill(0, 0, head);
      folder.files.set("2", torn);
      expect((await shown(folder)).rows).toEqual(["a", "b", "key"]);
    }
  });

  test("it stays within twice of what it says, and says all of it", async () => {
    const folder = new MemoryFolder();
    const journal = new JournalFile(folder);
    const large = "x".repeat(40_000);
    for (let time = 0; time < 60; time++) {
      const rows = [draft("a", `${large}${time}`), draft("b", "two")];
      await journal.append([rows[0] as RowChange]);
      if (journal.isHeavy) await journal.mirror(rows, false);
      expect(folder.file.length).toBeLessThan(512 * 1024 + 3 * large.length);
    }
    expect((await shown(folder)).rows).toContain("a");
    expect([...folder.files.keys()]).toHaveLength(1);
  });

  test.each([
    ["another wrap", [wrapOf("NEW-WRAP"), draft("a", "one")], false],
    ["what is wiped", [draft("a", "one")], true],
  ])("of %s nothing older stays readable", async (_, rows, isAnew) => {
    const folder = new MemoryFolder();
    const journal = new JournalFile(folder);
    await journal.mirror([wrapOf("OLD-WRAP"), draft("a", "one")], false);
    await journal.mirror(rows, isAnew);
    expect([...folder.files.values()].map(text).join()).not.toContain("OLD-WRAP");
    expect((await shown(folder)).rows).toContain("a");
  });

  test("nothing to keep: nothing lies there", async () => {
    const folder = new MemoryFolder();
    const journal = new JournalFile(folder);
    await journal.mirror([draft("a", "one")], false);
    expect(await journal.mirror([], true)).toBeUndefined();
    expect(folder.files.size).toBe(0);
    await journal.append([draft("b", "two")]);
    expect(await shown(folder)).toEqual({ rows: ["b"], skipped: 0 });
  });
});
