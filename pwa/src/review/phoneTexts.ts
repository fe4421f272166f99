/** What the desk says of a phone by the phone's own word (protocol.md §4): what is held up, how its storage stands. */

import type { Phone } from "../desk/api";
import { formatBytes, formatDay } from "../i18n/dates";
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

type Told = Pick<Phone, "troubles" | "storage" | "storage_lost" | "offered_again">;

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

/** How it stands otherwise. */
export function phoneFacts({ storage, offered_again: again }: Told, language: string): string[] {
  const texts: string[] = [];
  if (again) {
    texts.push(m.desk_offered_again({ done: showNumber(again.done, language), of: showNumber(again.of, language) }));
  }
  if (typeof storage?.quota_bytes === "number" && typeof storage.used_bytes === "number") {
    const { used_bytes: used, quota_bytes: quota, retained_bytes: retained } = storage;
    const bytes = (count: number) => formatBytes(count, language);
    texts.push(m.desk_storage({ used: bytes(used), quota: bytes(quota), retained: bytes(retained ?? 0) }));
  }
  return texts;
}
