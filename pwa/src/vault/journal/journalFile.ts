/**
 * The journal as files of the origin's private folder. One is in use; a shorter one that says the same takes its place when
 * too much of it is out of date, and is whole before the old one goes. Works on any kind of folder: a browser's (in a
 * dedicated worker, the only place with access handles), or one in memory.
 */
import { type Bytes, b64u, sha256 } from "../../wire/bytes";
import type { RowChange } from "../schema";
import { changesOf, entryOf } from "./entries";
import { type Found, framed, readFrames } from "./frames";

/** An open file; every call is done when it returns. */
export interface OpenFile {
  size(): number;
  /** Its first `length` bytes, or as many as there are. */
  read(length: number): Bytes;
  write(bytes: Bytes, at: number): void;
  truncate(length: number): void;
  /** What was written is on the disk when it returns. */
  flush(): void;
  close(): void;
}

export interface Folder {
  names(): Promise<string[]>;
  /** Makes the file when it is not there. */
  open(name: string): Promise<OpenFile>;
  remove(name: string): Promise<void>;
}

/** What was read: by store and key the last that is said of a row, in the order in which it was said. */
export interface JournalRows {
  rows: Map<string, RowChange>;
  /** Damaged places that were passed over. */
  skipped: number;
  /** It is what was said since, and not all there is. */
  isTail: boolean;
}

const nameOf = ([store, key]: RowChange): string => `${store}/${key}`;
/** So many bytes may be out of date before the file is written anew, or as many as are not. */
const spare = 512 * 1024;

interface Held {
  digest: string;
  size: number;
}

export class JournalFile {
  readonly #folder: Folder;
  #generation = 0;
  #length = 0;
  /** Something in the middle of it is damaged. */
  #isDamaged = false;
  /** Of each row that the file holds, what it says. */
  #held: Map<string, Held> | undefined;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Where it stands, as the database notes it in the transaction that the journal went ahead of. */
  get position(): string {
    return `${this.#generation}.${this.#length}`;
  }

