import type { Draft } from "../../submissions/draft";
import { slugOf } from "../../wire/problem";
import { type Autosave, autosave } from "./autosave";
import type { FillSession } from "./session";

const slow = 500;

/** A draft's way to the disk: what is written, what is not yet, and why not. */
export class AutosavedDraft {
  /** Set while the latest write has not succeeded: why. */
  problem = $state<string>();
  /** A write is taking long enough to be worth a word. */
  isSaving = $state(false);
  /** An answer is given that no disk holds yet: the mark must not speak for it. */
  isPending = $state(false);
  savedAt = $state("");
  /** The observer has changed something since the draft was opened. */
  isTouched = false;
  #draft: Draft;
  #isDone = false;
  #changes = 0;
  /** It was opened with no answer of its own. */
  readonly #wasEmpty: boolean;
  readonly #session: FillSession;
  readonly #contents: () => Pick<Draft, "answers" | "progress">;
  readonly #saving: Autosave;

  /** `contents` gives the answers of the moment, and how many of the questions they are. */
  constructor(session: FillSession, draft: Draft, contents: () => Pick<Draft, "answers" | "progress">) {
    this.#session = session;
    this.#draft = draft;
    this.#contents = contents;
    this.#wasEmpty = JSON.stringify(draft.answers) === JSON.stringify(draft.correction?.from ?? {});
    this.savedAt = draft.savedAt;
    this.#saving = autosave({
      save: () => this.#save(),
      onFailure: (failure) => {
        this.problem = slugOf(failure);
      },
    });
  }

  get at(): Draft["at"] {
    return this.#draft.at;
  }

  /** The draft as it is at this moment. */
  get draft(): Draft {
    return { ...this.#draft, ...this.#contents() };
  }

  /** Something was answered, or (`facts`) said about the draft as a whole. */
  changed(how: "answer" | "typing", facts: Partial<Draft> = {}): void {
    this.#draft = { ...this.#draft, ...facts };
    this.isTouched = true;
    this.isPending = true;
    this.#changes += 1;
    this.#saving.changed(how);
  }

  /** Something to write along with the next change; by itself it is none. */
  noted(facts: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...facts };
  }

  /** The observer is somewhere else. Nothing is written of a checklist opened by mistake. */
  moved(at: Draft["at"]): void {
    if (this.at.section === at.section && this.at.path === at.path) return;
    this.#draft = { ...this.#draft, at };
    if (this.isTouched || !this.#wasEmpty) this.#saving.changed("typing");
  }

  async #save(): Promise<void> {
    const timer = setTimeout(() => {
      this.isSaving = true;
    }, slow);
    try {
      const changes = this.#changes;
      this.savedAt = (await this.#session.field.drafts.save(this.draft)).savedAt;
      this.isPending = changes !== this.#changes;
      this.problem = undefined;
    } finally {
      clearTimeout(timer);
      this.isSaving = false;
    }
  }

  /** Writes at once what is not written yet. A failure shows in `problem`. */
  async flush(): Promise<void> {
    if (this.#isDone) return;
    await this.#saving.flush().catch((failure: unknown) => {
      this.problem = slugOf(failure);
    });
  }

  /** The same, for whoever must know that it succeeded: rejects with what the write rejected with. */
  async settle(): Promise<void> {
    await this.#saving.flush();
  }

  /** The draft is finished or removed: no late write brings it back. */
  end(): void {
    this.#isDone = true;
    this.#saving.stop();
  }

  /** The screen goes. A checklist opened by mistake and never answered leaves nothing behind. */
  async close(): Promise<void> {
    await this.flush();
    this.#saving.stop();
    const { vault, field } = this.#session;
    if (vault !== "open") return;
    if (!this.#isDone && this.#wasEmpty && !this.isTouched && !field.readOnly) {
      await field.drafts.remove(this.#draft.submission);
    }
    await this.#session.loadDrafts();
  }
}
