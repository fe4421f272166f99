import { beforeEach, describe, expect, test } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { captivePortal, json, newKey, problem, TestServer } from "../testing/server";
import { batched, pushOutbox } from "./push";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const states = async () => (await phone.outbox.list()).map(({ state }) => state);

describe("a report leaves the outbox", () => {
  test("when its receipt is verified, and the receipt is kept", async () => {
    await report(phone, "the akim");
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    const [item] = await phone.outbox.list();
    expect(item?.state).toBe("received");
    expect(item?.receivedAt).toBeDefined();
    const kept = await phone.database.read(["receiptLists"], (t) => t.objectStore("receiptLists").getAll());
    expect(kept).toHaveLength(1);
  });

  test("once, however often it is pushed", async () => {
    await report(phone, "the akim");
    server.intercept = async (_request, next) => {
      await next();
      throw new TypeError("the answer was lost");
    };
    expect(await phone.push()).toMatchObject({ left: 1, problem: "no-contact" });
    expect(await phone.push()).toMatchObject({ left: 1, problem: "no-contact" });
    server.intercept = (_request, next) => next();
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(server.stored.size).toBe(1);
  });

  test("with the vault locked", async () => {
    await report(phone, "the akim");
    phone.vault.lock();
    expect(await phone.push()).toEqual({ left: 0, reached: true });
  });

  test("also when two push at the same time", async () => {
    await report(phone, "the akim");
    await Promise.all([phone.push(), phone.push()]);
    expect(await states()).toEqual(["received"]);
    expect(server.stored.size).toBe(1);
  });
});

describe("a report stays in the outbox", () => {
  /** Answers a push with a 200 whose receipts are made by `forge`. */
  const answerWith = (forge: (row: { id: string; hash: string; sealed: string }) => Promise<string | undefined>) => {
    server.intercept = async () => {
      const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
      const { revision: id, hash, sealedHash: sealed } = row as NonNullable<typeof row>;
      return json(200, { results: [{ status: "stored", id, hash }], receipts: await forge({ id, hash, sealed }) });
    };
  };
  const list = (mission: string, ...items: unknown[]) => ({ mission, device: "d", at: "2021-01-10T08:00:00Z", items });
  const fact = { seq: 1, device_seq: 1, at: "2021-01-10T08:00:00Z" };

  test.each([
    [
      "signed by another key",
      async (id: string, hash: string) => {
        return server.signReceipt(list(server.mission, { id, hash, ...fact }), await newKey(["sign"], "ECDSA"));
      },
    ],
    ["of another mission", (id: string, hash: string) => server.signReceipt(list("other", { id, hash, ...fact }))],
    ["about other content", (id: string) => server.signReceipt(list(server.mission, { id, hash: "other", ...fact }))],
    [
      "about another report",
      (_id: string, hash: string) => server.signReceipt(list(server.mission, { id: "other", hash, ...fact })),
    ],
    ["that leaves it out", () => server.signReceipt(list(server.mission))],
    ["with an entry that says nothing", () => server.signReceipt(list(server.mission, {}))],
    ["that is missing", async () => undefined],
    ["that is no JWS", async () => "a.b.c"],
  ])("for a receipt %s", async (_how, forge) => {
    await report(phone, "the akim");
    answerWith(({ id, hash }) => forge(id, hash));
    expect(await phone.push()).toMatchObject({ left: 1, problem: expect.any(String) });
    expect(await states()).toEqual(["waiting"]);
  });

  test("when a captive portal answers", async () => {
    await report(phone, "the akim");
    server.intercept = async () => captivePortal();
    expect(await phone.push()).toEqual({ left: 1, reached: false, problem: "not-the-server" });
    server.intercept = async () => json(200, { ok: true });
    expect(await phone.push()).toEqual({ left: 1, reached: false, problem: "not-the-server" });
    server.intercept = async () => new Response(null, { status: 302, headers: { Location: "http://portal.test/" } });
    expect(await phone.push()).toEqual({ left: 1, reached: false, problem: "not-the-server" });
  });

  test("when the server asks to come later, and its patience is passed on", async () => {
    await report(phone, "the akim");
    server.intercept = async () => problem(503, "try-later", { "Retry-After": "30" });
    expect(await phone.push()).toEqual({ left: 1, reached: false, problem: "try-later", retryAfterSeconds: 30 });
  });

  test("when the device was revoked", async () => {
    await report(phone, "the akim");
    server.intercept = async () => problem(401, "sign-in-needed");
    expect(await phone.push()).toMatchObject({ left: 1, problem: "device-revoked" });
  });
});

