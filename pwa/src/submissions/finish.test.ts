import { beforeEach, describe, expect, test } from "vitest";
import { PATCH_PATHS, SIGNED_BYTES } from "../engine/functions/limits";
import { withFaultAtWrite } from "../testing/faults";
import { checklistId, definition, enrolledPhone, openPhone, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import type { StoreName } from "../vault/schema";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const counts = async (from: Phone = phone) => {
  const stores: StoreName[] = ["drafts", "outbox", "labels", "copies"];
  const found = await from.database.read([...stores, "chain"], (t) =>
    Promise.all(stores.map((store) => t.objectStore(store).count())),
  );
  const chain = await from.database.read(["chain"], (t) => t.objectStore("chain").getAll());
  return { ...Object.fromEntries(stores.map((store, at) => [store, found[at]])), seq: chain[0]?.deviceSeq ?? 0 };
};

describe("finishing", () => {
  test("turns a draft into a waiting report with the code people say aloud", async () => {
    const item = await report(phone, "the akim");
    expect(item).toMatchObject({
      code: "LTO05-A001",
      place: { kind: "station", code: "164" },
      state: "waiting",
      form: "meeting_report",
    });
    expect(await counts()).toEqual({ drafts: 0, outbox: 1, labels: 1, copies: 1, seq: 1 });
    expect(await phone.outbox.answers(item.revision)).toEqual({ who: "the akim" });
  });

  test("remembers on the phone that only the short form was asked", async () => {
    const draft = await phone.drafts.start(checklistId, { short: true });
    expect(await phone.outbox.finish(draft, { who: "x" }, undefined)).toMatchObject({ short: true });
    expect((await phone.outbox.list()).map(({ short }) => short)).toEqual([true]);
  });

  test("numbers reports without gaps and chains their hashes, even when two are finished at once", async () => {
    await Promise.all([report(phone, "a"), report(phone, "b"), report(phone, "c")]);
    await phone.push();
    const sent = [...server.stored.values()].sort((a, b) => a.revision.device_seq - b.revision.device_seq);
    expect(sent.map(({ revision }) => revision.device_seq)).toEqual([1, 2, 3]);
    expect(sent.map(({ revision }) => revision.prev_hash)).toEqual(["", sent[0]?.hash, sent[1]?.hash]);
  });

  test("made in two tabs at once, neither report is lost and no number is used twice", async () => {
    const other = await openPhone(server, phone.name);
    await Promise.all([report(phone, "a"), report(other, "b"), report(phone, "c"), report(other, "d")]);
    await phone.push();
    const numbers = [...server.stored.values()].map(({ revision }) => revision.device_seq).sort();
    expect(numbers).toEqual([1, 2, 3, 4]);
  });

  test("does everything or nothing: a fault at any write leaves the draft and the chain as they were", async () => {
    for (let fault = 1; fault <= 5; fault++) {
      const draft = await phone.drafts.start(checklistId);
      const before = await counts();
      const finishing = withFaultAtWrite(fault, () => phone.outbox.finish(draft, { who: "x" }, undefined));
      await expect(finishing).rejects.toMatchObject({ slug: "storage-full" });
      expect(await counts(), `fault at write ${fault}`).toEqual(before);
    }
    const [draft] = await phone.drafts.list();
    if (!draft) throw new Error("the draft is gone");
    expect((await phone.outbox.finish(draft, { who: "x" }, undefined)).code).toBe("LTO05-A001");
  });

  test("twice makes one report", async () => {
    const draft = await phone.drafts.start(checklistId);
    await phone.outbox.finish(draft, { who: "x" }, undefined);
    await expect(phone.outbox.finish(draft, { who: "x" }, undefined)).rejects.toMatchObject({ slug: "draft-gone" });
    expect(await counts()).toMatchObject({ outbox: 1, seq: 1 });
  });

  test("a late save does not bring the draft back", async () => {
    const draft = await phone.drafts.start(checklistId);
    await phone.outbox.finish(draft, { who: "x" }, undefined);
    await expect(phone.drafts.save(draft)).rejects.toMatchObject({ slug: "draft-gone" });
    expect(await phone.drafts.list()).toEqual([]);
  });

  test("names a photo the phone does not hold instead of sending a report without it", async () => {
    const draft = await phone.drafts.start(checklistId);
    const answers = { board: "ab".repeat(32) };
    await expect(phone.outbox.finish(draft, answers, undefined)).rejects.toMatchObject({ slug: "photo-missing" });
    expect(await counts()).toMatchObject({ drafts: 1, outbox: 0, seq: 0 });
  });

  test("refuses what headquarters could not receive, and keeps it as a draft", async () => {
    const draft = await phone.drafts.start(checklistId);
    const letters = Array.from({ length: 92 }, (_, at) => String.fromCharCode(35 + at)).filter((one) => one !== "\\");
    const noise = (count: number) =>
      Array.from({ length: count }, () => letters[Math.floor(Math.random() * letters.length)]).join("");
    const many = Object.fromEntries(Array.from({ length: PATCH_PATHS + 1 }, (_, at) => [`q${at}`, "x"]));
    for (const [answers, slug] of [
      [{ who: "a".repeat(SIGNED_BYTES) }, "report-too-large"],
      // Below the limit as it is signed; hard to pack, so sealed it is over what one push holds.
      [{ who: noise(SIGNED_BYTES - 10_000) }, "report-too-large"],
      [many, "report-too-many-answers"],
    ] as const) {
      await expect(phone.outbox.finish(draft, answers, undefined)).rejects.toMatchObject({ slug });
    }
    expect(await counts()).toMatchObject({ drafts: 1, outbox: 0, seq: 0 });
    await phone.outbox.finish(draft, { who: "a".repeat(SIGNED_BYTES - 2_000) }, undefined);
    expect(await counts()).toMatchObject({ drafts: 0, outbox: 1, seq: 1 });
  });
});

test("leaves to the next report of the form only what it carries over, also where copies are taken away", async () => {
  expect(await phone.drafts.carried("meeting_report")).toEqual({});
  const [start] = definition.sections;
  if (!start) throw new Error("no section");
  const who = {
    id: "who",
    type: "text",
    label: { en: "Who" },
    default: ["call", "last-saved", ["ref", "who"]],
  } as const;
  const carrying = { ...definition, sections: [{ ...start, nodes: [who, ...start.nodes.slice(1)] }] };
  await phone.vault.put("definitions", checklistId, carrying);
  await report(phone, "the akim");
  expect(await phone.drafts.carried("meeting_report")).toEqual({ who: "the akim" });
  expect(await phone.drafts.carried("another_form")).toEqual({});
});

describe("the readable copy", () => {
  test("stays under the vault when the mission lets phones keep it", async () => {
    const { revision } = await report(phone, "the akim");
    await phone.push();
    expect(await phone.outbox.answers(revision)).toEqual({ who: "the akim" });
  });

  test("goes with the receipt when the mission says so, and not before", async () => {
    server.localCopy = "remove";
    phone = await enrolledPhone(server);
    const photo = new Blob(["a photo"], { type: "image/jpeg" });
    const { revision } = await report(phone, "the akim", photo);
    expect(await phone.outbox.answers(revision)).toBeDefined();
    await phone.push();
    expect(await phone.outbox.answers(revision)).toBeUndefined();
    // The key of the photo: what is sealed of it stays until it is safe at headquarters.
    expect(await phone.database.read(["photos"], (t) => t.objectStore("photos").count())).toBe(0);
    expect((await phone.outbox.list())[0]?.state).toBe("received");
  });
});

test("saves that overtake each other leave the latest state", async () => {
  const draft = await phone.drafts.start(checklistId);
  const states = Array.from({ length: 20 }, (_, n) => phone.drafts.save({ ...draft, answers: { who: String(n) } }));
  await Promise.all(states);
  expect((await phone.drafts.get(draft.submission))?.answers).toEqual({ who: "19" });
});
