/** A file that is nothing but room: written while there is some, given up when a text has to be kept on a full disk. */
import { randomBytes } from "../../wire/bytes";
import type { OpenFile } from "./journalFile";

/** Its name in the origin's private folder. */
export const reserveName = "steppe-reserve";
/** In bytes: the longest report's text as a draft, sealed, and in the journal, and what the database takes for itself. */
export const reserveLength = 4 * 1024 * 1024;
const piece = 64 * 1024;

export class Reserve {
  readonly #open: () => Promise<OpenFile>;

  constructor(open: () => Promise<OpenFile>) {
    this.#open = open;
  }

  /** As far as the disk lets it: what there is no room for is not there. */
  async fill(): Promise<void> {
    const file = await this.#open();
    try {
      // Chance, which no file system stores in less than its length.
      for (let at = file.size(); at < reserveLength; at += piece) file.write(randomBytes(piece), at);
      file.flush();
    } catch (failure) {
      if (!(failure instanceof DOMException && failure.name === "QuotaExceededError")) throw failure;
    } finally {
      file.close();
    }
  }

  /** Gives up to its last `bytes`, counted from the whole; gives how many it gave up. */
  async free(bytes: number): Promise<number> {
    const file = await this.#open();
    try {
      const before = file.size();
      const after = Math.min(before, reserveLength - bytes);
      file.truncate(after);
      file.flush();
      return before - after;
    } finally {
      file.close();
    }
  }
}
