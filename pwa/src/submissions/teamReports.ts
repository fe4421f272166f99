import type { ChecklistEntry } from "../missions/checklists";
import type { TeamReport } from "../missions/due";
import type { RecordVault } from "../vault/vault";
import type { OutboxItem } from "./outbox";

/** One line of the feed about a report of the team (protocol.md §6). */
interface ToldReport {
  data: { checklist_version: string; received_at: string };
}

/**
 * Every report the team has finished, once, however often it was corrected: those of this phone by when they were finished, others by when headquarters
 * received them. A version this phone does not hold has no form it knows; such reports are left out.
 */
export async function teamReports(
  vault: RecordVault,
  own: readonly OutboxItem[],
  checklists: readonly ChecklistEntry[],
): Promise<TeamReport[]> {
  // The latest first: of each report its first revision is left, which says when it was finished.
  const here = new Map(own.map((item) => [item.submission, item]));
  const forms = new Map(checklists.map(({ id, form }) => [id, form]));
  const told = await vault.all<ToldReport>("feed", "submission/");
  const others = told.flatMap(({ id, value: { data } }) => {
    const form = forms.get(data.checklist_version);
    const isOwn = here.has(id.slice("submission/".length));
    return form && !isOwn ? [{ form, at: Date.parse(data.received_at) }] : [];
  });
  return [...[...here.values()].map(({ form, madeAt }) => ({ form, at: Date.parse(madeAt) })), ...others];
}
