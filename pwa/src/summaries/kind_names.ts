/** Kinds of checklists in the order of a mission's work, and their names. */
import { m } from "../i18n/paraglide/messages";

const names: Record<string, () => string> = {
  meeting: m.desk_kind_meeting,
  campaign_event: m.desk_kind_campaign_event,
  commission: m.desk_kind_commission,
  polling_station: m.desk_kind_polling_station,
  complaint: m.desk_kind_complaint,
  flash: m.desk_kind_flash,
  weekly: m.desk_kind_weekly,
};
const order = Object.keys(names);

export function kindName(kind: string): string {
  return names[kind]?.() ?? kind;
}

/** The kinds for which some region has reports; kinds of the mission's own come last. */
export function kindsIn(regions: readonly { kinds: Readonly<Record<string, number>> }[]): string[] {
  const found = new Set(regions.flatMap(({ kinds }) => Object.keys(kinds).filter((kind) => kinds[kind])));
  const place = (kind: string) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return [...found].sort((one, other) => place(one) - place(other) || one.localeCompare(other));
}
