/** What the screens look at, over the field's parts kept in memory. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { announce, spoken } from "../ui/announce.svelte";
import type { VaultState } from "../vault/vault";
import type { Field } from "./field";
import { Session } from "./session.svelte";

const draft = { submission: "d1", checklist: "voting-1", savedAt: "2021-01-10T09:00:00Z" };
const definition = { title: { en: "Voting" } };

/** A promise and what settles it. */
function pending<Value>() {
  let settle: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

class PhoneInMemory {
  tell: (state: VaultState) => void = () => undefined;
  outbox: () => Promise<unknown[]> = () => Promise.resolve([]);
  enrolled: () => Promise<boolean> = () => Promise.resolve(true);
  readonly field = {
    vault: {
      state: "open",
      subscribe: (listener: (state: VaultState) => void) => {
        this.tell = listener;
        return () => undefined;
      },
    },
    sync: { status: () => ({ state: "idle", waiting: 0 }), subscribe: () => () => undefined },
    settings: { get: () => ({ language: "en", theme: "system", textSize: "normal", autoLockMinutes: 5 }) },
    identity: () => Promise.resolve({ mission: {} }),
    isEnrolled: () => this.enrolled(),
    checklists: { list: () => Promise.resolve([]), definition: () => Promise.resolve(definition) },
    drafts: { list: () => Promise.resolve([draft]) },
    queries: { list: () => Promise.resolve([]) },
    outbox: { list: () => this.outbox(), subscribe: () => () => undefined },
    storage: () => Promise.resolve({}),
    places: { load: () => Promise.resolve(undefined) },
  } as unknown as Field;
}

beforeEach(() => void vi.stubGlobal("document", { documentElement: { dataset: {} } }));
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("nothing is shown before the lists above it are known: identity, drafts with their checklists and outbox come at once", async () => {
  const phone = new PhoneInMemory();
  const late = pending<unknown[]>();
  phone.outbox = () => late.promise;
  const session = new Session(phone.field);
  await settled();
  expect([session.identity, session.drafts, session.outbox]).toEqual([undefined, undefined, undefined]);
  late.settle([]);
  await settled();
  expect([session.identity, session.drafts, session.outbox]).toEqual([{ mission: {} }, [draft], []]);
  expect(session.definitions.get("voting-1")).toBe(definition);
});

test("what cannot be read keeps the rest from nobody, and is told", async () => {
  const phone = new PhoneInMemory();
  const session = new Session(phone.field);
  await settled();
  phone.outbox = () => Promise.reject(new Error("damaged"));
  await expect(session.load()).rejects.toThrow("damaged");
  expect(session.drafts).toEqual([draft]);
});

test("what is still being read when the phone locks is not shown, and what was announced is taken back", async () => {
  const phone = new PhoneInMemory();
  const session = new Session(phone.field);
  await settled();
  const late = pending<unknown[]>();
  phone.outbox = () => late.promise;
  const loading = session.load();
  announce("LTO05-A001 is finished and queued.");
  phone.tell("locked");
  late.settle([]);
  await loading;
  expect([session.identity, session.drafts, session.outbox, spoken()]).toEqual([undefined, undefined, undefined, ""]);
});

test("whether somebody is enrolled is known before anything is drawn, and again whenever the phone is locked", async () => {
  const phone = new PhoneInMemory();
  phone.enrolled = () => Promise.resolve(false);
  vi.spyOn(phone.field, "identity").mockResolvedValue(undefined);
  const session = await Session.begin(phone.field);
  expect(session.isEnrolled).toBe(false);
  phone.enrolled = () => Promise.resolve(true);
  phone.tell("locked");
  await settled();
  expect(session.isEnrolled).toBe(true);
});

test("a phone that cannot say whether somebody is enrolled still asks for the passphrase", async () => {
  const phone = new PhoneInMemory();
  const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  phone.enrolled = () => Promise.reject(new Error("no disk"));
  expect((await Session.begin(phone.field)).isEnrolled).toBe(true);
  expect(warned).toHaveBeenCalledOnce();
});

test("places that cannot be read keep back nothing of how full the phone is, and are told", async () => {
  const phone = new PhoneInMemory();
  const session = new Session(phone.field);
  await settled();
  vi.spyOn(phone.field, "storage").mockResolvedValue({ persisted: true, backgroundSync: false, standalone: false });
  vi.spyOn(phone.field.places, "load").mockRejectedValue(new Error("torn"));
  await expect(session.load()).rejects.toThrow("torn");
  expect(session.storage).toMatchObject({ persisted: true });
});

test("a page whose phone is being wiped asks for nothing any more, unless the wipe fails", async () => {
  const phone = new PhoneInMemory();
  const erased = pending<number>();
  const wiping = { ...phone.field, wipe: () => erased.promise } as unknown as Field;
  const reload = vi.fn();
  vi.stubGlobal("location", { pathname: "/", reload });
  vi.stubGlobal("history", { replaceState: vi.fn() });
  const leaving = new Session(wiping);
  const gone = leaving.wipe(undefined);
  expect([leaving.isLeaving, reload.mock.calls.length]).toEqual([true, 0]);
  erased.settle(0);
  await gone;
  expect([leaving.isLeaving, reload.mock.calls.length]).toEqual([true, 1]);

  const failing = new Session({ ...phone.field, wipe: () => Promise.reject(new Error("disk")) } as unknown as Field);
  await expect(failing.wipe(undefined)).rejects.toThrow("disk");
  expect(failing.isLeaving).toBe(false);
});
