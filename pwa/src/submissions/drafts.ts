/** Drafts: saved strictly at every answer, deleted only by their author or by finishing. */

import type { Answers } from "../engine/definition";
import type { ChecklistStore } from "../missions/checklists";
import type { Database, Transaction } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { FieldProblem } from "../wire/problem";
import type { Draft, DraftStart } from "./draft";
import { newDraft } from "./draft";

export class Drafts {
  readonly #vault: RecordVault;
  readonly #database: Database;
  readonly #checklists: ChecklistStore;
  /** The last save of each draft: a later save waits for it, so that an older state can never land on top. */
  readonly #saving = new Map<string, Promise<unknown>>();

  constructor(vault: RecordVault, database: Database, checklists: ChecklistStore) {
    this.#vault = vault;
    this.#database = database;
    this.#checklists = checklists;
  }

  /** The latest saved first. */
  async list(): Promise<Draft[]> {
    const drafts = (await this.#vault.all<Draft>("drafts")).map(({ value }) => value);
    return drafts.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
  }

  /** By its id, or the one it had under an earlier app. */
  async get(submission: string): Promise<Draft | undefined> {
    const draft = await this.#vault.get<Draft>("drafts", submission);
    return draft ?? (await this.list()).find(({ earlier }) => earlier === submission);
  }

  /** What the report of this form last finished here left for the next one. */
  async carried(form: string): Promise<Answers> {
    const id = await this.#vault.blindId("carried", form);
    return (await this.#vault.get<Answers>("carried", id)) ?? {};
  }

  async start(checklist: string, begun?: DraftStart): Promise<Draft> {
    const draft = newDraft(checklist, await this.#checklists.definition(checklist), begun);
    const { id, bytes } = await this.#vault.seal("drafts", draft.submission, draft);
    await this.#database.write(["drafts"], (t) => t.objectStore("drafts").put(bytes, id), [["drafts", id, bytes]]);
    return draft;
  }

  /** Strictly durable when it resolves. Rejects with `draft-gone` when it was finished or removed: a late save must not bring it back. */
  async save(draft: Draft): Promise<Draft> {
    const saved = { ...draft, savedAt: new Date().toISOString() };
    const earlier = this.#saving.get(draft.submission);
    const saving = (async () => {
      const { id, bytes } = await this.#vault.seal("drafts", saved.submission, saved);
      await earlier?.catch(() => undefined);
      const write = async (transaction: Transaction<"readwrite">) => {
        const drafts = transaction.objectStore("drafts");
        if ((await drafts.getKey(id)) === undefined) throw new FieldProblem("draft-gone", id);
        await drafts.put(bytes, id);
      };
      await this.#database.write(["drafts"], write, [["drafts", id, bytes]]);
    })();
    this.#saving.set(draft.submission, saving);
    try {
      await saving;
    } finally {
      if (this.#saving.get(draft.submission) === saving) this.#saving.delete(draft.submission);
    }
    return saved;
  }

  async remove(submission: string): Promise<void> {
    await this.#vault.remove("drafts", submission);
  }
}
