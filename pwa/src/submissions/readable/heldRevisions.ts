/**
 * The revisions of the team's reports that this phone can read: its own, and what headquarters told of the partner's
 * (protocol.md §13). Records of the vault, beside what the feed says of the reports.
 */
import type { Patch } from "../../engine/answers";
import type { RecordVault } from "../../vault/vault";

/** What a revision changed, who made it, and when. */
export interface HeldRevision {
  id: string;
  submission: string;
  checklist: string;
  base: readonly string[];
  patch: Patch;
  /** Path → SHA-256 of the plain bytes of the file it brings there. */
  files: Readonly<Record<string, string>>;
  device: string;
  /** Of the phone that made it, in its team. */
  letter: string;
  /** Id of the person. */
  author: string;
  /** ISO UTC, by that phone's clock. */
  madeAt: string;
  /** Code of the team it belongs to. */
  team: string;
}

const prefix = "revision/";

/** Where it lies in `feed`. */
export const heldRow = ({ submission, id }: Pick<HeldRevision, "submission" | "id">): string =>
  `${prefix}${submission}/${id}`;

/** Those of one report, or all, by report. */
export async function heldRevisions(vault: RecordVault, submission?: string): Promise<Map<string, HeldRevision[]>> {
  const rows = await vault.all<HeldRevision>("feed", submission === undefined ? prefix : `${prefix}${submission}/`);
  const held = new Map<string, HeldRevision[]>();
  for (const { value } of rows) held.set(value.submission, [...(held.get(value.submission) ?? []), value]);
  return held;
}

/** A report of the team as the feed tells it (protocol.md §6). */
export interface ToldReport {
  code: string;
  checklist_version: string;
  team: string;
  status: string;
  received_at: string;
  /** Servers of earlier versions leave it out. */
  heads?: readonly string[];
}

/** What the feed said last of each report. */
export async function toldReports(vault: RecordVault): Promise<Map<string, ToldReport>> {
  const rows = await vault.all<{ data: ToldReport }>("feed", "submission/");
  return new Map(rows.map(({ id, value: { data } }) => [id.slice("submission/".length), data]));
}
