import { m } from "../../i18n/paraglide/messages";
import type { ChecklistEntry } from "../../missions/checklists";
import type { IconName } from "../../ui/icons";

/** When in the life of a mission a checklist is taken up. */
export type Group = "before" | "election_day" | "any_time";

const kinds: Record<string, { group: Group; icon: IconName }> = {
  meeting: { group: "before", icon: "meeting" },
  campaign_event: { group: "before", icon: "campaign" },
  commission: { group: "before", icon: "commission" },
  polling_station: { group: "election_day", icon: "station" },
  complaint: { group: "any_time", icon: "complaint" },
  flash: { group: "any_time", icon: "flash" },
  weekly: { group: "any_time", icon: "weekly" },
};
const otherKind = { group: "any_time", icon: "list" } as const;
const kindsInOrder = Object.keys(kinds);

/** The course of an election day, as words in the names of its forms. */
const electionDay = ["opening", "voting", "counting", "tabulation"];

/** Where a tile stands in its group: kinds as above, unknown ones last, forms of an election day by the hour. */
function byCourse(a: ChecklistEntry, b: ChecklistEntry): number {
  const place = ({ kind }: ChecklistEntry) => (kind in kinds ? kindsInOrder.indexOf(kind) : kindsInOrder.length);
  const hour = ({ form }: ChecklistEntry) => electionDay.findIndex((word) => form.includes(word));
  return place(a) - place(b) || hour(a) - hour(b);
}

export function iconOf(kind: string): IconName {
  return (kinds[kind] ?? otherKind).icon;
}

export function groupName(group: Group): string {
  return { before: m.group_before, election_day: m.group_election_day, any_time: m.group_any_time }[group]();
}

/** `10` is newer than `9`, and `2021-01-12` than `2021-01-05`. */
function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) > 0;
}

/** Every checklist that may be begun, once, in its newest open version: what headquarters closes or retires begins nothing new. */
export function newestOpen(entries: readonly ChecklistEntry[]): ChecklistEntry[] {
  const newest = new Map<string, ChecklistEntry>();
  for (const entry of entries) {
    if (entry.status !== "open") continue;
    const held = newest.get(entry.form);
    if (!held || isNewer(entry.version, held.version)) newest.set(entry.form, entry);
  }
  return [...newest.values()];
}

/** The tiles of New: every checklist that may be begun, under its group. Drafts on other versions go on. */
export function tileGroups(entries: readonly ChecklistEntry[]): { group: Group; entries: ChecklistEntry[] }[] {
  const begun = newestOpen(entries);
  const groups: Group[] = ["before", "election_day", "any_time"];
  return groups
    .map((group) => ({
      group,
      entries: begun.filter(({ kind }) => (kinds[kind] ?? otherKind).group === group).sort(byCourse),
    }))
    .filter(({ entries: tiles }) => tiles.length > 0);
}
