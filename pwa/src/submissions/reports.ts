/** Reports as a person sees them: one, however many revisions of it were made here. */

import type { OutboxItem } from "./outbox";

/** A report with its newest words, and how what of it was made here stands at headquarters. */
export interface Report extends OutboxItem {
  /** The newest first. */
  revisions: readonly OutboxItem[];
  /** What was signed here to take it back, the newest first. */
  withdrawals: readonly OutboxItem[];
}

/**
 * The reports that these revisions, the latest first, are of: the one finished last comes first, whatever was changed since.
 * What is told of a report is of the revision that is furthest from done.
 */
export function reportsOf(items: readonly OutboxItem[]): Report[] {
  const groups = new Map<string, OutboxItem[]>();
  for (const item of items) {
    const key = item.withdraws?.submission ?? item.submission;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].map(reportOf).sort((one, other) => other.madeAt.localeCompare(one.madeAt));
}

/** The revisions of a report that a withdrawal names: the last one made here, but none that headquarters kept aside. */
export function headsOf({ revisions }: Pick<Report, "revisions">): string[] {
  const head = revisions.find(({ state }) => state !== "quarantined") ?? revisions[0];
  return head ? [head.revision] : [];
}

/**
 * What was signed here to take a report back as it is now: a correction made since brings it back. `heads`: the revisions it ends
 * with, where the partner's are known too.
 */
export function withdrawalOf(report: Report, heads: readonly string[] = headsOf(report)): OutboxItem | undefined {
  return report.withdrawals.find(({ withdraws }) => heads.every((head) => withdraws?.heads.includes(head)));
}

/** The further from done, the earlier. */
const course = ["sending", "waiting", "quarantined", "received"];

function reportOf(made: readonly OutboxItem[]): Report {
  const withdrawals = made.filter(({ withdraws }) => withdraws);
  const finished = made.filter(({ withdraws }) => !withdraws);
  // Where the report itself is no longer here, what was said to take it back is shown all the same.
  const revisions = finished.length > 0 ? finished : made;
  const [newest, first] = [revisions[0], revisions.at(-1)] as [OutboxItem, OutboxItem];
  const told = made.toSorted((one, other) => course.indexOf(one.state) - course.indexOf(other.state))[0] ?? newest;
  const { revision, submission, code, checklist, form, title, isReadable } = newest;
  const { place: _, short: __, ...standing } = told;
  const sum = (of: "total" | "received") => revisions.reduce((all, { attachments }) => all + attachments[of], 0);
  const retained = (["always", "until-safe"] as const).find((how) => made.some((one) => one.retained === how));
  return {
    ...standing,
    ...{ revision, submission, code, checklist, form, title, isReadable },
    ...(newest.place ? { place: newest.place } : {}),
    ...(newest.short ? { short: true } : {}),
    ...(retained ? { retained } : {}),
    madeAt: first.madeAt,
    attachments: { total: sum("total"), received: sum("received") },
    revisions,
    withdrawals,
  };
}
