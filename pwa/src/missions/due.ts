/** What the mission says is due (`[[due]]` of mission.toml), and how this team stands to it. Knows neither storage nor screens. */
import { contextAt, DAY_MS, isoToday } from "../engine/functions/dates";
import { withOffset } from "../i18n/dates";

/** One report that is due, as the mission tells it. */
export interface DueEntry {
  /** The id of a checklist. */
  form: string;
  /** Codes; none: every team. */
  teams: readonly string[];
  /** A day of the week in English, then every week; or one day: `2021-01-11`. */
  day: string;
  /** `18:00`, by the clock of `zone` (IANA name). */
  time: string;
  zone: string;
}

/** A finished report of the team. */
export interface TeamReport {
  form: string;
  /** When it was finished; of a partner's, when headquarters received it. Milliseconds. */
  at: number;
}

export interface DueReport {
  form: string;
  state: "due" | "done" | "late";
  /** The deadline that is meant. Milliseconds. */
  at: number;
}

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** The calendar day in `zone`. */
const dayIn = (zone: string, moment: number): string => isoToday(contextAt(moment, zone));

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The deadline on a calendar day, by the clock of the entry's zone. */
const deadlineOn = ({ time, zone }: DueEntry, day: string): number => Date.parse(withOffset(`${day}T${time}`, zone));

/** The first weekly deadline that is not over, and the one before; NaN for a day nobody knows. */
function weekly(entry: DueEntry, now: number): { last: number; next: number } {
  const wanted = weekdays.indexOf(entry.day);
  const today = dayIn(entry.zone, now);
  const ahead = (wanted - new Date(`${today}T00:00Z`).getUTCDay() + 7) % 7;
  const first = dayAfter(today, ahead);
  const isOver = deadlineOn(entry, first) < now;
  const next = isOver ? dayAfter(first, 7) : first;
  return { last: deadlineOn(entry, dayAfter(next, -7)), next: deadlineOn(entry, next) };
}

/**
 * How a team stands to an entry at `now`. Every week asks for a report of its own, from the deadline before until its own;
 * what was missed stays late until a report comes, which then counts for the missed week and not for the running one.
 * `from` and `to`: the mission's days; no deadline outside them counts. Undefined: nothing is due of this.
 */
export function dueReport(
  entry: DueEntry,
  reports: readonly TeamReport[],
  now: number,
  { from, to }: { from: string; to: string },
): DueReport | undefined {
  const own = reports.filter(({ form }) => form === entry.form).map(({ at }) => at);
  const { form } = entry;
  if (!weekdays.includes(entry.day)) {
    const at = deadlineOn(entry, entry.day);
    if (Number.isNaN(at)) return undefined;
    return { form, at, state: own.length > 0 ? "done" : at < now ? "late" : "due" };
  }
  const { last, next } = weekly(entry, now);
  const counts = (deadline: number) => {
    const day = dayIn(entry.zone, deadline);
    return day >= from && day <= to;
  };
  const before = own.filter((at) => at > last - 7 * DAY_MS && at <= last);
  const since = own.filter((at) => at > last);
  const isMissed = counts(last) && before.length === 0;
  if (isMissed && since.length === 0) return { form, at: last, state: "late" };
  if (!counts(next)) return undefined;
  return { form, at: next, state: since.length > (isMissed ? 1 : 0) ? "done" : "due" };
}

/** Of this team, the late ones first, then by deadline; what is done last. */
export function dueOf(
  entries: readonly DueEntry[],
  team: string,
  reports: readonly TeamReport[],
  now: number,
  mission: { from: string; to: string },
): DueReport[] {
  const order = { late: 0, due: 1, done: 2 };
  return entries
    .filter(({ teams }) => teams.length === 0 || teams.includes(team))
    .flatMap((entry) => dueReport(entry, reports, now, mission) ?? [])
    .sort((a, b) => order[a.state] - order[b.state] || a.at - b.at);
}