test("an item the server could not read is receipted by its sealed text, and shown as kept aside", async () => {
  await report(phone, "the akim");
  server.intercept = async () => {
    const [row] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
    const items = [{ sealed: row?.sealedHash, seq: 7, at: "2021-01-10T08:00:00Z" }];
    const receipts = await server.signReceipt({ mission: server.mission, device: "d", at: "", items });
    return json(200, { results: [{ status: "quarantined", reason: "unreadable" }], receipts });
  };
  await phone.push();
  expect((await phone.outbox.list())[0]).toMatchObject({ state: "quarantined", reason: "unreadable" });
});

test("one report the server cannot take does not hold up the others", async () => {
  for (const who of ["a", "b", "c", "d", "e"]) await report(phone, who);
  const [poison] = await phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
  server.intercept = async (request, next) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const items = await new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    return items.includes(new TextDecoder().decode(poison?.sealed)) ? problem(413, "too-large") : next();
  };
  expect(await phone.push()).toEqual({ left: 1, reached: true, problem: "too-large" });
  expect(server.stored.size).toBe(4);
});

/** Whether a push holds a report, by what it was answered with. */
async function carries(request: Request, who: string): Promise<boolean> {
  const packed = new Blob([await request.arrayBuffer()]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { items } = JSON.parse(await new Response(packed).text()) as { items: string[] };
  const revisions = await Promise.all(items.map((item) => server.read(item)));
  return revisions.some(({ revision }) => revision.patch.who === who);
}

test.each([
  ["500", () => problem(500, "unexpected")],
  ["a page of somebody else", () => captivePortal()],
])("a report answered with %s in every batch is passed by after three rounds, and says so", async (_what, answer) => {
  for (const who of ["a", "b", "poison", "d", "e"]) await report(phone, who);
  server.intercept = async (request, next) =>
    request.url.endsWith("/push") && (await carries(request.clone(), "poison")) ? answer() : next();
  for (const stored of [0, 0, 4]) {
    await phone.push();
    expect(server.stored.size).toBe(stored);
  }
  const before = server.requests.length;
  await phone.push();
  // By itself, and a greeting.
  expect(server.requests.length - before).toBe(2);
  expect((await phone.outbox.list()).map(({ state, trouble }) => [state, trouble !== undefined])).toEqual([
    ["received", false],
    ["received", false],
    ["waiting", true],
    ["received", false],
    ["received", false],
  ]);
  server.intercept = (_request, next) => next();
  expect(await phone.push()).toEqual({ left: 0, reached: true });
});

test("headquarters is told at once what has not arrived in three rounds, and that it did", async () => {
  for (const who of ["a", "poison"]) await report(phone, who);
  server.intercept = async (request, next) =>
    request.url.endsWith("/push") && (await carries(request.clone(), "poison")) ? problem(500, "unexpected") : next();
  await phone.push();
  await phone.push();
  expect(server.saidOfPhone.filter(({ troubles }) => troubles)).toEqual([]);
  await phone.push();
  expect(server.saidOfPhone.at(-1)?.troubles).toEqual([{ slug: "try-later", count: 1 }]);
  server.intercept = (_request, next) => next();
  await phone.push();
  expect(server.stored.size).toBe(2);
  expect(server.saidOfPhone.at(-1)?.troubles).toBeUndefined();
});

test("a server at rest is asked no more often for many reports than for one, however long it rests", async () => {
  for (const who of ["a", "b", "c", "d"]) await report(phone, who);
  server.intercept = async () => problem(503, "try-later");
  for (let round = 1; round <= 5; round++) {
    const before = server.requests.length;
    await phone.push();
    expect(server.requests.length - before).toBeLessThanOrEqual(2);
  }
});

test("a file whose upload fails holds up neither the next report nor its files", async () => {
  const photo = (text: string) => new Blob([text], { type: "image/jpeg" });
  await report(phone, "first", photo("never taken"));
  await report(phone, "second", photo("taken"));
  let refused: string | undefined;
  server.intercept = async (request, next) => {
    const name = request.headers.get("Upload-Metadata");
    refused ??= name ?? undefined;
    return name !== null && name === refused ? problem(500, "unexpected") : next();
  };
  await phone.push();
  expect((await phone.outbox.list()).map(({ state }) => state)).toEqual(["received", "waiting"]);
  await phone.push();
  await phone.push();
  expect((await phone.outbox.list()).map(({ trouble }) => trouble)).toEqual([undefined, "try-later"]);
});

test("batches hold at most 50 items and 1 MiB", () => {
  const row = (size: number, deviceSeq: number) => ({
    revision: String(deviceSeq),
    submission: "",
    deviceSeq,
    hash: "",
    sealed: new ArrayBuffer(size),
    sealedHash: "",
    attachments: [],
  });
  expect(batched(Array.from({ length: 120 }, (_, n) => row(800, n))).map(({ length }) => length)).toEqual([50, 50, 20]);
  const large = batched(Array.from({ length: 5 }, (_, n) => row(400_000, n)));
  expect(large.map(({ length }) => length)).toEqual([2, 2, 1]);
});

describe("what headquarters hears of the phone's clock", () => {
  const minute = 60_000;
  const day = 24 * 60 * minute;
  const greet = () => pushOutbox({ database: phone.database, fetch: server.fetch }, true);
  const told = () => server.saidOfPhone.splice(0).map(({ clock }) => clock && Math.round(clock.ahead / minute) + 0);

  test("comes with each push, and again at once when the answer shows something else", async () => {
    await greet();
    expect(told()).toEqual([undefined]);
    await greet();
    expect(told()).toEqual([0]);
    server.behind = day;
    await report(phone, "a");
    await greet();
    expect(told()).toEqual([0, day / minute]);
    await greet();
    expect(told()).toEqual([day / minute]);
    server.behind = 0;
    await greet();
    expect(told()).toEqual([day / minute, 0]);
    expect(server.stored.size).toBe(1);
  });

  test("spoils no round when it does not get through", async () => {
    server.behind = day;
    const before = server.requests.length;
    server.intercept = (_request, next) =>
      server.requests.length > before + 1 ? Promise.reject(new TypeError("no network")) : next();
    expect(await greet()).toEqual({ left: 0, reached: true });
    expect(server.requests.length).toBe(before + 2);
    server.intercept = (_request, next) => next();
    await greet();
    expect(told()).toEqual([undefined, day / minute]);
  });
});

describe("a check of the phone", () => {
  const fact = {
    day: "2021-01-08",
    version: "1.4.0",
    reads_back: true,
    opens_offline: true,
    is_persisted: true,
    camera: "works",
    position: "untried",
  } as const;
  const note = (change: object = {}) =>
    phone.database.write(["check"], (t) => t.objectStore("check").put({ ...fact, ...change }, "last"));
  const greet = () => pushOutbox({ database: phone.database, fetch: server.fetch }, true);
  const told = () => server.saidOfPhone.splice(0).map(({ check }) => check?.day);

  test("is told until a server says that it reads it, with the vault locked too", async () => {
    await note();
    phone.vault.lock();
    await greet();
    await greet();
    expect(server.saidOfPhone.at(-1)?.check).toEqual(fact);
    server.reads = ["clock", "check"];
    await greet();
    await greet();
    expect(told()).toEqual([fact.day, fact.day, fact.day, undefined]);
  });

  test("is told again when the answer was lost, and never instead of a later one", async () => {
    server.reads = ["clock", "check"];
    await note();
    server.intercept = async (_request, next) => {
      await next();
      throw new TypeError("the answer was lost");
    };
    await greet();
    server.intercept = async (_request, next) => {
      await note({ day: "2021-01-09" });
      return next();
    };
    await greet();
    server.intercept = (_request, next) => next();
    await greet();
    await greet();
    expect(told()).toEqual(["2021-01-08", "2021-01-08", "2021-01-09", undefined]);
  });
});
