import { beforeEach, expect, test } from "vitest";
import { enrolledPhone, everythingStored, type Phone, passphrase } from "../testing/phone";
import { TestServer } from "../testing/server";
import { type CaptureFor, Captures } from "./captures";

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
