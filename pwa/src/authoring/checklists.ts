/** Asking the server about checklists, and what its answers come to on the page. */

import { api, type Change, type Checklist, type Comparison, DeskProblem, read } from "../desk/api";
import type { Definition } from "../engine/definition";
import type { Places } from "../missions/places";

export type Status = Checklist["status"];
export const statuses: readonly Status[] = ["open", "closing", "retired"];

/** A form with its versions, newest first. */
export interface Form {
  form: string;
  title: Checklist["title"];
  versions: Checklist[];
}

export async function allVersions(): Promise<Checklist[]> {
  return (await read(api.GET("/api/v1/desk/checklists"))).checklists;
}

/** Versions under their forms; `versions` come newest first, and so a form bears the title of its newest. */
export function byForm(versions: readonly Checklist[]): Form[] {
  const forms = new Map<string, Form>();
  for (const version of versions) {
    const { form, title } = version;
    const held = forms.get(form);
    if (held) held.versions.push(version);
    else forms.set(form, { form, title, versions: [version] });
  }
  return [...forms.values()];
}

/** The version published before this one, to compare it with; undefined for the first of its form. */
export function olderOf(versions: readonly Checklist[], version: Checklist): Checklist | undefined {
  return versions.find(({ form, published_at }) => form === version.form && published_at < version.published_at);
}

/** Rejects with a `DeskProblem`. */
export async function definitionOf(version: string): Promise<Definition> {
  const params = { path: { version_id: version }, query: { format: 2 } };
  return (await read(api.GET("/api/v1/checklists/{version_id}", { params }))) as unknown as Definition;
}

/** Whole forms are sent as they were chosen: one spreadsheet with its files, or a zip of them. */
function asForm(files: readonly File[]): FormData {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return form;
}

const body = { files: [] };

/** What publishing these files would come to; nothing is saved. */
export function checkForm(files: readonly File[]) {
  return read(api.POST("/api/v1/desk/checklists/check", { body, bodySerializer: () => asForm(files) }));
}

export function publishForm(files: readonly File[]) {
  return read(api.POST("/api/v1/desk/checklists", { body, bodySerializer: () => asForm(files) }));
}

/** A step back (closing → open) needs a reason, which is kept in the audit trail. */
export function setStatus(version: string, status: Status, reason: string) {
  const params = { path: { version_id: version } };
  return read(api.POST("/api/v1/desk/checklists/{version_id}/status", { params, body: { status, reason } }));
}

export function comparisonOf(before: string, after: string): Promise<Comparison> {
  const params = { path: { before, after } };
  return read(api.GET("/api/v1/desk/checklists/{before}/diff/{after}", { params }));
}

/** The mission's places, as phones have them; undefined in a mission that has loaded none. */
export async function previewPlaces(): Promise<Places | undefined> {
  try {
    return (await read(api.GET("/api/v1/places"))) as unknown as Places;
  } catch (failure) {
    if (failure instanceof DeskProblem && failure.slug === "not-found") return undefined;
    throw failure;
  }
}

export interface Tally {
  added: number;
  removed: number;
  moved: number;
  changed: number;
  /** Changed so that its answers are counted for each version by itself. */
  broken: number;
}

/** How many questions came, went, moved, changed. */
export function tallyOf(changes: readonly Pick<Change, "kind" | "is_comparable">[]): Tally {
  const tally = { added: 0, removed: 0, moved: 0, changed: 0, broken: 0 };
  for (const { kind, is_comparable } of changes) {
    tally[kind] += 1;
    if (kind === "changed" && !is_comparable) tally.broken += 1;
  }
  return tally;
}
