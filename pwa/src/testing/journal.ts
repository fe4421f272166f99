/** A private folder in memory, and a page's journal over it without a worker. */
import { openDatabase } from "../vault/database";
import { type Folder, JournalFile } from "../vault/journal/journalFile";
import { markOf } from "../vault/journal/mark";
import { type AskJournal, PageJournal } from "../vault/journal/pageJournal";
import { mirrored, rescue } from "../vault/journal/rescue";
import { Reserve } from "../vault/journal/reserve";
import type { Bytes } from "../wire/bytes";

export class MemoryFolder implements Folder {
  readonly files = new Map<string, Bytes>();
  /** Bytes that may still be written. */
  room = Number.POSITIVE_INFINITY;

  async names(): Promise<string[]> {
    return [...this.files.keys()];
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async open(name: string) {
    const { files } = this;
    const bytes = () => files.get(name) ?? new Uint8Array();
    if (!files.has(name)) files.set(name, bytes());
    return {
      size: () => bytes().length,
      read: (length: number) => bytes().slice(0, length),
      write: (written: Bytes, at: number) => {
        const grown = new Uint8Array(Math.max(bytes().length, at + written.length));
        this.room -= grown.length - bytes().length;
        if (this.room < 0) throw new DOMException("full", "QuotaExceededError");
        grown.set(bytes());
        grown.set(written, at);
        files.set(name, grown);
      },
      truncate: (length: number) => {
        this.room += bytes().length - length;
        files.set(name, bytes().slice(0, length));
      },
      flush: () => undefined,
      close: () => undefined,
    };
  }

  /** The one file that is in use. */
  get file(): Bytes {
    const newest = Math.max(...[...this.files.keys()].map(Number));
    return this.files.get(String(newest)) ?? new Uint8Array();
  }

  set file(bytes: Bytes) {
    this.files.set(String(Math.max(...[...this.files.keys()].map(Number))), bytes);
  }
}

/** Where marks lie, as a browser keeps them beside the database. */
export function memoryPlaces() {
  const stored = new Map<string, string>();
  const cached = new Map<string, string>();
  return {
    stored,
    cached,
    storage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    },
    caches: {
      open: async (name: string) => ({
        put: async (_: string, made: Response) => void cached.set(name, await made.text()),
      }),
      match: async (_: string, { cacheName }: { cacheName: string }) =>
        cached.has(cacheName) ? new Response(cached.get(cacheName)) : undefined,
      delete: async (name: string) => cached.delete(name),
    } as unknown as Pick<CacheStorage, "open" | "match" | "delete">,
  };
}

/** What the worker does, on the page; each call knows only what lies in the folder. */
export const askFolder = (folder: Folder, name: string): AskJournal => {
  return async (request) => {
    const journal = new JournalFile(folder);
    const database = openDatabase(name);
    const reserve = new Reserve(() => folder.open("reserve"));
    try {
      if (request.what === "free") return { freed: await reserve.free(request.bytes) };
      if (request.what === "append")
        return { position: await journal.append(request.changes), isHeavy: journal.isHeavy };
      if (request.what === "rescue")
        return { rescue: await rescue(database, journal, request.mark), mark: await markOf(database) };
      return { position: await mirrored(database, journal, request.isAnew), mark: await markOf(database) };
    } catch (failure) {
      return { failure: String(failure) };
    } finally {
      database.close();
    }
  };
};

export const memoryJournal = (
  name: string,
  folder: MemoryFolder,
  places: ReturnType<typeof memoryPlaces>,
): PageJournal => new PageJournal({ database: name, ask: askFolder(folder, name), ...places });
