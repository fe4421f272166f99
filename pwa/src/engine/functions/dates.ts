/**
 * ISO dates, date-times and times as day numbers, and back (ODK XForms rules, docs/checklists.md §3).
 * The twin of `backend/steppe/checklists/expressions/dates.py`: integer milliseconds until the last division, so that both agree
 * to the last bit.
 */

export const DAY_MS = 86_400_000;
const LAST_DAY = 2_932_896; // 9999-12-31
const FIRST_DAY = -719_528; // 0000-01-01
const LAST_MOMENT = (LAST_DAY - 1) * DAY_MS;

const DATE =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?)?$/;
const TIME = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?$/;
const KINDS = {
  date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  time: /^[0-9]{2}:[0-9]{2}(?::[0-9]{2})?$/,
  datetime: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T.*$/,
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/**
 * The clock an evaluation goes by: `now` in epoch milliseconds, the mission's zone and its offset at that moment in
 * minutes east of Greenwich. Another moment has the offset the zone had then (`offsetAt`): a report means the same after
 * the clocks have changed.
 */
export interface Context {
  readonly now: number;
  readonly zone: string;
  readonly offset: number;
}

/** The context of a moment in an IANA zone. */
export function contextAt(now: number, zone: string): Context {
  return { now: Math.floor(now), zone, offset: offsetAt(now, zone) };
}

const MINUTES = 60_000;
const REMEMBERED = 1000;
const offsets = new Map<string, number>();

/**
 * Minutes east of Greenwich in a zone at a moment. Moments before 1970 have the offset of its first: what zones were
 * before, time zone files disagree about.
 */
function offsetAt(moment: number, zone: string): number {
  // Zones change on whole minutes. Asking Intl costs a slow phone a tenth of a millisecond.
  const minute = Math.floor(Math.min(Math.max(moment, 0), LAST_MOMENT) / MINUTES);
  const key = `${zone} ${minute}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = offsetOf(minute * MINUTES, zone);
    if (offsets.size >= REMEMBERED) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

/** The offset when the clocks of a zone show `wall` (milliseconds since 1970-01-01T00:00 there). */
function offsetOn(wall: number, zone: string): number {
  return offsetAt(wall - offsetAt(wall, zone) * MINUTES, zone);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function offsetOf(now: number, zone: string): number {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    // Naming the calendar and digits keeps a phone set to Persian or Arabic from answering in them.
    formatter = new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, formatter);
  }
  const parts: Record<string, number> = {};
  for (const part of formatter.formatToParts(now)) parts[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const whole = Math.floor(now / 1000) * 1000;
  return Math.trunc((wall - whole) / 60_000);
}

/** Days since 1970-01-01 of a Gregorian date, or NaN for a date that does not exist. */
export function dayOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > lengthOf(year, month)) return Number.NaN;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function lengthOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The Gregorian [year, month, day] of a day number. */
export function dateOf(day: number): [number, number, number] {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  return [
    year + era * 400 + (month >= 10 ? 1 : 0),
    month + (month < 10 ? 3 : -9),
    ofYear - Math.floor((153 * month + 2) / 5) + 1,
  ];
}

/**
 * The day number of an ISO date, date-time or time; NaN for any other text.
 * `context` matters only for date-times that carry an offset: they are moved into its zone. Null stands for Greenwich.
 */
export function dayNumber(text: string, context: Context | null): number {
  if (text[4] === "-") return dayNumberOfDate(text, context);
  if (text[2] === ":") return fractionOfTime(text);
  return Number.NaN;
}

/** The moment of a date-time that carries its offset, in epoch milliseconds; NaN for any other text. */
export function momentOf(text: string): number {
  if (text[10] !== "T") return Number.NaN;
  const match = DATE.exec(text);
  if (match === null || (match[8] === undefined && match[9] === undefined)) return Number.NaN;
  return Math.floor(dayNumberOfDate(text, null) * DAY_MS + 0.5);
}

function dayNumberOfDate(text: string, context: Context | null): number {
  const match = DATE.exec(text);
  if (match === null) return Number.NaN;
  const number = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (match[4] === undefined || Number.isNaN(number)) return number;
  let total = number * DAY_MS + clockMs(match[4], match[5], match[6], match[7]);
  if (match[9] !== undefined) {
    const own = Number(match[10]) * 60 + Number(match[11]);
    if (own > 14 * 60 || Number(match[11]) > 59) return Number.NaN;
    total -= (match[9] === "+" ? own : -own) * MINUTES;
  }
  const carries = match[8] !== undefined || match[9] !== undefined;
  if (carries && context !== null && !Number.isNaN(total)) total += offsetAt(total, context.zone) * MINUTES;
  return total / DAY_MS;
}

function fractionOfTime(text: string): number {
  const match = TIME.exec(text);
  return match === null ? Number.NaN : clockMs(match[1], match[2], match[3], match[4]) / DAY_MS;
}

function clockMs(hour = "", minute = "", second = "0", fraction = ""): number {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN;
  return (
    Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 + Number(`${fraction}000`.slice(0, 3))
  );
}

function padded(number: number, width = 2): string {
  return String(number).padStart(width, "0");
}

/** The ISO date of a day number; the empty string outside the years 0 to 9999. */
export function isoDate(number: number): string {
  if (!(number >= FIRST_DAY && number < LAST_DAY + 1)) return "";
  const [year, month, day] = dateOf(Math.floor(number));
  return `${padded(year, 4)}-${padded(month)}-${padded(day)}`;
}

/** Today's date in the mission's zone. */
export function isoToday(context: Context): string {
  return isoDate(Math.floor((context.now + context.offset * 60_000) / DAY_MS));
}

/** The present moment with milliseconds and the mission's offset, as ODK's `now()` writes it. */
export function isoNow(context: Context): string {
  return isoMoment(context.now + context.offset * MINUTES, context.offset);
}

function isoMoment(wall: number, offset: number): string {
  const day = Math.floor(wall / DAY_MS);
  const clock = wall - day * DAY_MS;
  const east = Math.abs(offset);
  const zone = `${offset < 0 ? "-" : "+"}${padded(Math.floor(east / 60))}:${padded(east % 60)}`;
  const { H, M, S, ticks } = clockFields(clock);
  return `${isoDate(day)}T${H}:${M}:${S}.${ticks}${zone}`;
}

/**
 * A value as a `date`, `time` or `datetime`: its text where that is one already, else what its day number says. `text`
 * and `number` are the same value both ways. What is no moment, and a time of day where a day is asked, stays the text
 * it is.
 */
export function inKind(kind: "date" | "time" | "datetime", text: string, number: number, context: Context): string {
  const isMoment = number >= FIRST_DAY && number < LAST_DAY + 1;
  if (KINDS[kind].test(text) || !isMoment || (text[2] === ":" && kind !== "time")) return text;
  if (kind === "date") return isoDate(number);
  const wall = Math.floor(number * DAY_MS + 0.5);
  if (kind === "datetime") return isoMoment(wall, offsetOn(wall, context.zone));
  const { H, M } = clockFields(wall - Math.floor(wall / DAY_MS) * DAY_MS);
  return `${H}:${M}`;
}

function clockFields(clock: number): { H: string; M: string; S: string; ticks: string } {
  return {
    H: padded(Math.floor(clock / 3_600_000)),
    M: padded(Math.floor(clock / 60_000) % 60),
    S: padded(Math.floor(clock / 1000) % 60),
    ticks: padded(clock % 1000, 3),
  };
}

/**
 * `format-date` and `format-date-time`: percent fields of the ODK XForms specification. Month and day names are English
 * in every language: a stored answer must not depend on who looks at it.
 */
export function formatDayNumber(number: number, pattern: string): string {
  if (!(number >= FIRST_DAY && number < LAST_DAY + 1)) return "";
  const total = Math.floor(number * DAY_MS + 0.5);
  const whole = Math.floor(total / DAY_MS);
  const { H, M, S, ticks } = clockFields(total - whole * DAY_MS);
  const [year, month, day] = dateOf(whole);
  const fields: Record<string, string> = {
    Y: padded(year, 4),
    y: padded(year % 100),
    m: padded(month),
    n: String(month),
    b: MONTHS[month - 1] ?? "",
    d: padded(day),
    e: String(day),
    a: WEEKDAYS[(((whole + 4) % 7) + 7) % 7] ?? "",
    H,
    h: String(Number(H)),
    M,
    S,
    "3": ticks,
  };
  return pattern.replace(/%([YymnbdeaHhMS3])/g, (_, letter: string) => fields[letter] ?? "");
}
