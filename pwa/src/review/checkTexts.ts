/** What the desk says of phones: what a check found that somebody has to see to, and since when and why one is refused. */

import type { Phone, RevokedPhone } from "../desk/api";
import { formatBytes, formatDay } from "../i18n/dates";
import { m } from "../i18n/paraglide/messages";

/** A day's reports with twenty photos each fit into this much; with less, somebody should make room first. */
const enoughMb = 500;

/** In the order of their weight; empty: everything works, and was tried. */
export function checkTexts(check: NonNullable<Phone["check"]>, language: string): string[] {
  const texts: string[] = [];
  if (!check.reads_back) texts.push(m.desk_check_journal());
  if (!check.opens_offline) texts.push(m.desk_check_offline());
  if (!check.is_persisted) texts.push(m.desk_check_persisted());
  if (typeof check.room_mb === "number" && check.room_mb < enoughMb) {
    // What it told is rounded down to the hundred below.
    texts.push(m.desk_check_room({ room: formatBytes((check.room_mb + 100) * 1_000_000, language) }));
  }
  if (check.camera === "failed") texts.push(m.desk_check_camera());
  if (check.camera === "refused") texts.push(m.desk_check_camera_refused());
  if (check.position === "failed") texts.push(m.desk_check_position());
  if (check.position === "refused") texts.push(m.desk_check_position_refused());
  const tools = { camera: m.check_camera(), position: m.check_position() };
  const untried = (["camera", "position"] as const).filter((tool) => check[tool] === "untried");
  if (untried.length > 0) texts.push(m.desk_check_untried({ tools: untried.map((tool) => tools[tool]).join(", ") }));
  return texts;
}

/** Why a phone is refused, in the order in which it is asked. */
export const revokedReasons = {
  lost: m.desk_revoked_lost,
  seized: m.desk_revoked_seized,
  left: m.desk_revoked_left,
  replaced: m.desk_revoked_replaced,
};
export type RevokedReason = keyof typeof revokedReasons;

/** Since when a phone of a team is refused, and why, where somebody said so, and whether it has wiped itself. */
export function refusedText(team: string, phone: RevokedPhone, language: string): string {
  const facts = { phone: `${team}-${phone.letter}`, day: formatDay(phone.since, language) };
  const reason = Object.entries(revokedReasons).find(([slug]) => slug === phone.reason)?.[1];
  const refused = reason ? m.desk_refused({ ...facts, reason: reason() }) : m.desk_refused_since(facts);
  if (!phone.order) return refused;
  return `${refused}. ${phone.order === "given" ? m.desk_order_given() : m.desk_order_obeyed()}`;
}
