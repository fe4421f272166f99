/**
 * A day, a time or both as somebody writes them part by part: day, month, year, hour, minute. The native fields follow
 * the browser's language, which may be another than the app's, and no browser has an order for Kazakh.
 */

export type MomentKind = "date" | "month" | "time" | "datetime";
export type Part = "day" | "month" | "year" | "hour" | "minute";
export type Parts = Record<Part, string>;

/** What keeps parts from being a moment: some are missing, a year has not four digits, there is no such day or time. */
export type MomentFault = "open" | "year" | "day" | "time";

/** Parts in the order in which Russian and Kazakh readers expect them. */
export const partsOf: Record<MomentKind, readonly Part[]> = {
  date: ["day", "month", "year"],
  month: ["month", "year"],
  time: ["hour", "minute"],
  datetime: ["day", "month", "year", "hour", "minute"],
};

/** Whether an app in this language asks for the parts itself: Chromium has no order for Kazakh, and a phone in another language its own. */
export const hasOwnFields = (language: string) => language === "ru" || language === "kk";

export const noParts: Parts = { day: "", month: "", year: "", hour: "", minute: "" };

/** The parts of a value as a native field has it: `2021-01-10`, `2021-01`, `14:05`, `2021-01-10T14:05`. */
export function partsIn(value: string): Parts {
  const match = /^(?:(\d{4})-(\d{2})(?:-(\d{2}))?)?T?(?:(\d{2}):(\d{2}))?/.exec(value);
  const [, year = "", month = "", day = "", hour = "", minute = ""] = match ?? [];
  return { day, month, year, hour, minute };
}

/** A whole moment typed or pasted into one field, `10.01.2021` or `10/1/2021, 14:05` or ISO: its parts. */
export function partsTyped(text: string): Parts | undefined {
  if (/^\s*\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?/.test(text)) return partsIn(text.trim());
  const match = /^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ,]+(\d{1,2})[:.](\d{2}))?\s*$/.exec(text);
  if (match) {
    const [, day = "", month = "", year = "", hour = "", minute = ""] = match;
    return { day, month, year, hour, minute };
  }
  const time = /^\s*(\d{1,2})[:.](\d{2})\s*$/.exec(text);
  return time ? { ...noParts, hour: time[1] ?? "", minute: time[2] ?? "" } : undefined;
}

const isDigits = (text: string, least: number, most: number) => new RegExp(`^\\d{${least},${most}}$`).test(text);
const isWithin = (text: string, least: number, most: number) =>
  isDigits(text, 1, 2) && Number(text) >= least && Number(text) <= most;
const two = (text: string) => text.padStart(2, "0");

/** Days of a month in the Gregorian calendar: day 0 of the next month is the last of this one. */
const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();

function dayFault({ day, month, year }: Parts, kind: MomentKind): MomentFault | undefined {
  // Nobody's century is guessed. Before the year 1000 there were no elections, and Date reads 21 as 1921.
  if (!isDigits(year, 4, 4) || Number(year) < 1000) return "year";
  if (!isWithin(month, 1, 12)) return "day";
  return kind !== "month" && !isWithin(day, 1, daysIn(Number(year), Number(month))) ? "day" : undefined;
}

/** What parts amount to: the value a native field would have, nothing at all when all are empty, or what is wrong. */
export function momentOf(kind: MomentKind, parts: Parts): { value: string } | { fault: MomentFault } {
  const asked = partsOf[kind].map((part) => parts[part].trim());
  if (asked.every((text) => text === "")) return { value: "" };
  if (asked.some((text) => text === "")) return { fault: "open" };
  const [day, month, year, hour, minute] = [parts.day, parts.month, parts.year, parts.hour, parts.minute].map((text) =>
    text.trim(),
  ) as [string, string, string, string, string];
  const clean = { day, month, year, hour, minute };
  const fault = kind === "time" ? undefined : dayFault(clean, kind);
  if (fault) return { fault };
  const hasTime = kind === "time" || kind === "datetime";
  if (hasTime && !(isWithin(hour, 0, 23) && isWithin(minute, 0, 59))) return { fault: "time" };
  const date = kind === "month" ? `${year}-${two(month)}` : `${year}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}`;
  return { value: kind === "time" ? time : kind === "datetime" ? `${date}T${time}` : date };
}
