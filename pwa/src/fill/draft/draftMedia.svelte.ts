import type { Keeping } from "../../attachments/attachments";
import type { WaitingCapture } from "../../attachments/captures";
import { DraftFiles, type FilesOf } from "../../attachments/draftFiles";
import type { FillField } from "./session";

/** What it takes from the draft it belongs to. */
interface DraftFacts extends FilesOf {
  /** Path → hash of each file that answers a question asked now. */
  named(): ReadonlyMap<string, string>;
  /** Answers the question at `path` with a file. */
  answer(path: string, sha256: string): void;
  /** Takes that answer away. */
  clear(path: string): void;
  /** Nothing waits for somebody to decide. */
  decided(): void;
}

/** The photos, recordings and files of a draft: those that are its answers, are lost, are being made, or wait to be one. */
export class DraftMedia {
  /** Ends what is being recorded, once it is an answer: asked before the key goes, and before the report is finished. */
  readonly endings = new Set<() => Promise<void>>();
  /** What was recorded or photographed for it and is no answer: the report is not finished before somebody decides. */
  waiting = $state.raw<readonly WaitingCapture[]>([]);
  /** Paths of answers whose file is no longer on the phone. */
  #lost = $state.raw<ReadonlySet<string>>(new Set());
  readonly #files: DraftFiles;
  readonly #field: FillField;
  readonly #draft: DraftFacts;

  constructor(field: FillField, draft: DraftFacts) {
    this.#field = field;
    this.#draft = draft;
    this.#files = new DraftFiles(field.attachments, draft);
  }

  /** Looks what was recorded or photographed and did not become an answer. Nothing where this tab may not write. */
  async lookForCaptures(): Promise<void> {
    this.waiting = this.#field.readOnly ? [] : await this.#field.captures.waiting(this.#draft.submission);
    if (this.waiting.length === 0) this.#draft.decided();
  }

  /** Looks whether every file that is an answer is still on the phone; those that are not stand on the review. */
  async lookForFiles(): Promise<void> {
    this.#lost = await this.#files.missing(this.#draft.named());
  }

  /** Paths of answers whose file was looked for and is not on the phone. */
  get lost(): ReadonlySet<string> {
    return this.#lost;
  }

  /** Notes who owns which file: a row is about to go, and may come back. */
  remember(): void {
    this.#files.remember();
  }

  /** Answers the question at `path` with a file. Rejects as `Attachments.add` does; then nothing has changed. */
  async attach(path: string, file: Blob, keeping: Keeping): Promise<void> {
    await this.#files.attach(path, file, keeping, (sha256) => this.#draft.answer(path, sha256));
    await this.lookForFiles();
  }

  /** Takes away the file that answers the question at `path`. */
  async detach(path: string): Promise<void> {
    await this.#files.detach(path, () => this.#draft.clear(path));
    await this.lookForFiles();
  }

  /** Ends what is being recorded; resolves once every file on its way is an answer. */
  async settle(): Promise<void> {
    await Promise.all([...this.endings].map((end) => end()));
    await this.#files.settled();
  }
}
