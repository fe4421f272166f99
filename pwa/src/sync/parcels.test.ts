import { beforeEach, describe, expect, test } from "vitest";
import { discardStranded, moveOutbox, parcelCounts, receiptsFile, sealedCopies } from "../submissions/parcels";
import { enrolledPhone, openPhone, type Phone, report } from "../testing/phone";
import { json, newKey, problem, TestServer } from "../testing/server";
import type { Transport } from "../vault/schema";
import { pushOutbox } from "./push";
import { takeFile } from "./takeFile";

let server: TestServer;
let maker: Phone;
let carrier: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  maker = await enrolledPhone(server);
  carrier = await enrolledPhone(server);
});

const photo = (size: number) => new Blob([new Uint8Array(size).map((_, at) => at % 251)], { type: "image/jpeg" });
const copyOf = async (phone: Phone) => (await sealedCopies(phone.database))[0] as Blob;
const states = async (phone: Phone) => (await phone.outbox.list()).map(({ state }) => state);
const none = { ownWaiting: 0, othersWaiting: 0, stranded: 0, ownStranded: 0, delivered: 0 };
/** A file in which the server of `server.mission` says that it holds what is in a phone's outbox. */
async function fileNamingTheOutbox(phone: Phone, signer?: JsonWebKey): Promise<Blob> {
  const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
  const items = [{ id: row?.revision, hash: row?.hash, seq: 1, at: "2021-01-10T08:00:00Z" }];
  const list = await server.signReceipt({ mission: server.mission, device: "d", at: "", items }, signer);
  const head = { steppe: "parcels", version: 1, mission: server.mission, made_at: "" };
  return new Blob([`${JSON.stringify(head)}\n${JSON.stringify({ receipts: list })}\n{"end":{}}\n`]);
}
const filesOf = (phone: Phone) =>
  phone.database.read(["parcelFiles"], (t) => t.objectStore("parcelFiles").getAllKeys());

test("a carried report of a phone that was unknown leaves its carrier, photos too, once the phone is known", async () => {
  const finished = await report(maker, "the akim", photo(1000));
  const { device } = (await maker.database.read(["transport"], (t) =>
    t.objectStore("transport").get("this"),
  )) as Transport;
  server.unknownDevices.add(device);
  await takeFile(carrier.database, await copyOf(maker));
  await carrier.push();
  await carrier.push();
  expect(await parcelCounts(carrier.database)).toMatchObject({ othersWaiting: 1, delivered: 0 });
  server.unknownDevices.clear();
  // It was found or enrolled again; what it made is here alone.
  await carrier.push();
  expect(await carrier.push()).toMatchObject({ left: 0 });
  expect([...server.stored.keys()]).toEqual([finished.revision]);
  expect(await parcelCounts(carrier.database)).toMatchObject({ othersWaiting: 0, delivered: 1 });
});

describe("a sealed copy", () => {
  test("is made, taken in and delivered with both vaults locked, its photos too", async () => {
    await report(maker, "the akim", photo(500_000));
    maker.vault.lock();
    carrier.vault.lock();
    const taken = await takeFile(carrier.database, await copyOf(maker));
    expect(taken).toEqual({ parcels: 1, known: 0, receipted: 0, isWhole: true });
    expect(await carrier.push()).toEqual({ left: 0, reached: true });
    expect(server.stored.size).toBe(1);
    expect([...server.blobs.values()].map(({ size, bytes }) => bytes.length === size)).toEqual([true]);
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, delivered: 1 });
    expect(await filesOf(carrier)).toEqual([]);
  });

  test("holds neither the push token nor anything that was answered", async () => {
    await report(maker, "the akim of Aqtau", photo(1000));
    const written = await (await copyOf(maker)).text();
    const transport = await maker.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
    expect(transport?.pushToken.length).toBeGreaterThan(3);
    expect(written).not.toContain(`"${transport?.pushToken}"`);
    expect(written).not.toMatch(/akim|LTO05/);
  });

  test("takes nothing from the outbox: only a receipt does", async () => {
    await report(maker, "the akim");
    await copyOf(maker);
    expect(await states(maker)).toEqual(["waiting"]);
    await takeFile(carrier.database, await copyOf(maker));
    await carrier.push();
    expect(await states(maker)).toEqual(["waiting"]);
  });

  test("taken twice, and by its own maker, is one report", async () => {
    await report(maker, "the akim");
    const copy = await copyOf(maker);
    await takeFile(carrier.database, copy);
    expect(await takeFile(carrier.database, copy)).toMatchObject({ parcels: 0, known: 1 });
    expect(await takeFile(maker.database, copy)).toMatchObject({ parcels: 0, known: 1 });
    await carrier.push();
    expect(await takeFile(carrier.database, copy)).toMatchObject({ parcels: 0, known: 1 });
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, delivered: 1 });
  });

  test("passes from carrier to carrier", async () => {
    await report(maker, "the akim", photo(1000));
    await takeFile(carrier.database, await copyOf(maker));
    const third = await enrolledPhone(server);
    await takeFile(third.database, await copyOf(carrier));
    expect(await third.push()).toEqual({ left: 0, reached: true });
    expect(await parcelCounts(third.database)).toEqual({ ...none, delivered: 1 });
  });

  test("is nothing when nothing waits", async () => {
    expect(await sealedCopies(maker.database)).toEqual([]);
  });
});