  /** Whether more of it is out of date than is worth its room. */
  get isHeavy(): boolean {
    let live = 0;
    for (const { size } of this.#held?.values() ?? []) live += size;
    return this.#length - live > Math.max(spare, live);
  }

  /** What it says since a position of this very file; everything where that is of another one. */
  async read(since = ""): Promise<JournalRows> {
    const { file, generation } = await this.#openNewest();
    if (!file) return { rows: new Map(), skipped: 0, isTail: false };
    try {
      const [of, length] = since.split(".").map(Number);
      const isTail = of === generation;
      return { ...replayed(await readFrames(file.read(file.size()), isTail ? length : 0)), isTail };
    } finally {
      file.close();
    }
  }

  /** Adds one entry, on the disk when it resolves. Rejects with what the disk said, and then the file is as it was. */
  async append(changes: readonly RowChange[]): Promise<string> {
    const frame = await framed(entryOf(changes));
    const said = await Promise.all(changes.map(async (row) => [row, await heldOf(row)] as const));
    const file = await this.#openCurrent();
    try {
      file.write(frame, this.#length);
      file.flush();
    } catch (failure) {
      file.truncate(this.#length);
      throw failure;
    } finally {
      file.close();
    }
    this.#length += frame.length;
    for (const [row, held] of said) {
      if (row[2] === undefined) this.#held?.delete(nameOf(row));
      else this.#held?.set(nameOf(row), held);
    }
    return this.position;
  }

  /**
   * Makes it say what these rows say, with the least writing. `isAnew`: in a new file, and nothing of the old one stays
   * readable. Gives the position; no rows: no file, and undefined.
   */
  async mirror(rows: readonly RowChange[], isAnew: boolean): Promise<string | undefined> {
    if (rows.length === 0) {
      await this.#removeBut(undefined);
      return undefined;
    }
    (await this.#openCurrent()).close();
    const changes = await this.#differences(rows);
    // What opened the vault yesterday must not stay readable beside what opens it today.
    const isOtherWrap = changes.some((change) => change[0] === "wrap" && this.#held?.has(nameOf(change)));
    if (isAnew || isOtherWrap || this.#isDamaged) {
      await this.#rewrite(rows);
    } else {
      if (changes.length > 0) await this.append(changes);
      if (this.isHeavy) await this.#rewrite(rows);
    }
    return this.position;
  }

  async #differences(rows: readonly RowChange[]): Promise<RowChange[]> {
    const changes: RowChange[] = [];
    const gone = new Set(this.#held?.keys());
    for (const row of rows) {
      gone.delete(nameOf(row));
      if (this.#held?.get(nameOf(row))?.digest !== (await heldOf(row)).digest) changes.push(row);
    }
    for (const name of gone) {
      const at = name.indexOf("/");
      changes.push([name.slice(0, at), name.slice(at + 1)] as unknown as RowChange);
    }
    return changes;
  }

  /** The first frame, which names the generation, is written last: without it the file is none. */
  async #rewrite(rows: readonly RowChange[]): Promise<void> {
    const generation = this.#generation + 1;
    const head = await framed(headOf(generation));
    const file = await this.#folder.open(String(generation));
    const held = new Map<string, Held>();
    try {
      file.truncate(0);
      let length = head.length;
      for (const row of rows) {
        const frame = await framed(entryOf([row]));
        file.write(frame, length);
        length += frame.length;
        held.set(nameOf(row), await heldOf(row));
      }
      file.flush();
      file.write(head, 0);
      file.flush();
      this.#generation = generation;
      this.#length = length;
      this.#isDamaged = false;
      this.#held = held;
    } finally {
      file.close();
    }
    await this.#removeBut(generation);
  }

  /** Ready to be written to; what this process knows of it is what it says. */
  async #openCurrent(): Promise<OpenFile> {
    if (this.#held) {
      const known = await this.#folder.open(String(this.#generation));
      if (known.size() === this.#length) return known;
      // Another window has written since.
      const isGone = known.size() === 0;
      known.close();
      if (isGone) await this.#folder.remove(String(this.#generation));
    }
    const { file, generation, isWhole } = await this.#openNewest();
    if (!file) return this.#begin();
    const found = await readFrames(file.read(file.size()));
    this.#generation = generation;
    this.#length = found.end;
    this.#isDamaged = found.skipped > 0 || !isWhole;
    this.#held = new Map();
    for (const [name, row] of replayed(found).rows) if (row[2] !== undefined) this.#held.set(name, await heldOf(row));
    file.truncate(found.end);
    return file;
  }

  async #begin(): Promise<OpenFile> {
    const head = await framed(headOf(1));
    const file = await this.#folder.open("1");
    file.write(head, 0);
    this.#generation = 1;
    this.#length = head.length;
    this.#isDamaged = false;
    this.#held = new Map();
    return file;
  }

  /** A file that was being written when the process died has no head: the one before it is there still. */
  async #openNewest(): Promise<{ file: OpenFile | undefined; generation: number; isWhole: boolean }> {
    const generations = (await this.#folder.names()).map(Number).filter(Number.isSafeInteger);
    let headless: { file: OpenFile; generation: number; isWhole: false } | undefined;
    for (const generation of generations.sort((a, b) => b - a)) {
      const file = await this.#folder.open(String(generation));
      const [first] = (await readFrames(file.read(longestHead))).entries;
      if (first && isHead(first, generation)) {
        headless?.file.close();
        return { file, generation, isWhole: true };
      }
      // The newest with anything in it.
      if (headless || file.size() === 0) file.close();
      else headless = { file, generation, isWhole: false };
    }
    // The only one there is, its head damaged: what is whole in it still counts.
    return headless ?? { file: undefined, generation: 0, isWhole: false };
  }

  /** Overwritten first: what is removed may lie on the disk for long. */
  async #removeBut(kept: number | undefined): Promise<void> {
    for (const name of await this.#folder.names()) {
      if (name === String(kept)) continue;
      const file = await this.#folder.open(name);
      file.write(new Uint8Array(file.size()), 0);
      file.flush();
      file.truncate(0);
      file.close();
      await this.#folder.remove(name);
    }
    if (kept === undefined) this.#held = undefined;
  }
}

/** Bytes in which a head is found. */
const longestHead = 256;

const headOf = (generation: number): Bytes => entryOf([["journal", "generation", generation]]);

const isHead = (entry: Bytes, generation: number): boolean => {
  const [change] = changesOf(entry);
  return change !== undefined && isOwn(change) && change[2] === generation;
};

async function heldOf(row: RowChange): Promise<Held> {
  const entry = entryOf([row]);
  return { digest: b64u((await sha256(entry)).subarray(0, 12)), size: entry.length };
}

function replayed({ entries, skipped }: Pick<Found, "entries" | "skipped">): Omit<JournalRows, "isTail"> {
  const rows = new Map<string, RowChange>();
  for (const change of entries.flatMap(changesOf)) {
    if (isOwn(change)) continue;
    // The latest word is the one that counts, also for the order.
    rows.delete(nameOf(change));
    rows.set(nameOf(change), change);
  }
  return { rows, skipped };
}

/** The head, which is about the file itself. */
const isOwn = ([store]: RowChange): boolean => store === "journal";
