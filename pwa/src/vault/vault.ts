/** The vault: a data key that exists in memory only while somebody with the passphrase is working. */
import { type Bytes, randomBytes } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { blindId, type Keys, keysOf, openRecord, sealRecord } from "./cipher";
import type { Database } from "./database";
import type { SealedStore, Wrap } from "./schema";
import { type Cost, calibrate, meetsFloor } from "./stretch";
import { Tries } from "./tries";
import { isSameWrap, keyOfWrap, openWrap, unwrapDataKey, wrapDataKey } from "./wrap";

/** `absent`: nobody enrolled here yet. `locked`: data is there, the key is not in memory. */
export type VaultState = "absent" | "locked" | "open";

export interface Vault {
  readonly state: VaultState;
  /** Called at every change of state; returns the way to stop. */
  subscribe(listener: (state: VaultState) => void): () => void;
  /** Makes the data key and wraps it with the passphrase (or PIN of ≥ 8 digits). Only from `absent`. */
  create(passphrase: string): Promise<void>;
  /** False: wrong passphrase. Takes 0.5–1 s on purpose (Argon2id). Rejects with `unlock-wait` after too many wrong ones. */
  unlock(passphrase: string): Promise<boolean>;
  /** Milliseconds until a passphrase may be tried again. */
  readonly waitMs: number;
  /**
   * Puts the data key under another passphrase; only from `open`. False: `old` is not the passphrase. Nothing else is
   * encrypted anew, and at no moment is there no wrap that opens. Rejects with `unlock-wait` or `passphrase-changed`.
   */
  changePassphrase(old: string, passphrase: string): Promise<boolean>;
  /** What a guess at the passphrase costs on this phone, or will cost once there is one. */
  cost(): Promise<Cost>;
  /** Forgets the key at once. Nothing is deleted. */
  lock(): void;
  /** Somebody is using the app: puts the auto-lock off. */
  touch(): void;
}

/** A sealed row ready to be put inside a transaction. */
export interface SealedRow {
  store: SealedStore;
  id: string;
  bytes: ArrayBuffer;
}

export class RecordVault {
  readonly #database: Database;
  readonly #cost: Cost | undefined;
  readonly #tries: Tries;
  readonly #listeners = new Set<(state: VaultState) => void>();
  #putsInOrder: (() => Promise<void>) | undefined;
  #exists: boolean;
  #keys: Keys | undefined;
  #calibrated: Promise<Cost> | undefined;

  private constructor(database: Database, exists: boolean, tries: Tries, cost: Cost | undefined) {
    this.#database = database;
    this.#exists = exists;
    this.#tries = tries;
    this.#cost = cost;
  }

  /** `cost` replaces the calibration: tests cannot wait for Argon2id. `now`: milliseconds of a clock nobody can set. */
  static async load(database: Database, cost?: Cost, now?: () => number): Promise<RecordVault> {
    const tries = new Tries(database, now);
    const wrap = database.read(["wrap"], (t) => t.objectStore("wrap").get("key"));
    await Promise.all([wrap, tries.load()]);
    return new RecordVault(database, (await wrap) !== undefined, tries, cost);
  }

