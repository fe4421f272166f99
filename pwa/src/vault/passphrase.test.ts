/** Trying, changing and strengthening what opens the vault. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cheap, passphrase } from "../testing/phone";
import { type Database, openDatabase } from "./database";
import { calibrate, lowestCosts, meetsFloor } from "./stretch";
import * as stretcher from "./stretcher";
import { waitAfter } from "./tries";
import { RecordVault } from "./vault";

const another = "kettle marsh lantern seven";
let database: Database;
let name: string;
/** Milliseconds of the running app's own clock. */
let elapsed: number;

const load = (from: Database = database) => RecordVault.load(from, cheap, () => elapsed);

async function locked(): Promise<RecordVault> {
  const vault = await load();
  await vault.create(passphrase);
  await vault.put("drafts", "a", "kept");
  vault.lock();
  return vault;
}

async function fail(vault: RecordVault, times: number): Promise<void> {
  for (let tried = 0; tried < times; tried += 1) expect(await vault.unlock("wrong")).toBe(false);
}

beforeEach(() => {
  name = `vault-${crypto.randomUUID()}`;
  database = openDatabase(name);
  elapsed = 0;
});

const wrapOf = (vaults: Database) => vaults.read(["wrap"], (t) => t.objectStore("wrap").get("key"));

/** Argon2id finds no memory for its next so many runs of at least this size. */
function shortOfMemory(runs: number, fromKiB = 0) {
  let left = runs;
  const real = stretcher.openStretcher;
  return vi.spyOn(stretcher, "openStretcher").mockImplementation(() => {
    const opened = real();
    return {
      ...opened,
      stretch: async (work) => {
        if (work.memoryKiB >= fromKiB && left-- > 0) throw new RangeError("Out of memory");
        return opened.stretch(work);
      },
    };
  });
}

describe("a phone short of memory", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("can be given a passphrase as soon as there is room again", async () => {
    const vault = await RecordVault.load(database);
    shortOfMemory(1);
    await expect(vault.create(passphrase)).rejects.toThrow("memory");
    expect(meetsFloor(await vault.cost())).toBe(true);
  });

  test("counts no try that it could not check, and keeps those it could", async () => {
    const vault = await locked();
    await fail(vault, 3);
    const short = shortOfMemory(4);
    for (let tried = 0; tried < 4; tried += 1) await expect(vault.unlock(passphrase)).rejects.toThrow("memory");
    short.mockRestore();
    expect(vault.waitMs).toBe(0);
    await fail(vault, 1);
    expect(vault.waitMs).toBe(0);
    await fail(vault, 1);
    expect(vault.waitMs).toBe(30_000);
  });

  test("opens an old vault whose passphrase it cannot stretch longer, nor measure how long", async () => {
    await locked();
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    for (const cost of [{ memoryKiB: 19_456, iterations: 2 }, undefined]) {
      const short = shortOfMemory(9, 1024);
      const vault = await RecordVault.load(database, cost);
      expect(await vault.unlock(passphrase)).toBe(true);
      expect(await wrapOf(database)).toMatchObject(cheap);
      short.mockRestore();
    }
  });
});

describe("wrong passphrases", () => {
  test("are free four times; the fifth costs 30 seconds, each further one twice as much, an hour at most", async () => {
    expect([1, 4, 5, 6, 7, 8].map(waitAfter)).toEqual([0, 0, 30_000, 60_000, 120_000, 240_000]);
    expect(waitAfter(50)).toBe(3_600_000);
    const vault = await locked();
    await fail(vault, 4);
    expect(vault.waitMs).toBe(0);
    await fail(vault, 1);
    expect(vault.waitMs).toBe(30_000);
    elapsed += 29_000;
    expect(vault.waitMs).toBe(1_000);
    await expect(vault.unlock(passphrase)).rejects.toMatchObject({ slug: "unlock-wait" });
    expect(vault.state).toBe("locked");
    elapsed += 1_000;
    await fail(vault, 1);
    expect(vault.waitMs).toBe(60_000);
  });

  test("are forgotten with the right one", async () => {
    const vault = await locked();
    await fail(vault, 4);
    expect(await vault.unlock(passphrase)).toBe(true);
    vault.lock();
    await fail(vault, 4);
    expect(vault.waitMs).toBe(0);
  });

  test("make wait also after a restart, whatever the phone's clock says", async () => {
    await fail(await locked(), 5);
    for (const day of [-1, 1]) {
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + day * 86_400_000);
      database.close();
      elapsed = 0;
      const later = await load();
      expect(later.waitMs).toBe(30_000);
      await expect(later.unlock(passphrase)).rejects.toMatchObject({ slug: "unlock-wait" });
      vi.restoreAllMocks();
    }
  });

  test("what was waited before a restart need not be waited again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const vault = await locked();
    await fail(vault, 5);
    elapsed += 20_000;
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    await vi.waitFor(async () => expect((await load()).waitMs).toBe(10_000));
  });

  test("count in all tabs together", async () => {
    const vault = await locked();
    const other = await load();
    await fail(vault, 3);
    await fail(other, 2);
    expect(other.waitMs).toBe(30_000);
    await expect(vault.unlock(passphrase)).rejects.toMatchObject({ slug: "unlock-wait" });
    expect(vault.waitMs).toBe(30_000);
  });

  test("count when they are asked for a change too", async () => {
    const vault = await locked();
    await vault.unlock(passphrase);
    for (let tried = 0; tried < 5; tried += 1) expect(await vault.changePassphrase("wrong", another)).toBe(false);
    await expect(vault.changePassphrase(passphrase, another)).rejects.toMatchObject({ slug: "unlock-wait" });
  });

  test("a try whose answer nobody waited for has counted", async () => {
    const vault = await locked();
    await fail(vault, 4);
    vi.spyOn(crypto.subtle, "decrypt").mockRejectedValueOnce(new Error("killed"));
    await expect(vault.unlock("wrong")).rejects.toThrow("killed");
    vi.restoreAllMocks();
    expect((await load()).waitMs).toBe(30_000);
  });
});

