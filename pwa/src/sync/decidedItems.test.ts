import { beforeEach, expect, test } from "vitest";
import { stateText } from "../app/screens/sent/states";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { json, TestServer } from "../testing/server";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const only = async () => {
  const [item] = await phone.outbox.list();
  if (!item) throw new Error("the outbox is empty");
  return { ...item, text: stateText(item, "en", "Asia/Almaty") };
};

const receivedRow = async () => (await phone.database.read(["received"], (t) => t.objectStore("received").getAll()))[0];

/** Has one report kept aside, for this reason; gives how the feed names it. */
async function held(reason: string, isRead = true, photo?: Blob) {
  await report(phone, "the akim", photo);
  const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
  if (!row) throw new Error("nothing was finished");
  const named = isRead ? { id: row.revision, hash: row.hash, reason } : { sealed: row.sealedHash, reason };
  server.intercept = async (request, next) => {
    if (!request.url.endsWith("/sync/push")) return next();
    // The server has it, and with it the names of its files.
    await next();
    const items = [{ ...named, seq: 7, at: "2021-01-10T08:00:00Z" }];
    const receipts = await server.signReceipt({ mission: server.mission, device: "d", at: "", items });
    return json(200, { results: [{ status: "quarantined", reason }], receipts });
  };
  await phone.push();
  server.intercept = (_, next) => next();
  return { id: isRead ? row.revision : null, hash: isRead ? row.hash : null, sealed: row.sealedHash, reason };
}

test.each([true, false])(
  "what was kept aside is received like any other once it is taken (read when it came: %s)",
  async (isRead) => {
    const named = await held(isRead ? "wrong_team" : "unreadable", isRead);
    expect(await only()).toMatchObject({ state: "quarantined", retained: "always" });
    expect((await only()).text).toContain("a person is looking");
    server.change("quarantine", "7", { state: "taken", ...named });
    await phone.rounds.run();
    expect(await only()).toMatchObject({ state: "received", decided: "taken" });
    expect((await only()).text).toContain("took it");
    expect((await receivedRow())?.report.reason).toBeUndefined();
  },
);

test("what is kept apart says so, with why, and stays on the phone", async () => {
  const named = await held("wrong_team");
  server.change("quarantine", "7", { state: "kept_apart", ...named });
  await phone.rounds.run();
  expect(await only()).toMatchObject({ state: "quarantined", reason: "wrong_team", retained: "always" });
  expect((await only()).text).toContain("keeps it apart");
  // Somebody thought better of it.
  server.change("quarantine", "7", { state: "taken", ...named });
  await phone.rounds.run();
  expect(await only()).toMatchObject({ state: "received" });
});

test("another content under the same id, and a word this app does not know, change nothing", async () => {
  const named = await held("wrong_team");
  server.change("quarantine", "8", { state: "taken", ...named, hash: "another", sealed: "another" });
  server.change("quarantine", "7", { state: "burnt", ...named });
  await phone.rounds.run();
  expect(await only()).toMatchObject({ state: "quarantined" });
  expect((await only()).text).toContain("a person is looking");
});

test("sent again it is what it is now: the answer to a push says so without the feed", async () => {
  await held("wrong_team");
  const received = await receivedRow();
  await phone.database.write(["outbox", "received", "retained"], async (t) => {
    const sealed = await t.objectStore("retained").get(received?.revision ?? "");
    if (!received || !sealed) throw new Error("it is not retained");
    const { report: _, sealedHash = "", ...row } = received;
    await t.objectStore("outbox").put({ ...row, sealedHash, sealed }, row.revision);
    await t.objectStore("received").delete(row.revision);
  });
  await phone.push();
  expect(await only()).toMatchObject({ state: "received" });
  expect(await only()).not.toHaveProperty("reason");
});

test("its photo travels before anybody judges it, and the report leaves the outbox whole", async () => {
  await held("wrong_team", true, new Blob(["a picture"], { type: "image/jpeg" }));
  expect(server.blobs.size).toBe(1);
  expect(await only()).toMatchObject({ state: "quarantined", attachments: { total: 1, received: 1 } });
  expect(await phone.database.read(["outbox"], (t) => t.objectStore("outbox").count())).toBe(0);
});
