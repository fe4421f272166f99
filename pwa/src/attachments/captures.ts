/**
 * What is being recorded or photographed, kept sealed as it comes. A recording may run longer than the key stays in
 * memory, and a camera may be open when the app locks: whatever is begun while the vault is open can be added to after it
 * is locked, and is read again once it is unlocked.
 *
 * Each capture has an AES-256-GCM key of its own. Under the vault it lies with what the capture is for; in memory it is a
 * handle that encrypts and neither decrypts nor can be exported, so whoever takes a locked phone gets nothing back.
 */
import { ivLength } from "../vault/cipher";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { type Bytes, b64u, concat, exactBuffer, fromB64u, randomBytes, text, utf8 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import type { Keeping } from "./attachments";
import { largestPlain } from "./sealing";

/** Which question it will answer, and how the file is to be kept then. */
export interface CaptureFor {
  submission: string;
  path: string;
  keeping: Keeping;
  /** Media type of the bytes, as far as it is known before there are any. */
  type: string;
}

/** What there is of a capture, for `Attachments.add`. */
export interface CapturedFile {
  file: Blob;
  keeping: Keeping;
  /** It is the beginning only: a later piece could not be written, or is more than can be sent. */
  isPart: boolean;
}

/** What turns out only when it is there; it stays on the phone. */
export interface CaptureFacts {
  type?: string;
  name?: string;
  seconds?: number;
}

/** A capture that is going on. Works with the vault locked. */
export interface Capture {
  readonly id: string;
  /** Resolves once the bytes are sealed on the disk, after all those added before. Rejects with `storage-full`. */
  add(bytes: Blob): Promise<void>;
  /** Nothing more comes; from now on it is among those that wait. */
  end(facts?: CaptureFacts): Promise<void>;
}

/** A capture of an earlier time that has not become an answer. */
export interface WaitingCapture extends CaptureFor {
  id: string;
}

interface CaptureRecord extends CaptureFor {
  /** b64u, 32 bytes. */
  key: string;
}

/** How many pieces came, written or not: what is missing at the end is missed too. */
type WrittenFacts = CaptureFacts & { pieces?: number };

const nothing = () => undefined;
/** The facts stand before the first piece. */
const factsAt = 0;
/** A lock of the browser's by this name is held while a capture goes on: every tab sees it, and it ends with its page. */
const lockName = (id: string) => `steppe-capture-${id}`;

const pieceId = (id: string, at: number) => `${id}/${String(at).padStart(6, "0")}`;
const piecesOf = (id: string) => IDBKeyRange.bound(`${id}/`, `${id}0`, false, true);

export class Captures {
  readonly #vault: RecordVault;
  readonly #database: Database;
  /** Those of the browser; undefined before Safari 15.4: then a page knows of its own captures only. */
  readonly #locks: LockManager | undefined;
  /** Those that go on in this page, each with what lets its lock go. */
  readonly #going = new Map<string, () => void>();

  constructor(vault: RecordVault, database: Database, locks?: LockManager) {
    this.#vault = vault;
    this.#database = database;
    this.#locks = locks;
  }

  /** Only with the vault open: rejects with `locked`. */
  async begin(purpose: CaptureFor): Promise<Capture> {
    const id = b64u(randomBytes(16));
    const raw = randomBytes(32);
    const record: CaptureRecord = { ...purpose, key: b64u(raw) };
    // Before anybody can find it: a tab that saw a key without pieces and nobody at work would throw it away.
    await this.#hold(id);
    try {
      await this.#vault.put("captures", id, record);
    } catch (failure) {
      this.#letGo(id);
      throw failure;
    }
    const key = await imported(raw, "encrypt");
    raw.fill(0);
    let next = factsAt + 1;
    let last: Promise<unknown> = Promise.resolve();
    const write = (at: number, bytes: () => Promise<Bytes>) => {
      const writing = last.then(async () => this.#put(id, at, key, await bytes()));
      last = writing.catch(nothing);
      return writing;
    };
    return {
      id,
      add: (bytes) => write(next++, async () => new Uint8Array(await bytes.arrayBuffer())),
      end: async (facts) => {
        const written: WrittenFacts = { ...facts, pieces: next - 1 - factsAt };
        try {
          if (facts) await write(factsAt, async () => utf8(JSON.stringify(written)));
          await last;
        } finally {
          // Also on a full disk: what goes on for ever would wait for nobody.
          this.#letGo(id);
        }
      },
    };
  }

  async #hold(id: string): Promise<void> {
    const locks = this.#locks;
    const release = locks
      ? await new Promise<() => void>((granted) => {
          void locks.request(lockName(id), () => new Promise<void>((released) => granted(() => released())));
        })
      : nothing;
    this.#going.set(id, release);
  }

  #letGo(id: string): void {
    this.#going.get(id)?.();
    this.#going.delete(id);
  }

  /** Names of the locks that any tab holds. */
  async #held(): Promise<Set<string | undefined>> {
    const { held = [] } = (await this.#locks?.query()) ?? {};
    return new Set(held.map(({ name }) => name));
  }

  async #put(id: string, at: number, key: CryptoKey, plain: Bytes): Promise<void> {
    const iv = randomBytes(ivLength);
    const name = pieceId(id, at);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(name) }, key, plain);
    const bytes = exactBuffer(concat(iv, new Uint8Array(sealed)));
    await this.#database.write(["pieces"], (t) => t.objectStore("pieces").put(bytes, name));
  }

  /** Those of a submission that hold something and go on in no tab any more; what holds nothing is forgotten. */
  async waiting(submission: string): Promise<WaitingCapture[]> {
    const found: WaitingCapture[] = [];
    const all = await this.#vault.all<CaptureRecord>("captures");
    // Asked after: whatever goes on holds its lock before it is found.
    const held = await this.#held();
    for (const { id, value } of all) {
      if (value.submission !== submission || this.#going.has(id) || held.has(lockName(id))) continue;
      const { key: _, ...purpose } = value;
      const pieces = await this.#database.read(["pieces"], (t) => t.objectStore("pieces").count(piecesOf(id)));
      if (pieces > 0) found.push({ id, ...purpose });
      else await this.drop(id);
    }
    return found;
  }

  /**
   * What was captured, and how to keep it; of one that was cut off, what there is; of a recording with a piece missing or
   * over the limit, what stands whole before it. Only with the vault open. Rejects with `vault-damaged` when a piece is
   * not what was written, or the first one is missing.
   */
  async file({ id, keeping, type }: WaitingCapture): Promise<CapturedFile> {
    const record = await this.#vault.get<CaptureRecord>("captures", id);
    if (!record) throw new FieldProblem("vault-damaged", `captures/${id}`);
    const key = await imported(fromB64u(record.key), "decrypt");
    const [names, pieces] = await this.#database.read(["pieces"], (t) =>
      Promise.all([t.objectStore("pieces").getAllKeys(piecesOf(id)), t.objectStore("pieces").getAll(piecesOf(id))]),
    );
    const plain = await Promise.all(pieces.map((piece, at) => opened(key, names[at] ?? "", piece)));
    const hasFacts = names[0] === pieceId(id, factsAt);
    const facts: WrittenFacts = hasFacts ? JSON.parse(text(plain[0] as Bytes)) : {};
    const { type: known = type, pieces: total = 0, ...more } = facts;
    const came = hasFacts ? plain.slice(1) : plain;
    const numbered = hasFacts ? names.slice(1) : names;
    const gap = numbered.findIndex((name, at) => name !== pieceId(id, factsAt + 1 + at));
    const whole = gap < 0 ? came : came.slice(0, gap);
    if (whole.length === 0 && Math.max(came.length, total) > 0) throw new FieldProblem("vault-damaged", `pieces/${id}`);
    const fitting = fittingPieces(whole);
    const file = new Blob(fitting, { type: known });
    const isPart = fitting.length < Math.max(came.length, total);
    return { file, keeping: keeping.as === "it-is" ? { ...keeping, ...more } : keeping, isPart };
  }

  /** Forgets one: it has become an answer, or is not wanted. */
  async drop(id: string): Promise<void> {
    this.#letGo(id);
    await this.#database.write(["captures", "pieces"], (t) =>
      Promise.all([t.objectStore("captures").delete(id), t.objectStore("pieces").delete(piecesOf(id))]),
    );
  }

  /** Forgets all of a submission: its draft is removed or finished. */
  async forget(submission: string): Promise<void> {
    for (const { id, value } of await this.#vault.all<CaptureRecord>("captures")) {
      if (value.submission === submission) await this.drop(id);
    }
  }
}

/** Those that can be sent together. One alone is never cut: nothing could read the half of a photo. */
function fittingPieces(pieces: readonly Bytes[]): Bytes[] {
  let size = 0;
  return pieces.filter(({ length }, at) => {
    size += length;
    return at === 0 || size <= largestPlain;
  });
}

const imported = (key: Bytes, usage: "encrypt" | "decrypt") =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);

async function opened(key: CryptoKey, name: string, piece: ArrayBuffer): Promise<Bytes> {
  const bytes = new Uint8Array(piece);
  const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, ivLength), additionalData: utf8(name) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes.subarray(ivLength)));
  } catch (failure) {
    if (failure instanceof DOMException) throw new FieldProblem("vault-damaged", `pieces/${name}`);
    throw failure;
  }
}
