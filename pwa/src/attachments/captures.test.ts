import { beforeEach, expect, test, vi } from "vitest";
import { enrolledPhone, everythingStored, type Phone, passphrase } from "../testing/phone";
import { TestServer } from "../testing/server";
import { FieldProblem } from "../wire/problem";
import { type CaptureFor, Captures } from "./captures";
import { largestPlain } from "./sealing";

let phone: Phone;
let captures: Captures;
const purpose: CaptureFor = { submission: "s", path: "said", keeping: { as: "it-is" }, type: "audio/webm" };
const piece = (words: string) => new Blob([words]);

beforeEach(async () => {
  phone = await enrolledPhone(await TestServer.start());
  captures = new Captures(phone.vault, phone.database);
});

async function only(of: Captures = captures) {
  const [waiting, ...more] = await of.waiting("s");
  if (!waiting || more.length > 0) throw new Error(`${more.length} too many, or none`);
  const { file, keeping } = await of.file(waiting);
  return { waiting, keeping, type: file.type, words: await file.text() };
}

test("what comes after the vault is locked is kept too, in the order in which it came, and nothing of it in clear", async () => {
  const capture = await captures.begin(purpose);
  const first = capture.add(piece("the akim said: "));
  phone.vault.lock();
  await Promise.all([first, capture.add(piece("go ")), capture.add(piece("home"))]);
  await capture.end({ seconds: 3, name: "interview" });
  const stored = await everythingStored(phone.database);
  for (const words of ["the akim said", "home", "interview", "audio/webm", "said"]) expect(stored).not.toContain(words);
  await expect(captures.waiting("s")).rejects.toMatchObject({ slug: "locked" });
  await phone.vault.unlock(passphrase);
  const kept = await only();
  expect(kept.words).toBe("the akim said: go home");
  expect(kept.type).toBe("audio/webm");
  expect(kept.keeping).toEqual({ as: "it-is", seconds: 3, name: "interview" });
});

test("of a capture that was cut off by the end of the app, everything written is there", async () => {
  const capture = await captures.begin(purpose);
  await capture.add(piece("one "));
  await capture.add(piece("two"));
  expect(await captures.waiting("s"), "it goes on").toEqual([]);
  const restarted = await phone.restart();
  const after = new Captures(restarted.vault, restarted.database);
  expect((await only(after)).words).toBe("one two");
});

test("a camera that was opened and closed again leaves nothing", async () => {
  await captures.begin(purpose);
  const restarted = await phone.restart();
  const after = new Captures(restarted.vault, restarted.database);
  expect(await after.waiting("s")).toEqual([]);
  expect(await restarted.vault.ids("captures")).toEqual([]);
});

test("what is dropped goes with all its pieces, and nothing of another one", async () => {
  const one = await captures.begin(purpose);
  const other = await captures.begin({ ...purpose, path: "filmed" });
  const foreign = await captures.begin({ ...purpose, submission: "t" });
  for (const each of [one, other, foreign]) {
    await each.add(piece(each.id));
    await each.end();
  }
  await captures.drop(one.id);
  expect((await only()).words).toBe(other.id);
  await captures.forget("s");
  expect(await captures.waiting("s")).toEqual([]);
  expect(await phone.vault.ids("pieces")).toHaveLength(1);
  expect(await captures.waiting("t")).toHaveLength(1);
});

test("pieces that were exchanged on the disk are not taken for what was recorded", async () => {
  const capture = await captures.begin(purpose);
  await capture.add(piece("one "));
  await capture.add(piece("two"));
  await capture.end();
  await phone.database.write(["pieces"], async (t) => {
    const store = t.objectStore("pieces");
    const [first, second] = await store.getAllKeys();
    const bytes = await store.get(first as string);
    await store.put(bytes as ArrayBuffer, second as string);
  });
  await expect(only()).rejects.toMatchObject({ slug: "vault-damaged" });
});

/** The locks of one browser, as far as captures use them. */
function lockedBrowser(): LockManager {
  const held = new Set<{ name: string }>();
  return {
    request: async (name: string, work: () => Promise<void>) => {
      const lock = { name };
      held.add(lock);
      await work();
      held.delete(lock);
    },
    query: async () => ({ held: [...held] }),
  } as unknown as LockManager;
}

test("another tab leaves alone what this one records, before the first piece and after it, until it ends", async () => {
  const locks = lockedBrowser();
  const here = new Captures(phone.vault, phone.database, locks);
  const there = new Captures(phone.vault, phone.database, locks);
  const capture = await here.begin(purpose);
  expect(await there.waiting("s")).toEqual([]);
  expect(await phone.vault.ids("captures")).toHaveLength(1);
  await capture.add(piece("said"));
  expect(await there.waiting("s")).toEqual([]);
  await capture.end();
  expect((await only(there)).words).toBe("said");
});

async function recorded(...pieces: string[]) {
  const capture = await captures.begin(purpose);
  for (const words of pieces) await capture.add(piece(words));
  await capture.end({ seconds: pieces.length });
  const [waiting] = await captures.waiting("s");
  if (!waiting) throw new Error("nothing waits");
  return waiting;
}

const lose = (at: number) =>
  phone.database.write(["pieces"], async (t) => {
    const names = await t.objectStore("pieces").getAllKeys();
    await t.objectStore("pieces").delete(names[at] as string);
  });

test.each([
  ["in the middle", 2, "one "],
  ["at the end", 3, "one two "],
])(
  "of a recording with a piece missing %s, what stands before it is kept and known to be a part",
  async (_, at, kept) => {
    const waiting = await recorded("one ", "two ", "three");
    expect((await captures.file(waiting)).isPart).toBe(false);
    await lose(at);
    const { file, isPart, keeping } = await captures.file(waiting);
    expect([await file.text(), isPart]).toEqual([kept, true]);
    expect(keeping).toEqual({ as: "it-is", seconds: 3 });
  },
);

test("a recording without its first piece is not taken for an empty one, which would be thrown away", async () => {
  const waiting = await recorded("one ", "two");
  await lose(1);
  await expect(captures.file(waiting)).rejects.toMatchObject({ slug: "vault-damaged" });
});

test("of a recording over the limit, the pieces that can be sent are kept; one piece alone is never cut", async () => {
  const half = "x".repeat(largestPlain / 2);
  const { file, isPart } = await captures.file(await recorded(half, half, "more"));
  expect([file.size, isPart]).toEqual([largestPlain, true]);
  await captures.forget("s");
  const alone = await captures.file(await recorded("x".repeat(largestPlain + 1)));
  expect([alone.file.size, alone.isPart]).toEqual([largestPlain + 1, false]);
});

test("a capture whose end cannot be written, for want of room, waits all the same", async () => {
  const capture = await captures.begin(purpose);
  await capture.add(piece("said"));
  vi.spyOn(phone.database, "write").mockRejectedValueOnce(new FieldProblem("storage-full"));
  await expect(capture.end({ seconds: 1 })).rejects.toMatchObject({ slug: "storage-full" });
  expect((await only()).words).toBe("said");
});
