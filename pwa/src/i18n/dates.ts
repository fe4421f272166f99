/**
 * Dates and times as people write them in English, Russian and Kazakh, in the mission's zone.
 * Our own forms: Chromium has none for Kazakh, and Intl's differ between phones.
 */

const months: Record<string, readonly string[]> = {
  en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  ru: ["янв.", "февр.", "марта", "апр.", "мая", "июня", "июля", "авг.", "сент.", "окт.", "нояб.", "дек."],
  kk: ["қаң.", "ақп.", "нау.", "сәу.", "мам.", "мау.", "шіл.", "там.", "қыр.", "қаз.", "қар.", "жел."],
};

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    const options = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    clock = new Intl.DateTimeFormat("en", { ...options, hourCycle: "h23", timeZone: zone });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What calendar and clock on the wall show in `zone` (IANA name) at `moment`. */
function wallIn(zone: string, moment: Date): Wall {
  const wall: Wall = { year: 0, month: 0, day: 0, hour: 0, minute: 0 };
  for (const { type, value } of clockOf(zone).formatToParts(moment)) {
    if (type in wall) wall[type as keyof Wall] = Number(value);
  }
  return wall;
}

const two = (number: number) => String(number).padStart(2, "0");

function dayText({ year, month, day }: Pick<Wall, "year" | "month" | "day">, language: string): string {
  const name = (months[language] ?? months.en)?.[month - 1] ?? "";
  return language === "kk" ? `${year} ж. ${day} ${name}` : `${day} ${name} ${year}`;
}

/** A calendar day (`2021-01-10`): "10 Jan 2021", "10 янв. 2021", "2021 ж. 10 қаң."; anything else comes back as it is. */
export function formatDay(iso: string, language: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return match ? dayText({ year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) }, language) : iso;
}

const wholeMonths: Record<string, readonly string[]> = {
  en: "January February March April May June July August September October November December".split(" "),
  ru: "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(" "),
  kk: "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан".split(" "),
};

/** The month of a calendar day: "March 2021", "март 2021", "2021 ж. наурыз"; anything else comes back as it is. */
export function formatMonth(iso: string, language: string): string {
  const match = /^(\d{4})-(\d{2})/.exec(iso);
  if (!match) return iso;
  const name = (wholeMonths[language] ?? wholeMonths.en)?.[Number(match[2]) - 1] ?? "";
  return language === "kk" ? `${match[1]} ж. ${name}` : `${name} ${match[1]}`;
}

/** A moment (UTC ISO) as the time of day in `zone`: "14:05". */
export function formatTime(iso: string, zone: string): string {
  const { hour, minute } = wallIn(zone, new Date(iso));
  return `${two(hour)}:${two(minute)}`;
}

/** A moment (UTC ISO) in `zone`: only "14:05" on the day of `now`, else "24 Nov 2026, 14:05". */
export function formatMoment(iso: string, language: string, zone: string, now = new Date()): string {
  const wall = wallIn(zone, new Date(iso));
  const today = wallIn(zone, now);
  const time = `${two(wall.hour)}:${two(wall.minute)}`;
  const same = wall.year === today.year && wall.month === today.month && wall.day === today.day;
  return same ? time : `${dayText(wall, language)}, ${time}`;
}

/** A datetime answer (`2021-01-10T14:05+06:00`), as it was written down: the offset is the observer's own. */
export function formatWritten(iso: string, language: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return match?.[1] ? `${formatDay(match[1], language)}, ${match[2]}` : iso;
}

/** What a `datetime-local` field (`2021-01-10T14:05`, zone of the mission) becomes as an answer: with that zone's offset. */
export function withOffset(local: string, zone: string): string {
  const asUtc = Date.parse(`${local}:00Z`);
  if (Number.isNaN(asUtc)) return local;
  // Twice: the first offset may belong to the other side of a clock change.
  let offset = 0;
  for (let round = 0; round < 2; round += 1) {
    const moment = asUtc - offset * 60_000;
    const { year, month, day, hour, minute } = wallIn(zone, new Date(moment));
    offset = Math.round((Date.UTC(year, month - 1, day, hour, minute) - moment) / 60_000);
  }
  const size = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Bytes for people: "640 kB", "12.4 MB"; Russian and Kazakh write a decimal comma. */
export function formatBytes(bytes: number, language: string): string {
  const units = language === "en" ? ["kB", "MB", "GB"] : ["КБ", "МБ", "ГБ"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1);
  return `${language === "en" ? text : text.replace(".", ",")} ${units[unit]}`;
}