  get state(): VaultState {
    if (this.#keys) return "open";
    return this.#exists ? "locked" : "absent";
  }

  subscribe(listener: (state: VaultState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get waitMs(): number {
    return this.#tries.waitMs;
  }

  /**
   * Sets what is done each time the key is there before anybody is told that it is: records of an earlier app are put in
   * the order of this one. Should it fail, nobody is kept out for it; the next unlocking tries again.
   */
  beforeOpen(work: () => Promise<void>): void {
    this.#putsInOrder = work;
  }

  async cost(): Promise<Cost> {
    const wrap = await this.#wrap();
    if (wrap && meetsFloor(wrap)) return { memoryKiB: wrap.memoryKiB, iterations: wrap.iterations };
    if (this.#cost) return this.#cost;
    this.#calibrated ??= calibrate();
    try {
      return await this.#calibrated;
    } catch (failure) {
      // Short of memory at this moment: the next one to ask measures anew.
      this.#calibrated = undefined;
      throw failure;
    }
  }

  async create(passphrase: string): Promise<void> {
    if (this.state !== "absent") throw new FieldProblem("vault-exists");
    const dataKey = randomBytes(32);
    const row = await wrapDataKey(dataKey, passphrase, await this.cost());
    // `add`: should a second tab have made one meanwhile, this fails instead of orphaning what it wrapped.
    await this.#database.write(["wrap"], (t) => t.objectStore("wrap").add(row, "key"));
    this.#exists = true;
    await this.#open(dataKey);
  }

  async unlock(passphrase: string): Promise<boolean> {
    const wrap = await this.#wrap();
    if (!wrap) return false;
    const dataKey = await this.#try(wrap, passphrase);
    if (!dataKey) return false;
    this.#exists = true;
    if (!meetsFloor(wrap)) await this.#raise(wrap, dataKey, passphrase);
    await this.#open(dataKey);
    return true;
  }

  async changePassphrase(old: string, passphrase: string): Promise<boolean> {
    this.#held();
    const wrap = await this.#wrap();
    const dataKey = wrap && (await this.#try(wrap, old));
    if (!wrap || !dataKey) return false;
    await this.#replace(wrap, dataKey, passphrase, await this.cost());
    dataKey.fill(0);
    return true;
  }

  /** Another tab may have made the vault since this one looked. */
  async lookAgain(): Promise<void> {
    const wraps = await this.#database.read(["wrap"], (t) => t.objectStore("wrap").count());
    if (this.#exists || wraps === 0) return;
    this.#exists = true;
    this.#tell();
  }

  lock(): void {
    if (!this.#keys) return;
    this.#keys = undefined;
    this.#tell();
  }

  /** Its wrap was deleted: forgets the key, and may be made anew. */
  vanished(): void {
    this.#keys = undefined;
    this.#exists = false;
    this.#calibrated = undefined;
    this.#tries.forget();
    this.#tell();
  }

  /** Seals now, to be written later in a transaction of the caller's. Rejects with `locked`. */
  async seal(store: SealedStore, id: string, value: unknown): Promise<SealedRow> {
    return { store, id, bytes: await sealRecord(this.#held(), store, id, value) };
  }

  /** Opens a row read by the caller. */
  async open<T>(store: SealedStore, id: string, bytes: ArrayBuffer): Promise<T> {
    return (await openRecord(this.#held(), store, id, bytes)) as T;
  }

  blindId(store: SealedStore, name: string): Promise<string> {
    return blindId(this.#held(), store, name);
  }

  async get<T>(store: SealedStore, id: string): Promise<T | undefined> {
    this.#held();
    const bytes = await this.#database.read([store], (t) => t.objectStore(store).get(id));
    return bytes && this.open<T>(store, id, bytes);
  }

  /** All records of a store, or those whose id begins with `prefix`, by id. */
  async all<T>(store: SealedStore, prefix = ""): Promise<{ id: string; value: T }[]> {
    this.#held();
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const [ids, rows] = await this.#database.read([store], (t) =>
      Promise.all([t.objectStore(store).getAllKeys(range), t.objectStore(store).getAll(range)]),
    );
    return Promise.all(
      rows.map(async (bytes, at) => {
        const id = ids[at] as string;
        return { id, value: await this.open<T>(store, id, bytes) };
      }),
    );
  }

  /** The ids of a store; nothing is opened. */
  ids(store: SealedStore): Promise<string[]> {
    this.#held();
    return this.#database.read([store], (t) => t.objectStore(store).getAllKeys());
  }

  async put(store: SealedStore, id: string, value: unknown): Promise<void> {
    const row = await this.seal(store, id, value);
    await this.#database.write([store], (t) => t.objectStore(store).put(row.bytes, id));
  }

  async remove(store: SealedStore, id: string): Promise<void> {
    await this.#database.write([store], (t) => t.objectStore(store).delete(id));
  }

  #held(): Keys {
    if (!this.#keys) throw new FieldProblem("locked");
    return this.#keys;
  }

  #wrap(): Promise<Wrap | undefined> {
    return this.#database.read(["wrap"], (t) => t.objectStore("wrap").get("key"));
  }

  /** One counted try. What could not be checked, for want of memory, was none. */
  async #try(wrap: Wrap, passphrase: string): Promise<Bytes | undefined> {
    await this.#tries.begin();
    let key: CryptoKey;
    try {
      key = await keyOfWrap(wrap, passphrase);
    } catch (failure) {
      await this.#tries.notChecked();
      throw failure;
    }
    const dataKey = await openWrap(wrap, key);
    if (dataKey) await this.#tries.succeeded();
    return dataKey;
  }

  /** A wrap of an app that asked less than is asked today is made anew; should that fail, the next unlocking tries again. */
  async #raise(wrap: Wrap, dataKey: Bytes, passphrase: string): Promise<void> {
    try {
      const cost = await this.cost();
      if (meetsFloor(cost)) await this.#replace(wrap, dataKey, passphrase, cost);
    } catch (failure) {
      // Whatever it was, the old wrap is untouched and the passphrase was right: nobody is kept out for it.
      console.warn(`the passphrase's wrap is not made anew: ${String(failure)}`);
    }
  }

  /** The new wrap is opened once before it takes the place of the old one, in one transaction. */
  async #replace(before: Wrap, dataKey: Bytes, passphrase: string, cost: Cost): Promise<void> {
    const wrap = await wrapDataKey(dataKey, passphrase, cost);
    const opened = await unwrapDataKey(wrap, passphrase);
    if (!opened?.every((byte, at) => byte === dataKey[at])) throw new FieldProblem("unexpected");
    opened.fill(0);
    await this.#database.write(["wrap", "journal"], async (transaction) => {
      const wraps = transaction.objectStore("wrap");
      const now = await wraps.get("key");
      if (!now || !isSameWrap(now, before)) throw new FieldProblem("passphrase-changed");
      await wraps.put(wrap, "key");
      // The journal has the old one: until it is written anew, the database alone is believed.
      await transaction.objectStore("journal").delete("at");
    });
  }

  async #open(dataKey: Bytes): Promise<void> {
    this.#keys = await keysOf(dataKey);
    dataKey.fill(0);
    try {
      await this.#putsInOrder?.();
    } catch (failure) {
      console.warn(`records of an earlier app stay as they are: ${String(failure)}`);
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.state);
  }
}
