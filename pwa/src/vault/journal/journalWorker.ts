/// <reference lib="webworker" />
/**
 * Keeps the journal beside the page: access handles, the one way to write a file of the private folder and know that it is on
 * the disk, exist in dedicated workers alone (File System Standard, `FileSystemSyncAccessHandle`).
 */
import type { Bytes } from "../../wire/bytes";
import { openDatabase } from "../database";
import { type Folder, JournalFile, type OpenFile } from "./journalFile";
import { journalFolder, markOf } from "./mark";
import type { JournalAnswer, JournalRequest } from "./messages";
import { mirrored, rescue } from "./rescue";
import { Reserve, reserveName } from "./reserve";

declare const self: DedicatedWorkerGlobalScope;

/** Unknown to TypeScript's library of windows. */
interface AccessHandle {
  getSize(): number;
  read(into: Bytes, options: { at: number }): number;
  write(bytes: Bytes, options: { at: number }): number;
  truncate(length: number): void;
  flush(): void;
  close(): void;
}
type FileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<AccessHandle> };

const directory = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(journalFolder, { create: true });

const folder: Folder = {
  names: async () => {
    const names: string[] = [];
    for await (const name of (await directory()).keys()) names.push(name);
    return names;
  },
  open: async (name) => {
    const handle = (await (await directory()).getFileHandle(name, { create: true })) as FileHandle;
    return openFile(await handle.createSyncAccessHandle());
  },
  remove: async (name) => (await directory()).removeEntry(name),
};

function openFile(handle: AccessHandle): OpenFile {
  return {
    size: () => handle.getSize(),
    read: (length) => {
      const bytes = new Uint8Array(Math.min(length, handle.getSize()));
      return bytes.subarray(0, handle.read(bytes, { at: 0 }));
    },
    write: (bytes, at) => {
      // A full disk may write less than was asked, without a word.
      if (handle.write(bytes, { at }) !== bytes.length)
        throw new DOMException("the disk is full", "QuotaExceededError");
    },
    truncate: (length) => handle.truncate(length),
    flush: () => handle.flush(),
    close: () => handle.close(),
  };
}

const journal = new JournalFile(folder);
const reserve = new Reserve(async () => {
  const origin = await navigator.storage.getDirectory();
  const handle = (await origin.getFileHandle(reserveName, { create: true })) as FileHandle;
  return openFile(await handle.createSyncAccessHandle());
});
/** One after the other, as they came. */
let last: Promise<unknown> = Promise.resolve();

async function work(request: JournalRequest): Promise<JournalAnswer> {
  if (request.what === "append") {
    const position = await journal.append(request.changes);
    return { position, isHeavy: journal.isHeavy };
  }
  if (request.what === "free") return { freed: await reserve.free(request.bytes) };
  const database = openDatabase(request.database);
  try {
    if (request.what === "rescue")
      return { rescue: await rescue(database, journal, request.mark), mark: await markOf(database) };
    const position = await mirrored(database, journal, request.isAnew);
    if (position !== undefined) await reserve.fill();
    return { position, mark: await markOf(database) };
  } finally {
    database.close();
  }
}

self.addEventListener("message", ({ data }: MessageEvent<JournalRequest>) => {
  last = last.then(async () => {
    try {
      self.postMessage({ id: data.id, ...(await work(data)) });
    } catch (failure) {
      self.postMessage({ id: data.id, failure: String(failure) });
    }
  });
});
