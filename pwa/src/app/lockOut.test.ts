/** A phone that hears nothing for too long, from start to start of the app, by a clock that the test sets. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isNear, isOver, silenceOf } from "../people/silence";
import { pushOutbox } from "../sync/push";
import { cheap, checklistId, definition, everythingStored, passphrase } from "../testing/phone";
import { problem, TestServer } from "../testing/server";
import { openDatabase } from "../vault/database";
import { type StoreName, sealedStores } from "../vault/schema";
import type { Field } from "./field";
import { openField } from "./open";

const day = 24 * 60 * 60_000;
const begun = Date.UTC(2021, 0, 1, 8);
let server: TestServer;
let database: string;

function memory() {
  const stored = new Map<string, string>();
  return {
    get length() {
      return stored.size;
    },
    key: (at: number) => [...stored.keys()][at] ?? null,
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
}

const offline = async () => {
  throw new TypeError("offline");
};
const online: TestServer["intercept"] = (_request, next) => next();
const at = (days: number) => vi.setSystemTime(begun + days * day);
const count = (store: StoreName) => openDatabase(database).read([store], (t) => t.objectStore(store).count());

/** The app is started after so many days; whoever has it open does not touch it. */
async function start(days: number): Promise<Field> {
  at(days);
  return openField({ fetch: server.fetch, server: server.origin, database, cost: cheap, downscale: async (f) => f });
}

/** Set up, with a report that waits and a draft; out of contact from then on. */
async function setUp(days: number | undefined): Promise<void> {
  server.lockOutDays = days;
  const field = await start(0);
  await field.vault.create(passphrase);
  await field.enrol("ABCDE-FGHJK-MNPQR-STVWX");
  await field.sync.now();
  server.intercept = offline;
  const finished = await field.drafts.start(checklistId);
  await field.outbox.finish(finished, { who: "the akim" }, undefined);
  const draft = await field.drafts.start(checklistId);
  await field.drafts.save({ ...draft, answers: { who: "a source" } });
  await field.sync.now();
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: begun });
  server = await TestServer.start();
  server.safety = { epoch: 1, safe_seq: 0 };
  server.publish(checklistId, definition);
  database = `field-${crypto.randomUUID()}`;
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("localStorage", memory());
  vi.stubGlobal("sessionStorage", memory());
  vi.stubGlobal("addEventListener", () => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a phone that has heard nothing for longer than its mission allows", () => {
  test("says so at the first start that finds it, and wipes itself at one a day later; what was finished is sent", async () => {
    await setUp(30);
    expect((await start(19)).sync.status().silence).toBeUndefined();
    const near = (await start(21)).sync.status().silence;
    expect(near).toEqual({ days: 21, of: 30 });
    const first = await start(31);
    expect(first.vault.state).toBe("locked");
    expect(first.sync.status().silence).toEqual({ days: 31, of: 30, found: begun + 31 * day });
    const sameDay = await start(31.9);
    expect(sameDay.sync.status().silence).toEqual({ days: 31, of: 30, found: begun + 31 * day });
    expect(await sameDay.vault.unlock(passphrase)).toBe(true);
    expect(await sameDay.drafts.list()).toHaveLength(1);

    const later = await start(32.1);
    expect(later.vault.state).toBe("absent");
    expect(await later.isEnrolled()).toBe(false);
    for (const store of [...sealedStores, "wrap", "outbox"] as const) expect(await count(store)).toBe(0);
    expect(localStorage.length).toBe(0);
    const stored = await everythingStored(openDatabase(database));
    for (const word of ["the akim", "a source", "access", "LTO05"]) expect(stored).not.toContain(word);
    expect(await count("parcels")).toBe(1);
    // The next start is that of a phone nobody has set up, and the worker sends what was sealed.
    const after = await start(40);
    expect([after.vault.state, after.sync.status().silence]).toEqual(["absent", undefined]);
    server.intercept = online;
    await pushOutbox({ database: openDatabase(database), fetch: server.fetch }, false);
    expect(server.stored.size).toBe(1);
    expect(await count("parcels")).toBe(0);
  });

  test("keeps everything where that start reaches headquarters", async () => {
    await setUp(30);
    await start(31);
    server.intercept = online;
    const field = await start(33);
    expect(field.vault.state).toBe("locked");
    await vi.waitFor(() => expect(field.sync.status()).toMatchObject({ state: "idle", waiting: 0 }));
    expect(field.sync.status().silence).toBeUndefined();
    expect(await count("drafts")).toBe(1);
    // And the days are counted anew, with a day between finding and wiping as before.
    server.intercept = offline;
    expect((await start(62.9)).sync.status().silence?.found).toBeUndefined();
    expect((await start(64)).sync.status().silence?.found).toBe(begun + 64 * day);
    expect((await start(64.5)).vault.state).toBe("locked");
  });

  test("keeps everything where the service worker reached headquarters in between", async () => {
    await setUp(30);
    await start(31);
    server.intercept = online;
    await pushOutbox({ database: openDatabase(database), fetch: server.fetch }, true);
    server.intercept = offline;
    expect((await start(33)).vault.state).toBe("locked");
  });

  test("is not taken in by somebody who answers in the server's place", async () => {
    await setUp(30);
    await start(31);
    server.intercept = async () => problem(503, "try-later");
    expect((await start(33)).vault.state).toBe("absent");
  });
});

