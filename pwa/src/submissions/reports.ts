/** Reports as a person sees them: one, however many revisions of it were made here. */

import type { OutboxItem } from "./outbox";

/** A report with its newest words, and how what of it was made here stands at headquarters. */
export interface Report extends OutboxItem {
  /** The newest first. */
  revisions: readonly OutboxItem[];
}

/**
 * The reports that these revisions, the latest first, are of: the one finished last comes first, whatever was changed since.
 * What is told of a report is of the revision that is furthest from done.
 */
export function reportsOf(items: readonly OutboxItem[]): Report[] {
  const groups = new Map<string, OutboxItem[]>();
  for (const item of items) groups.set(item.submission, [...(groups.get(item.submission) ?? []), item]);
  return [...groups.values()].map(reportOf).sort((one, other) => other.madeAt.localeCompare(one.madeAt));
}

/** The further from done, the earlier. */
const course = ["sending", "waiting", "quarantined", "received"];

function reportOf(revisions: readonly OutboxItem[]): Report {
  const [newest, first] = [revisions[0], revisions.at(-1)] as [OutboxItem, OutboxItem];
  const told = revisions.toSorted((one, other) => course.indexOf(one.state) - course.indexOf(other.state))[0] ?? newest;
  const { revision, code, checklist, form, title, isReadable } = newest;
  const { place: _, short: __, ...standing } = told;
  const sum = (of: "total" | "received") => revisions.reduce((all, { attachments }) => all + attachments[of], 0);
  const retained = (["always", "until-safe"] as const).find((how) => revisions.some((one) => one.retained === how));
  return {
    ...standing,
    ...{ revision, code, checklist, form, title, isReadable },
    ...(newest.place ? { place: newest.place } : {}),
    ...(newest.short ? { short: true } : {}),
    ...(retained ? { retained } : {}),
    madeAt: first.madeAt,
    attachments: { total: sum("total"), received: sum("received") },
    revisions,
  };
}
