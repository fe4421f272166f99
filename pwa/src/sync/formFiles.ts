/** Fetches the pictures and recordings of the checklists this phone holds. They may be missing: a question reads without them. */

import type { MediaFile } from "../engine/definition";
import type { HeldChecklist } from "../missions/checklists";
import { FormFiles } from "../missions/formFiles";
import type { ProvingContact } from "../people/dpop";
import type { RecordVault } from "../vault/vault";
import { problemOf } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import type { DownloadTask } from "./status";

/** The files that are announced by held checklists and lacking. */
export async function formFileTasks(vault: RecordVault, proving: ProvingContact): Promise<DownloadTask[]> {
  const held = await vault.all<HeldChecklist>("checklists");
  const announced = new Map(held.flatMap(({ value }) => Object.entries(value.files ?? {})));
  const files = new FormFiles(vault);
  const missing = await files.missing([...announced.keys()]);
  return missing.flatMap((address) => {
    const file = announced.get(address);
    return file ? [{ what: "files", bytes: file.size, run: () => fetchFile(files, proving, address, file) }] : [];
  });
}

async function fetchFile(files: FormFiles, proving: ProvingContact, address: string, file: MediaFile): Promise<void> {
  const response = await proving.get(`/checklists/files/${address}`, file.size);
  // Gone at headquarters: the checklist works without it, and so does the rest of the round.
  if (response.status === 404) return;
  if (!response.ok) throw await problemOf(response);
  const bytes = await response.arrayBuffer().catch((failure: unknown) => {
    throw new FieldProblem("no-contact", String(failure));
  });
  await files.keep(address, file.type, new Uint8Array(bytes)).catch((failure: unknown) => {
    // A captive portal's page, or damaged on the way: the next round asks again.
    if (!(failure instanceof FieldProblem && failure.slug === "file-damaged")) throw failure;
  });
}
