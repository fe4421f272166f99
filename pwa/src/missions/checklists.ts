/** The published versions this phone holds. Nothing here is ever deleted: a draft stays on the version it began with. */
import type { Definition, Texts } from "../engine/definition";
import type { RecordVault } from "../vault/vault";
import { FieldProblem } from "../wire/problem";

/** A published version the phone holds, without its questions. */
export interface ChecklistEntry {
  id: string;
  form: string;
  version: string;
  kind: string;
  title: Texts;
  short: Texts;
  status: "open" | "closing" | "retired";
  /** Some of its questions make a short form. */
  hasShort?: boolean;
}

/** An entry as kept: with the hash of its definition, to know whether that is here already, and the files it shows. */
export interface HeldChecklist extends ChecklistEntry {
  hash: string;
  files?: Definition["files"];
}

export class ChecklistStore {
  readonly #vault: RecordVault;

  constructor(vault: RecordVault) {
    this.#vault = vault;
  }

  /** In the order of their kinds and titles as published; newest version of a form first. */
  async list(): Promise<ChecklistEntry[]> {
    const held = await this.#vault.all<HeldChecklist>("checklists");
    return held
      .map(({ value: { hash: _hash, files: _files, ...entry } }) => entry)
      .sort((a, b) => a.form.localeCompare(b.form) || b.version.localeCompare(a.version));
  }

  /** Rejects with `checklist-missing` when the phone does not hold this version. */
  async definition(id: string): Promise<Definition> {
    const definition = await this.#vault.get<Definition>("definitions", id);
    if (!definition) throw new FieldProblem("checklist-missing", id);
    return definition;
  }
}
