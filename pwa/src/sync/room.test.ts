/** What is refused near the end of a phone's storage, and what headquarters hears of it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import { pushOutbox } from "./push";
import { checkRoom, isRefused, noteLossTold, storageNews } from "./room";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

afterEach(() => vi.unstubAllGlobals());

const room = (quota: number, usage: number) =>
  vi.stubGlobal("navigator", {
    userAgent: "Android",
    languages: ["en"],
    storage: { estimate: async () => ({ quota, usage }), persisted: async () => true },
  });
const page = {
  news: () => storageNews(phone.database),
  lossTold: () => noteLossTold(phone.database),
};
const push = () => pushOutbox({ database: phone.database, fetch: server.fetch, page }, true);

test("near the end of the room a photo is refused and a text report is finished", async () => {
  room(1_000_000_000, 970_000_000);
  await expect(checkRoom(0)).rejects.toMatchObject({ slug: "room-kept" });
  await report(phone, "the akim");
  expect(await push()).toMatchObject({ left: 0 });
  expect(server.saidOfPhone.at(-1)).toMatchObject({
    storage: { is_persisted: true, quota_bytes: 1_000_000_000, used_bytes: 970_000_000, is_refusing_photos: true },
  });
});

test.each([
  [{ quota: 1_000_000_000, usage: 900_000_000 }, 20_000_000, false],
  [{ quota: 1_000_000_000, usage: 950_000_000 }, 20_000_000, true],
  [{ quota: 50_000_000, usage: 30_000_000 }, 5_000_000, false],
  [{ quota: 50_000_000, usage: 42_000_000 }, 0, true],
  [{}, 20_000_000, false],
])("of %o a file of %d bytes is refused: %s", (left, size, refused) => {
  expect(isRefused(left, size)).toBe(refused);
});

test("what is retained is told with its files, and goes on being retained", async () => {
  room(1_000_000_000, 970_000_000);
  server.safety = { epoch: 1, safe_seq: 0 };
  await report(phone, "the akim", new Blob([new Uint8Array(5_000)], { type: "image/jpeg" }));
  await push();
  await push();
  const said = server.saidOfPhone.at(-1) as { storage: { retained_bytes: number } };
  expect(said.storage.retained_bytes).toBeGreaterThan(5_000);
  expect(await phone.outbox.list()).toMatchObject([{ retained: "until-safe" }]);
});

test("lost storage is told until headquarters says that it reads of it", async () => {
  const lost = { at: "2021-01-10T08:00:00.000Z", rebuilt: 3, missing: 1, drafts: 2 };
  await phone.database.write(["lost"], (t) => t.objectStore("lost").put(lost, "last"));
  const told = { storage_lost: { at: lost.at, rebuilt: 3, missing: 1 } };
  for (const reads of [undefined, ["check"], ["check", "storage_lost"]]) {
    server.reads = reads;
    await push();
    expect(server.saidOfPhone.at(-1)).toMatchObject(told);
  }
  await push();
  expect(server.saidOfPhone.at(-1)).not.toHaveProperty("storage_lost");
});
