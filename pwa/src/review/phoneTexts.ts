/** What the desk says of a phone by the phone's own word (protocol.md §4): what is held up, how its storage
 * stands, and what of its reports headquarters has. */

import type { Phone } from "../desk/api";
import { formatBytes, formatDay, formatMoment } from "../i18n/dates";
import { durationText } from "../i18n/durations";
import { showNumber } from "../i18n/numbers";
import { m } from "../i18n/paraglide/messages";

/** Slugs of the server's problems and of the app's own. */
const troubles: Record<string, () => string> = {
  "not-the-server": m.desk_trouble_not_the_server,
  "try-later": m.desk_trouble_try_later,
  "too-large": m.desk_trouble_too_large,
  "bad-request": m.desk_trouble_refused,
  "bad-json": m.desk_trouble_refused,
  "receipt-missing": m.desk_trouble_no_receipt,
  "attachment-unknown": m.desk_trouble_no_receipt,
  "upload-damaged": m.desk_trouble_file_cut,
  "attachment-missing": m.desk_trouble_file_damaged,
  "attachment-damaged": m.desk_trouble_file_damaged,
};

type Told = Pick<Phone, "troubles" | "storage" | "storage_lost">;
type Facts = Pick<Phone, "letter" | "reports" | "offered_again">;

/** What somebody has to see to, in the order of its weight; a phone of a later version may name what is not known here. */
export function phoneFaults({ troubles: told, storage, storage_lost: lost }: Told, language: string): string[] {
  const texts = told.map(({ slug, count }) =>
    m.desk_trouble({
      count: showNumber(count, language),
      why: troubles[slug]?.() ?? m.desk_trouble_other({ slug }),
    }),
  );
  if (lost) {
    texts.push(
      m.desk_storage_lost({
        day: formatDay(lost.at.slice(0, 10), language),
        rebuilt: showNumber(lost.rebuilt, language),
        missing: showNumber(lost.missing, language),
      }),
    );
  }
  if (storage?.is_refusing_photos) texts.push(m.desk_storage_full());
  if (storage && !storage.is_persisted) texts.push(m.desk_check_persisted());
  return texts;
}

/** What became of its reports that somebody may have to ask for: those nobody has, and those offered after a restore. */
export function phoneFacts({ letter, reports, offered_again: again }: Facts, language: string): string[] {
  const texts: string[] = [];
  const count = showNumber(reports.missing, language);
  const numbers = missingNumbers(letter, reports);
  if (reports.missing > 0) {
    texts.push(numbers ? m.desk_missing_numbers({ count, numbers }) : m.desk_missing_count({ count }));
  }
  if (again) {
    texts.push(m.desk_offered_again({ done: showNumber(again.done, language), of: showNumber(again.of, language) }));
  }
  return texts;
}

/** The numbers as they stand in codes of reports (LTO05-A017), with a sign for those that were left out of the list. */
function missingNumbers(letter: string, { numbers, missing }: Phone["reports"]): string {
  const code = (number: number) => `${letter}${String(number).padStart(3, "0")}`;
  const named = numbers.map(({ first, last }) => (first === last ? code(first) : `${code(first)}–${code(last)}`));
  const count = numbers.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return [...named, ...(named.length > 0 && count < missing ? ["…"] : [])].join(", ");
}

/** What a phone made and what became of it, its last contact, clock and storage, each with its name. */
export function phoneFigures(phone: Phone, language: string, zone: string): [name: string, told: string][] {
  const { reports, storage } = phone;
  const bytes = (count: number) => formatBytes(count, language);
  const lines: [string, string][] = [];
  if (reports.made !== null && reports.held !== null && reports.aside !== null) {
    lines.push([m.desk_made(), showNumber(reports.made, language)]);
    lines.push([m.desk_held(), showNumber(reports.held, language)]);
    lines.push([m.desk_held_aside(), showNumber(reports.aside, language)]);
  }
  lines.push([m.desk_missing(), showNumber(reports.missing, language)]);
  lines.push([m.desk_waiting(), showNumber(reports.waiting, language)]);
  lines.push([m.desk_last_contact(), contactText(phone, language, zone)]);
  lines.push([m.desk_clock(), phoneClockText(phone)]);
  lines.push([m.desk_kept(), keptText(storage)]);
  if (typeof storage?.quota_bytes === "number" && typeof storage.used_bytes === "number") {
    const free = Math.max(0, storage.quota_bytes - storage.used_bytes);
    lines.push([m.desk_free(), m.desk_free_of({ free: bytes(free), quota: bytes(storage.quota_bytes) })]);
  }
  if (typeof storage?.retained_bytes === "number") lines.push([m.desk_retained(), bytes(storage.retained_bytes)]);
  return lines;
}

function contactText({ last_contact_at: at, last_contact_on: day }: Phone, language: string, zone: string): string {
  if (at) return formatMoment(at, language, zone);
  return day ? formatDay(day, language) : m.desk_never();
}

function phoneClockText({ clock_ahead_ms: ahead, is_clock_known: isKnown }: Phone): string {
  if (ahead !== null)
    return ahead > 0
      ? m.desk_clock_ahead({ by: durationText(ahead) })
      : m.desk_clock_behind({ by: durationText(ahead) });
  return isKnown ? m.desk_clock_right() : m.desk_untold();
}

function keptText(storage: Phone["storage"]): string {
  if (!storage) return m.desk_untold();
  return storage.is_persisted ? m.desk_persisted() : m.desk_check_persisted();
}
