/** The vault: a data key that exists in memory only while somebody with the passphrase is working. */
import { type Bytes, exactBuffer, randomBytes, utf8 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { blindId, type Keys, keysOf, openRecord, sealRecord } from "./cipher";
import type { Database } from "./database";
import type { SealedStore, Wrap } from "./schema";
import { type Cost, calibrate, wrappingKey } from "./stretch";

/** `absent`: nobody enrolled here yet. `locked`: data is there, the key is not in memory. */
export type VaultState = "absent" | "locked" | "open";

export interface Vault {
  readonly state: VaultState;
  /** Called at every change of state; returns the way to stop. */
  subscribe(listener: (state: VaultState) => void): () => void;
  /** Makes the data key and wraps it with the passphrase (or PIN of ≥ 8 digits). Only from `absent`. */
  create(passphrase: string): Promise<void>;
  /** False: wrong passphrase. Takes 0.5–1 s on purpose (Argon2id). */
  unlock(passphrase: string): Promise<boolean>;
  /** Forgets the key at once. Nothing is deleted. */
  lock(): void;
  /** Somebody is using the app: puts the auto-lock off. */
  touch(): void;
}

const wrapPurpose = utf8("steppe data key 1");

/** A sealed row ready to be put inside a transaction. */
export interface SealedRow {
  store: SealedStore;
  id: string;
  bytes: ArrayBuffer;
}

export class RecordVault {
  readonly #database: Database;
  readonly #cost: Cost | undefined;
  readonly #listeners = new Set<(state: VaultState) => void>();
  #exists: boolean;
  #keys: Keys | undefined;

  private constructor(database: Database, exists: boolean, cost: Cost | undefined) {
    this.#database = database;
    this.#exists = exists;
    this.#cost = cost;
  }

  /** `cost` replaces the calibration: tests cannot wait for Argon2id. */
  static async load(database: Database, cost?: Cost): Promise<RecordVault> {
    const wrap = await database.read(["wrap"], (t) => t.objectStore("wrap").get("key"));
    return new RecordVault(database, wrap !== undefined, cost);
  }

  get state(): VaultState {
    if (this.#keys) return "open";
    return this.#exists ? "locked" : "absent";
  }

  subscribe(listener: (state: VaultState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(passphrase: string): Promise<void> {
    if (this.state !== "absent") throw new FieldProblem("vault-exists");
    const dataKey = randomBytes(32);
    const salt = randomBytes(16);
    const cost = this.#cost ?? (await calibrate());
    const iv = randomBytes(12);
    const wrapped = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: wrapPurpose },
      await wrappingKey(passphrase, salt, cost),
      dataKey,
    );
    const row: Wrap = { version: 1, salt: exactBuffer(salt), ...cost, iv: exactBuffer(iv), wrapped };
    // `add`: should a second tab have made one meanwhile, this fails instead of orphaning what it wrapped.
    await this.#database.write(["wrap"], (t) => t.objectStore("wrap").add(row, "key"));
    this.#exists = true;
    await this.#open(dataKey);
  }

  async unlock(passphrase: string): Promise<boolean> {
    const wrap = await this.#database.read(["wrap"], (t) => t.objectStore("wrap").get("key"));
    if (!wrap) return false;
    const key = await wrappingKey(passphrase, new Uint8Array(wrap.salt), wrap);
    const dataKey = await unwrap(wrap, key);
    if (!dataKey) return false;
    this.#exists = true;
    await this.#open(dataKey);
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

  async #open(dataKey: Bytes): Promise<void> {
    this.#keys = await keysOf(dataKey);
    dataKey.fill(0);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.state);
  }
}

async function unwrap(wrap: Wrap, key: CryptoKey): Promise<Bytes | undefined> {
  try {
    const algorithm = { name: "AES-GCM", iv: wrap.iv, additionalData: wrapPurpose };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, wrap.wrapped));
  } catch (failure) {
    // AES-GCM says only that the tag does not fit: a wrong passphrase.
    if (failure instanceof DOMException && failure.name === "OperationError") return undefined;
    throw failure;
  }
}
