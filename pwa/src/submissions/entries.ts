/** The team's own reports as choices: what a weekly report says it rests on (docs/checklists.md §8). */
import type { Choice, Texts } from "../engine/definition";
import type { LedgerEntry } from "./ledger";

/** How an entry is told from the others: code, form, place, day; made by whoever knows names and dates. */
export type EntryText = (entry: LedgerEntry) => Texts;

/**
 * The entries from `from` to `to` (days, both included; absent: no limit), the latest first. What was chosen before and is
 * no entry of these days stays on offer under its code, so that it can be taken back.
 */
export function entryChoices(
  ledger: readonly LedgerEntry[],
  { from = "", to = "9999" }: { from?: string; to?: string },
  chosen: readonly string[],
  text: EntryText,
): Choice[] {
  const wanted = new Set(chosen);
  const offered = ledger
    .filter(({ code, day, kind }) => wanted.has(code) || (day >= from && day <= to && kind !== "weekly"))
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.code < b.code ? 1 : -1));
  const known = new Set(offered.map(({ code }) => code));
  return [
    ...offered.map((entry) => ({ name: entry.code, label: text(entry) })),
    ...chosen.filter((code) => !known.has(code)).map((code) => ({ name: code, label: { en: code } })),
  ];
}
