/** The whole story of a report, through what screens get to work with, over a server kept in memory. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { version } from "../../package.json";
import { cheap, checklistId, definition, passphrase } from "../testing/phone";
import { problem, TestServer } from "../testing/server";
import { openDatabase } from "../vault/database";
import { RecordVault } from "../vault/vault";
import { openField } from "./open";
import { checkFact, toolState } from "./phoneCheck";

let server: TestServer;
let database: string;

beforeEach(async () => {
  server = await TestServer.start();
  server.publish(checklistId, definition);
  database = `field-${crypto.randomUUID()}`;
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const stored = new Map<string, string>();
  vi.stubGlobal("document", page);
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal("addEventListener", () => undefined);
});

afterEach(() => vi.unstubAllGlobals());

const open = () =>
  openField({ fetch: server.fetch, server: server.origin, database, cost: cheap, downscale: async (file) => file });

test("enrol, download, fill, die, come back, finish, send: the report is received once", async () => {
  const first = await open();
  expect(first.vault.state).toBe("absent");
  await first.vault.create(passphrase);
  expect(await first.identity()).toBeUndefined();
  expect((await first.enrol("ABCDE-FGHJK-MNPQR-STVWX")).team.code).toBe("LTO05");
  await first.sync.now();
  const [checklist] = await first.checklists.list();
  if (!checklist) throw new Error("no checklist came");
  server.intercept = async () => {
    throw new TypeError("offline");
  };
  const draft = await first.drafts.start(checklist.id);
  const photo = await first.attachments.add(draft.submission, new Blob(["a photo"], { type: "image/jpeg" }), {
    as: "picture",
  });
  await first.drafts.save({ ...draft, answers: { who: "the akim", board: photo.sha256 } });

  const second = await open();
  expect(second.vault.state).toBe("locked");
  expect(await second.identity()).toBeUndefined();
  await expect(second.drafts.list()).rejects.toMatchObject({ slug: "locked" });
  expect(await second.vault.unlock("wrong")).toBe(false);
  expect(await second.vault.unlock(passphrase)).toBe(true);
  const [found] = await second.drafts.list();
  if (!found) throw new Error("the draft is gone");
  const item = await second.outbox.finish(found, found.answers, undefined);
  expect(item).toMatchObject({ code: "LTO05-A001", state: "waiting", attachments: { total: 1, received: 0 } });
  await second.sync.now();
  expect(second.sync.status()).toMatchObject({ waiting: 1, problem: "no-contact", state: "idle" });

  server.intercept = (_request, next) => next();
  const changed = vi.fn();
  second.outbox.subscribe(changed);
  await second.sync.now();
  expect(changed).toHaveBeenCalled();
  expect(second.sync.status()).toMatchObject({ waiting: 0, lastContactAt: expect.any(String) });
  expect(second.sync.status().problem).toBeUndefined();
  expect(await second.outbox.list()).toMatchObject([{ state: "received", attachments: { total: 1, received: 1 } }]);
  expect(await second.outbox.answers(item.revision)).toEqual(found.answers);
  expect(server.stored.size).toBe(1);
  expect(await second.drafts.list()).toEqual([]);
});

test("a phone with a new code no longer says that it is refused, also while its old token is still being answered", async () => {
  const phone = await open();
  await phone.vault.create(passphrase);
  await phone.enrol("ABCDE-FGHJK-MNPQR-STVWX");
  await phone.sync.now();
  const refusal = problem(401, "sign-in-needed");
  server.intercept = async () => refusal.clone();
  await phone.sync.now();
  expect(phone.sync.status().problem).toBe("device-revoked");

  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.intercept = async (request, next) => {
    if (!request.url.includes("/sync/")) return next();
    await answered;
    return refusal.clone();
  };
  const round = phone.sync.now();
  await phone.enrol("ABCDE-FGHJK-MNPQR-STVWX");
  expect(phone.sync.status().problem).toBeUndefined();
  const said: (string | undefined)[] = [];
  phone.sync.subscribe(({ problem }) => said.push(problem));
  answer();
  server.intercept = (_request, next) => next();
  await round;
  expect(said.filter((slug) => slug !== undefined)).toEqual([]);
});

test("a phone opened without a network knows what waits and when it last reached headquarters", async () => {
  const first = await open();
  await first.vault.create(passphrase);
  await first.enrol("ABCDE-FGHJK-MNPQR-STVWX");
  await first.sync.now();
  server.intercept = async () => {
    throw new TypeError("offline");
  };
  const [checklist] = await first.checklists.list();
  const draft = await first.drafts.start(checklist?.id ?? "");
  await first.outbox.finish(draft, { who: "the akim" }, undefined);
  const second = await open();
  expect(second.sync.status()).toMatchObject({ waiting: 1, lastContactAt: first.sync.status().lastContactAt });
});

test("settings survive, and say nothing of the mission", async () => {
  const field = await open();
  expect(field.settings.get()).toMatchObject({ theme: "system", autoLockMinutes: 5 });
  field.settings.set({ language: "kk", theme: "dark" });
  expect((await open()).settings.get()).toMatchObject({ language: "kk", theme: "dark", textSize: "normal" });
  expect(localStorage.getItem("steppe-language")).toBe("kk");
});

test("a second tab may read and not write", async () => {
  vi.stubGlobal("navigator", {
    ...navigator,
    userAgent: "",
    languages: ["ru-KZ"],
    // Another tab holds it, and never lets go.
    locks: {
      request: async (_name: string, _how: unknown, ifFree?: (lock: null) => unknown) =>
        ifFree ? ifFree(null) : new Promise(() => undefined),
    },
  });
  const field = await open();
  expect(field.readOnly).toBe(true);
  await expect(field.vault.create(passphrase)).rejects.toMatchObject({ slug: "read-only" });
  await expect(field.drafts.start(checklistId)).rejects.toMatchObject({ slug: "read-only" });
  expect(field.settings.get().language).toBe("ru");
});

test("finishing destroys no recording that is not in the report", async () => {
  const field = await open();
  await field.vault.create(passphrase);
  await field.enrol("ABCDE-FGHJK-MNPQR-STVWX");
  await field.sync.now();
  const draft = await field.drafts.start(checklistId);
  const purpose = { submission: draft.submission, path: "board", keeping: { as: "it-is" }, type: "audio" } as const;
  const capture = await field.captures.begin(purpose);
  await capture.add(new Blob(["said"]));
  await capture.end();
  await expect(field.outbox.finish(draft, {}, undefined)).rejects.toMatchObject({ slug: "capture-waits" });
  const [waiting] = await field.captures.waiting(draft.submission);
  if (!waiting) throw new Error("the recording is gone");
  expect(await (await field.captures.file(waiting)).file.text()).toBe("said");
  await field.captures.drop(waiting.id);
  expect(await field.outbox.finish(draft, {}, undefined)).toMatchObject({ state: "waiting" });
});

test("a check of the phone writes, reads and stretches for real, leaves nothing behind, and says when a phone gives back something else", async () => {
  const field = await open();
  await field.vault.create(passphrase);
  const good = await field.checkPhone();
  expect(good.journalMs).toBeGreaterThanOrEqual(0);
  expect(good.keysMs).toBeGreaterThan(0);
  expect(good).toMatchObject({ isWorkerInCharge: false });
  expect(good).not.toHaveProperty("clock");
  const real = RecordVault.prototype.get;
  // Of that row alone: what still runs of the app reads others.
  vi.spyOn(RecordVault.prototype, "get").mockImplementation(async function (this: RecordVault, store, id) {
    return id === "phone-check" ? "something else" : real.call(this, store, id);
  } as typeof real);
  expect(await field.checkPhone()).not.toHaveProperty("journalMs");
  const left = await openDatabase(database).read(["places"], (t) => t.objectStore("places").count());
  expect(left).toBe(0);
});

describe("of a check headquarters is told", () => {
  const check = { journalMs: 3, keysMs: 900, isWorkerInCharge: true };
  const storage = {
    persisted: true,
    usedBytes: 12_345_678,
    quotaBytes: 1_262_345_678,
    backgroundSync: true,
    standalone: true,
  };
  const tools = { camera: "works", position: "untried" } as const;
  const now = Date.UTC(2021, 0, 10, 9);

  test("the day, what works, and the room in round numbers", () => {
    expect(checkFact(check, storage, tools, now)).toEqual({
      day: "2021-01-10",
      version,
      reads_back: true,
      opens_offline: true,
      is_persisted: true,
      room_mb: 1200,
      ...tools,
    });
    const bad = checkFact({ keysMs: 1, isWorkerInCharge: false }, { ...storage, persisted: false }, tools, now);
    expect(bad).toMatchObject({ reads_back: false, opens_offline: false, is_persisted: false });
  });

  test.each([
    ["a full phone", 12_345_678, 0],
    ["a phone over its bound", 1, 0],
    ["a large phone, like any other", 900e9, 10_000],
    ["a browser that does not tell", undefined, undefined],
  ])("the room of %s", (_, quotaBytes, room) => {
    const { quotaBytes: _told, ...rest } = storage;
    const told = checkFact(check, { ...rest, ...(quotaBytes === undefined ? {} : { quotaBytes }) }, tools, now);
    expect(told.room_mb).toBe(room);
  });

  test("the day by headquarters' clock where the phone's is wrong", () => {
    const clock = { ahead: 24 * 3_600_000, within: 500, at: now };
    expect(checkFact({ ...check, clock }, storage, tools, now).day).toBe("2021-01-09");
  });

  test("what came of a tool when it was tried, and else whether the browser refuses it", () => {
    expect([toolState(undefined, "denied"), toolState(false, "denied"), toolState(true, "granted")]).toEqual([
      "refused",
      "refused",
      "works",
    ]);
    expect([toolState(false, "granted"), toolState(undefined, "granted"), toolState(undefined, undefined)]).toEqual([
      "failed",
      "untried",
      "untried",
    ]);
  });
});