describe("a file that was cut short", () => {
  test("brings every report that is whole in it, and the whole one later the rest", async () => {
    await report(maker, "a", photo(400_000));
    await report(maker, "b", photo(300_000));
    const copy = await copyOf(maker);
    const taken = await takeFile(carrier.database, copy.slice(0, copy.size - 100_000));
    expect(taken).toMatchObject({ parcels: 2, isWhole: false });
    expect(await carrier.push()).toEqual({ left: 0, reached: true });
    expect([...server.blobs.values()].filter(({ size, bytes }) => bytes.length === size)).toHaveLength(1);
    await takeFile(carrier.database, copy);
    expect(await carrier.push()).toEqual({ left: 0, reached: true });
    expect([...server.blobs.values()].filter(({ size, bytes }) => bytes.length === size)).toHaveLength(2);
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, delivered: 2 });
  });

  test("anywhere, never brings half of a report", async () => {
    await report(maker, "a");
    const copy = await copyOf(maker);
    const first = (await copy.text()).indexOf("\n") + 1;
    for (const end of [first, first + 10, copy.size - 20]) {
      const phone = await enrolledPhone(server);
      const taken = await takeFile(phone.database, copy.slice(0, end));
      expect(taken.isWhole).toBe(false);
      await phone.push();
    }
    expect(server.stored.size).toBe(1);
  });

  test("or whose photo is damaged, brings the report and not the photo", async () => {
    await report(maker, "a", photo(1000));
    const written = await (await copyOf(maker)).text();
    const damaged = new Blob([written.replace(/"bytes":"..../, '"bytes":"AAAA')]);
    expect(await takeFile(carrier.database, damaged)).toMatchObject({ parcels: 1 });
    expect(await filesOf(carrier)).toEqual([]);
  });
});

describe("a file is refused", () => {
  const head = { steppe: "parcels", version: 1, mission: "m", made_at: "" };
  test.each([
    ["parcels-foreign", "GPS track"],
    ["parcels-foreign", ""],
    ["parcels-foreign", "{}\n"],
    ["parcels-newer", `${JSON.stringify({ ...head, version: 2 })}\n`],
    ["parcels-other-mission", `${JSON.stringify(head)}\n`],
  ])("as %s: %s", async (slug, content) => {
    await expect(takeFile(carrier.database, new Blob([content]))).rejects.toMatchObject({ slug });
  });

  test("by a phone of no mission", async () => {
    const phone = await openPhone(server);
    await expect(takeFile(phone.database, new Blob([]))).rejects.toMatchObject({ slug: "not-enrolled" });
  });
});

test("a copy that misstates a report brings the report in, is sent once and can be put away", async () => {
  await report(maker, "a");
  const written = await (await copyOf(maker)).text();
  await takeFile(carrier.database, new Blob([written.replace(/"hash":"..../, '"hash":"AAAA')]));
  expect(await carrier.push()).toEqual({ left: 0, reached: true });
  expect(server.stored.size).toBe(1);
  expect(await parcelCounts(carrier.database)).toEqual({ ...none, stranded: 1 });
  await discardStranded(carrier.database);
  expect(await parcelCounts(carrier.database)).toEqual(none);
});

describe("a file that misstates a report", () => {
  type Words = { id: string; hash: string };
  /** The reports of a phone as its copy tells of them, in its order. */
  const linesOf = async (phone: Phone) =>
    (await (await copyOf(phone)).text())
      .split("\n")
      .filter((line) => line.startsWith('{"report"'))
      .map((line) => JSON.parse(line) as { report: Words; sealed: string });
  const fileWith = (...lines: unknown[]) => {
    const head = { steppe: "parcels", version: 1, mission: server.mission, made_at: "" };
    return new Blob([head, ...lines, { end: {} }].map((line) => `${JSON.stringify(line)}\n`));
  };
  const listOf = ({ id, hash }: Words) => {
    const items = [{ id, hash, seq: 1, at: "2021-01-10T08:00:00Z" }];
    return server.signReceipt({ mission: server.mission, device: "d", at: "", items });
  };

  test("with a true list of another one lets no unsent report leave its carrier", async () => {
    await report(maker, "a");
    await report(maker, "b");
    const [hidden, known] = await linesOf(maker);
    const lie = { ...hidden, report: { ...hidden?.report, ...(known?.report as Words) } };
    const receipts = await listOf(known?.report as Words);
    expect(await takeFile(carrier.database, fileWith(lie, { receipts }))).toMatchObject({ parcels: 1, receipted: 0 });
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, othersWaiting: 1 });
    await carrier.push();
    expect([...server.stored.keys()]).toEqual([hidden?.report.id]);
  });

  test("beside that other one, lets none leave that headquarters puts off", async () => {
    await report(maker, "a");
    await report(maker, "b");
    const [hidden, known] = await linesOf(maker);
    const words = known?.report as Words;
    await takeFile(
      carrier.database,
      fileWith({ ...hidden, report: { ...hidden?.report, ...words, device_seq: 1 } }, known),
    );
    const answer = { results: [{ status: "retry" }, { status: "stored" }], receipts: await listOf(words) };
    server.intercept = async () => json(200, answer);
    expect(await carrier.push()).toMatchObject({ left: 1, problem: "try-later" });
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, othersWaiting: 1, delivered: 1 });
  });

  test("is put right by an honest one, and the photo is sent", async () => {
    await report(maker, "a", photo(1000));
    const copy = await copyOf(maker);
    await takeFile(carrier.database, new Blob([(await copy.text()).replace(/"hash":"..../, '"hash":"AAAA')]));
    await carrier.push();
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, stranded: 1 });
    expect(await takeFile(carrier.database, copy)).toMatchObject({ parcels: 0, known: 1 });
    expect(await carrier.push()).toEqual({ left: 0, reached: true });
    expect(await parcelCounts(carrier.database)).toEqual({ ...none, delivered: 1 });
    expect([...server.blobs.values()].map(({ size, bytes }) => bytes.length === size)).toEqual([true]);
  });

  test("as one of the phone that takes it is carried all the same", async () => {
    await report(maker, "a");
    await report(carrier, "b");
    const [[own], [theirs]] = [await linesOf(carrier), await linesOf(maker)];
    const lie = { ...theirs, report: { ...theirs?.report, ...(own?.report as Words) } };
    expect(await takeFile(carrier.database, fileWith(lie))).toMatchObject({ parcels: 1, known: 0 });
    await carrier.push();
    // Its own one is known by its sealed text, received or not.
    expect(await takeFile(carrier.database, fileWith(own))).toMatchObject({ parcels: 0, known: 1 });
    expect(server.stored.size).toBe(2);
  });

  test("keeps the photo that comes in while its push is under way", async () => {
    await report(maker, "a", photo(1000));
    const lie = (await (await copyOf(maker)).text()).replace(/"hash":"..../, '"hash":"AAAA');
    await takeFile(carrier.database, new Blob([lie.split("\n").slice(0, 2).join("\n")]));
    server.intercept = async (_request, next) => {
      const answer = await next();
      await takeFile(carrier.database, new Blob([lie]));
      return answer;
    };
    await carrier.push();
    const [row] = await carrier.database.read(["parcels"], (t) => t.objectStore("parcels").getAll());
    expect(row).toMatchObject({ mismatch: true, attachments: [{ size: expect.any(Number) }] });
  });
});

describe("the outbox of a phone that is set up anew", () => {
  test("becomes parcels without the vault, and is sent by whoever the phone is then", async () => {
    await report(maker, "a", photo(1000));
    await report(maker, "b");
    maker.vault.lock();
    expect(await moveOutbox(maker.database)).toBe(2);
    expect(await moveOutbox(maker.database)).toBe(0);
    expect(await parcelCounts(maker.database)).toEqual({ ...none, ownWaiting: 2 });
    expect(await maker.push()).toEqual({ left: 0, reached: true });
    expect(server.stored.size).toBe(2);
    expect(await parcelCounts(maker.database)).toEqual({ ...none, delivered: 2 });
  });

  test("is never put away while headquarters lacks it", async () => {
    await report(maker, "a");
    await moveOutbox(maker.database);
    await maker.database.write(["transport"], async (t) => {
      const transport = await t.objectStore("transport").get("this");
      if (transport) await t.objectStore("transport").put({ ...transport, mission: "another" }, "this");
    });
    expect(await maker.push()).toMatchObject({ left: 0 });
    await discardStranded(maker.database);
    expect(await parcelCounts(maker.database)).toEqual({ ...none, stranded: 1, ownStranded: 1 });
    expect(server.stored.size).toBe(0);
    // What this phone cannot send another one can.
    const [copy] = await sealedCopies(maker.database);
    expect(await takeFile(carrier.database, copy as Blob)).toMatchObject({ parcels: 1 });
  });
});

describe("a phone that was set up for another mission", () => {
  const other = "0190aaaa-0000-7000-8000-0000000000ff";
  const anew = "https://anew.test";
  let isRevoked: (request: Request) => boolean;

  /** Its token of the mission before is kept, as enrolling does it. */
  beforeEach(async () => {
    isRevoked = () => false;
    await report(maker, "a", photo(1000));
    await moveOutbox(maker.database);
    await maker.database.write(["transport"], async (t) => {
      const transport = (await t.objectStore("transport").get("this")) as Transport;
      await t.objectStore("transport").put(transport, transport.mission);
      await t.objectStore("transport").put({ ...transport, mission: other, server: anew }, "this");
    });
    server.intercept = async (request, next) => {
      if (isRevoked(request)) return problem(401, "sign-in-needed");
      return request.url.startsWith(anew) ? json(200, { results: [] }) : next();
    };
  });

  test("counts its earlier reports as its own, and saves a copy of each mission", async () => {
    expect(await parcelCounts(maker.database)).toEqual({ ...none, ownWaiting: 1 });
    await report(maker, "b");
    const copies = await sealedCopies(maker.database);
    const heads = await Promise.all(copies.map(async (copy) => JSON.parse((await copy.text()).split("\n")[0] ?? "")));
    expect(heads.map(({ mission }) => mission)).toEqual([other, server.mission]);
    expect(await takeFile(carrier.database, copies[1] as Blob)).toMatchObject({ parcels: 1, isWhole: true });
  });

  test("and whose earlier reports another phone brought in, takes the receipts of those, and no more of that mission", async () => {
    const [copy] = (await sealedCopies(maker.database)).slice(-1);
    await takeFile(carrier.database, copy as Blob);
    await carrier.push();
    const receipts = (await receiptsFile(carrier.database)) as Blob;
    expect(await takeFile(maker.database, receipts)).toMatchObject({ receipted: 1, parcels: 0, isWhole: true });
    expect(await parcelCounts(maker.database)).toMatchObject({ ownWaiting: 0, ownStranded: 0 });

    await report(maker, "of the mission of today");
    expect(await takeFile(maker.database, await fileNamingTheOutbox(maker))).toMatchObject({ receipted: 0 });
    expect(await states(maker)).toEqual(["waiting"]);

    await report(carrier, "theirs");
    await expect(takeFile(maker.database, await copyOf(carrier))).rejects.toMatchObject({
      slug: "parcels-other-mission",
    });
    expect(await parcelCounts(maker.database)).toMatchObject({ othersWaiting: 0 });
  });

  test("and revoked in the first, is well with the second", async () => {
    isRevoked = (request) => request.url.startsWith(server.origin);
    const greeted = await pushOutbox({ database: maker.database, fetch: server.fetch }, true);
    expect(greeted).toEqual({ left: 1, reached: true, earlierProblem: "device-revoked" });
  });

  test("and revoked in the second, sends the reports of the first", async () => {
    isRevoked = (request) => request.url.startsWith(anew);
    const greeted = await pushOutbox({ database: maker.database, fetch: server.fetch }, true);
    expect(greeted).toEqual({ left: 0, reached: false, problem: "device-revoked" });
    expect(server.stored.size).toBe(1);
  });
});

test("a wiped phone of no mission puts away no parcel that it counts as waiting", async () => {
  await report(maker, "a");
  await takeFile(carrier.database, await copyOf(maker));
  await carrier.database.write(["transport"], (t) => t.objectStore("transport").clear());
  await discardStranded(carrier.database);
  expect(await parcelCounts(carrier.database)).toEqual({ ...none, othersWaiting: 1 });
});

describe("a file of receipts", () => {
  test("empties the outbox of the phone that made the reports", async () => {
    await report(maker, "a", photo(1000));
    await report(maker, "b");
    await takeFile(carrier.database, await copyOf(maker));
    await carrier.push();
    const receipts = (await receiptsFile(carrier.database)) as Blob;
    expect(await takeFile(maker.database, receipts)).toMatchObject({ receipted: 2, isWhole: true });
    expect(await states(maker)).toEqual(["received", "received"]);
    expect(await takeFile(maker.database, receipts)).toMatchObject({ receipted: 0 });
  });

  test("or the same list with a pull, empties it too, the photo's by the next push", async () => {
    await report(maker, "a", photo(1000));
    await report(maker, "b");
    await takeFile(carrier.database, await copyOf(maker));
    await carrier.push();
    const [list] = await carrier.database.read(["receiptLists"], (t) => t.objectStore("receiptLists").getAll());
    server.receiptsByPull = list;
    // Headquarters cannot take it now, as it says, and has it already.
    const empty = await server.signReceipt({ mission: server.mission, device: "d", at: "", items: [] });
    const later = { results: [{ status: "retry" }, { status: "retry" }], receipts: empty };
    server.intercept = async (request, next) => (request.url.endsWith("/sync/push") ? json(200, later) : next());
    await maker.rounds.run();
    expect((await states(maker)).toSorted()).toEqual(["received", "waiting"]);
    const pieces: string[] = [];
    server.intercept = async (request, next) => {
      if (request.method === "PATCH") pieces.push(request.url);
      return next();
    };
    await maker.rounds.run();
    expect(await states(maker)).toEqual(["received", "received"]);
    // The photo is not sent a second time.
    expect(pieces).toEqual([]);
  });

  test("signed by somebody else empties nothing", async () => {
    await report(maker, "a");
    const forged = await fileNamingTheOutbox(maker, await newKey(["sign"], "ECDSA"));
    expect(await takeFile(maker.database, forged)).toMatchObject({ receipted: 0 });
    expect(await states(maker)).toEqual(["waiting"]);
  });
});

/** Cuts a file in the middle of a line after its first: lines are as many in every run, their lengths are not. */
async function cutAt(file: Blob, fraction: number): Promise<Blob> {
  const lines = (await file.text()).trimEnd().split("\n");
  const whole = 1 + Math.floor(fraction * (lines.length - 1));
  const half = lines[whole]?.slice(0, (lines[whole]?.length ?? 0) >> 1) ?? "";
  return new Blob([[...lines.slice(0, whole), half].join("\n")]);
}

test("any order and repetition of own push, carriers and receipts brings one report each and empties every phone", async () => {
  // A small fixed pseudo-random walk: each step's draws come before it and know nothing of what it does, or of sizes.
  let seed = 2021;
  const draw = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const second = await enrolledPhone(server);
  const made: string[] = [];
  for (let step = 0; step < 40; step++) {
    const [which, loss, cut, end, choice] = [draw(), draw(), draw(), draw(), draw()] as const;
    const other = which < 0.5 ? carrier : second;
    const isLossy = loss < 0.25;
    server.intercept = async (_request, next) => {
      const answer = await next();
      if (isLossy) throw new TypeError("the answer was lost");
      return answer;
    };
    const [copy] = await sealedCopies(maker.database);
    const steps = [
      async () => made.push((await report(maker, `report ${step}`, step % 2 ? photo(100 + step) : undefined)).revision),
      () => pushOutbox({ database: maker.database, fetch: server.fetch }, false),
      async () => copy && takeFile(other.database, cut < 0.5 ? copy : await cutAt(copy, end)),
      () => other.push(),
      async () => {
        const receipts = await receiptsFile(other.database);
        if (receipts) await takeFile(maker.database, receipts);
      },
    ];
    const before = new Set(server.stored.keys());
    await steps[Math.floor(choice * steps.length)]?.();
    // Nothing leaves a phone that the server does not hold.
    for (const { revision, state } of await maker.outbox.list())
      if (state === "received") expect(server.stored.has(revision)).toBe(true);
    expect([...before].every((id) => server.stored.has(id))).toBe(true);
  }
  server.intercept = (_request, next) => next();
  for (const phone of [second, carrier, maker]) expect(await phone.push()).toMatchObject({ left: 0 });
  expect([...server.stored.keys()].toSorted()).toEqual(made.toSorted());
  expect(new Set(await states(maker))).toEqual(new Set(["received"]));
  for (const phone of [carrier, second])
    expect(await parcelCounts(phone.database)).toMatchObject({ othersWaiting: 0, stranded: 0 });
});