describe("changing the passphrase", () => {
  test("takes the old one, and everything opens with the new one only", async () => {
    const vault = await locked();
    await expect(vault.changePassphrase(passphrase, another)).rejects.toMatchObject({ slug: "locked" });
    await vault.unlock(passphrase);
    expect(await vault.changePassphrase("wrong", another)).toBe(false);
    expect(await vault.changePassphrase(passphrase, another)).toBe(true);
    expect(await vault.get("drafts", "a")).toBe("kept");
    const later = await load();
    expect(await later.unlock(passphrase)).toBe(false);
    expect(await later.unlock(another)).toBe(true);
    expect(await later.get("drafts", "a")).toBe("kept");
  });

  test.each(["before it is written", "while it is written"])("killed %s, the old one opens", async (when) => {
    await locked();
    const failing: Database = {
      ...database,
      write: (stores, work) =>
        database.write(stores, async (transaction) => {
          if (stores[0] !== "wrap") return work(transaction);
          if (when === "while it is written") await work(transaction);
          throw new Error("killed");
        }),
    };
    const vault = await load(failing);
    await vault.unlock(passphrase);
    await expect(vault.changePassphrase(passphrase, another)).rejects.toThrow("killed");
    const later = await load();
    expect(await later.unlock(another)).toBe(false);
    expect(await later.unlock(passphrase)).toBe(true);
    expect(await later.get("drafts", "a")).toBe("kept");
  });

  test("never takes a wrap that does not open", async () => {
    const vault = await locked();
    await vault.unlock(passphrase);
    const right = crypto.subtle.encrypt.bind(crypto.subtle);
    vi.spyOn(crypto.subtle, "encrypt").mockImplementationOnce(async (algorithm, key) =>
      right(algorithm, key, new Uint8Array(32)),
    );
    await expect(vault.changePassphrase(passphrase, another)).rejects.toMatchObject({ slug: "unexpected" });
    vi.restoreAllMocks();
    expect(await (await load()).unlock(passphrase)).toBe(true);
  });

  test("of two tabs one wins; the other hears of it", async () => {
    const vault = await locked();
    const other = await load();
    await vault.unlock(passphrase);
    await other.unlock(passphrase);
    const outcomes = await Promise.allSettled([
      vault.changePassphrase(passphrase, another),
      other.changePassphrase(passphrase, "чайник болото фонарь семь"),
    ]);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject([{ reason: { slug: "passphrase-changed" } }]);
    const later = await load();
    expect(
      [await later.unlock(another), await later.unlock("чайник болото фонарь семь")].filter((opened) => opened),
    ).toHaveLength(1);
  });
});

describe("the price of a guess", () => {
  test("is never under the floor, however slow the phone", async () => {
    for (const seconds of [0.001, 0.05, 0.4, 3, 60]) {
      let now = 0;
      const cost = await calibrate(() => {
        now += seconds;
        return now;
      });
      expect(meetsFloor(cost), `${seconds} s a pass`).toBe(true);
    }
    expect(meetsFloor(cheap)).toBe(false);
    expect(lowestCosts.every(meetsFloor)).toBe(true);
    expect(meetsFloor({ iterations: 2, memoryKiB: 19_455 })).toBe(false);
  });

  test("of an old vault is raised at the next unlocking, and the vault goes on", async () => {
    await locked();
    const before = await wrapOf(database);
    const today = await RecordVault.load(database, { memoryKiB: 19_456, iterations: 2 });
    expect(await today.unlock(passphrase)).toBe(true);
    expect(await today.get("drafts", "a")).toBe("kept");
    expect(await wrapOf(database)).toMatchObject({ memoryKiB: 19_456, iterations: 2 });
    expect(before).toMatchObject(cheap);
    const later = await load();
    expect(await later.cost()).toEqual({ memoryKiB: 19_456, iterations: 2 });
    expect(await later.unlock(passphrase)).toBe(true);
    expect(await wrapOf(database)).toMatchObject({ memoryKiB: 19_456 });
  });

  test("an old vault opens also where raising it fails", async () => {
    await locked();
    const full: Database = {
      ...database,
      write: (stores, work) =>
        stores[0] === "wrap"
          ? database.write(stores, async () => {
              throw new DOMException("full", "QuotaExceededError");
            })
          : database.write(stores, work),
    };
    const vault = await RecordVault.load(full, { memoryKiB: 19_456, iterations: 2 });
    expect(await vault.unlock(passphrase)).toBe(true);
    expect(await vault.get("drafts", "a")).toBe("kept");
    expect(await wrapOf(database)).toMatchObject(cheap);
  });

  test("is kept by a new passphrase of a vault that meets the floor", async () => {
    const vault = await RecordVault.load(database, { memoryKiB: 19_456, iterations: 2 });
    await vault.create(passphrase);
    await vault.changePassphrase(passphrase, another);
    expect(await wrapOf(database)).toMatchObject({ memoryKiB: 19_456, iterations: 2 });
  });
});