describe("a clock that was set", () => {
  test("forward by a year wipes nothing at once, and nothing after it was set right", async () => {
    await setUp(30);
    const wrong = await start(365);
    expect(wrong.vault.state).toBe("locked");
    expect(wrong.sync.status().silence).toMatchObject({ days: 365, found: begun + 365 * day });
    expect((await start(2)).sync.status().silence).toBeUndefined();
    // Found over for the first time, whatever an earlier start had found by a wrong clock.
    expect((await start(366)).vault.state).toBe("locked");
    expect((await start(366.5)).vault.state).toBe("locked");
    expect((await start(367.1)).vault.state).toBe("absent");
  });

  test("back before the note, and still over, begins the day anew", async () => {
    await setUp(30);
    await start(365);
    expect((await start(40)).sync.status().silence?.found).toBe(begun + 40 * day);
    expect((await start(40.9)).vault.state).toBe("locked");
    expect((await start(41)).vault.state).toBe("absent");
  });

  test("back before the last contact counts no day", async () => {
    await setUp(30);
    expect((await start(-400)).sync.status().silence).toBeUndefined();
  });

  test("wrong by two years all along counts as a right one", async () => {
    server.behind = 730 * day;
    await setUp(30);
    expect((await start(19)).sync.status().silence).toBeUndefined();
    expect((await start(29)).sync.status().silence).toEqual({ days: 29, of: 30 });
    expect((await start(30)).sync.status().silence).toMatchObject({ days: 30 });
  });
});

test("without a word of the mission no phone locks itself out", async () => {
  await setUp(undefined);
  const field = await start(1000);
  expect([field.vault.state, field.sync.status().silence]).toEqual(["locked", undefined]);
  expect((await start(1002)).vault.state).toBe("locked");
});

test("what the mission says later holds from the next contact on, and what it takes back is over", async () => {
  await setUp(undefined);
  server.intercept = online;
  for (const [days, policy, after, silence] of [
    [1, { local_copy: "keep", lock_out_days: 10 }, 9, { days: 9, of: 10 }],
    [12, { local_copy: "keep", lock_out_days: 20 }, 9, undefined],
    [24, { local_copy: "keep" }, 19, undefined],
  ] as const) {
    server.intercept = online;
    const field = await start(days);
    await field.vault.unlock(passphrase);
    server.change("mission", server.mission, { id: server.mission, code: "KZ2021", name: {}, policy });
    await field.sync.now();
    server.intercept = offline;
    expect((await start(days + after)).sync.status().silence).toEqual(silence);
  }
});

test("days are said from two thirds on, and are over when all are", () => {
  const heard = new Date(begun).toISOString();
  const after = (days: number) => silenceOf({ lockOutDays: 10 }, heard, undefined, begun + days * day);
  expect([6.9, 7, 9.99].map(after)).toEqual([undefined, { days: 7, of: 10 }, { days: 9, of: 10 }]);
  const over = after(10);
  expect(over && [isNear(over), isOver(over)]).toEqual([true, true]);
  for (const unheard of [undefined, ""])
    expect(silenceOf({ lockOutDays: 10 }, unheard, undefined, begun)).toBeUndefined();
});
