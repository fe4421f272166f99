/**
 * The files of one draft, and which answers own them. A file chosen twice is stored once, so its bytes may go only with
 * the last answer that names it: replaced in one question, it must stay in the other.
 */

import type { Answers } from "../engine/answers";
import type { Attachment, Attachments, Keeping } from "./attachments";

/** What the draft whose files these are can do. */
export interface FilesOf {
  readonly submission: string;
  /** Every answer, also of questions that do not apply at the moment. */
  answers(): Answers;
  /** Answers of the finished report that the draft changes: their files are that report's. */
  readonly finished?: Answers;
  /** Resolves once the answers as they are now are on the disk; rejects when they could not be written. */
  saved(): Promise<void>;
}

const nothing = () => undefined;
const isHash = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

export class DraftFiles {
  readonly #store: Pick<Attachments, "add" | "remove" | "missing">;
  readonly #draft: FilesOf;
  /**
   * By hash of the file, every path that named it since the draft was opened and was not answered anew. Rows that were
   * removed are among them: they can be put back.
   */
  readonly #owners = new Map<string, Set<string>>();
  /** One change after the other: a file that is about to be dropped may be chosen again meanwhile. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Pick<Attachments, "add" | "remove" | "missing">, draft: FilesOf) {
    this.#store = store;
    this.#draft = draft;
  }

  /**
   * Keeps the bytes and hands their hash to `answer`, which answers the question at `path` with it at once. What answered
   * it before goes when nobody else owns it. Rejects as `Attachments.add` does; then nothing has changed.
   */
  attach(path: string, file: Blob, keeping: Keeping, answer: (sha256: string) => void): Promise<Attachment> {
    return this.#next(async () => {
      this.#count();
      const kept = await this.#store.add(this.#draft.submission, file, keeping);
      // Read now: its row may have been removed meanwhile, and comes back as it was.
      const before = this.#draft.answers()[path];
      answer(kept.sha256);
      this.#own(path, kept.sha256);
      if (isHash(before) && before !== kept.sha256) await this.#drop(path, before);
      return kept;
    });
  }

  /** Takes the answer away by `answer`, and the bytes when nobody else owns them. */
  detach(path: string, answer: () => void): Promise<void> {
    return this.#next(async () => {
      this.#count();
      const before = this.#draft.answers()[path];
      answer();
      if (isHash(before)) await this.#drop(path, before);
    });
  }

  /** Call before rows are removed: what they hold stays, so that they can be put back. */
  remember(): void {
    this.#count();
  }

  /** Resolves once everything asked for so far is done. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Which of the files at these paths are no longer on the phone: `path → hash`. */
  async missing(named: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
    if (named.size === 0) return new Set();
    const gone = new Set(await this.#store.missing(this.#draft.submission, [...named.values()]));
    return new Set([...named].flatMap(([path, sha256]) => (gone.has(sha256) ? [path] : [])));
  }

  #next<T>(change: () => Promise<T>): Promise<T> {
    const changing = this.#last.then(change);
    this.#last = changing.catch(nothing);
    return changing;
  }

  /** Every file the answers name now. */
  #count(): void {
    for (const [path, value] of Object.entries(this.#draft.answers())) {
      if (isHash(value)) this.#own(path, value);
    }
  }

  #own(path: string, sha256: string): void {
    const owners = this.#owners.get(sha256);
    if (owners) owners.add(path);
    else this.#owners.set(sha256, new Set([path]));
  }

  async #drop(path: string, sha256: string): Promise<void> {
    const owners = this.#owners.get(sha256);
    owners?.delete(path);
    if (owners && owners.size > 0) return;
    this.#owners.delete(sha256);
    if (Object.values(this.#draft.finished ?? {}).includes(sha256)) return;
    try {
      await this.#draft.saved();
    } catch {
      // The draft on the disk still names it: it goes when the report is finished or removed. The screen says why.
      return;
    }
    await this.#store.remove(this.#draft.submission, sha256);
  }
}
