/** What was kept aside in words: since when it waits, what may be done about it, why a step was not taken. */

import type { DeskProblem, HeldItem } from "../../desk/api";
import { reasonText, stepProblemText } from "../../desk/words";
import { m } from "../../i18n/paraglide/messages";

const hour = 3_600_000;
const day = 24 * hour;

/** How long an item waits, in whole hours or, from two days on, days; `now` in ms. */
export function ageText(receivedAt: string, now: number): string {
  const age = Math.max(0, now - Date.parse(receivedAt));
  return age < 2 * day
    ? m.desk_held_hours({ count: Math.floor(age / hour) })
    : m.desk_held_days({ count: Math.floor(age / day) });
}

/** What somebody may do who decides of an item. */
export function mayText({ may_take, teams, versions }: HeldItem): string {
  if (may_take) return m.desk_held_may_take();
  return teams.length > 0 || versions.length > 0 ? m.desk_held_may_choose() : m.desk_held_only_apart();
}

/** Why a decision was not taken. */
export function heldProblem({ slug, detail }: DeskProblem): string {
  if (slug === "cannot-be-taken") return m.desk_held_cannot({ reason: reasonText(detail) });
  if (slug === "decided-already") return m.desk_held_decided();
  if (slug === "not-found") return m.desk_held_not_yours();
  return stepProblemText(slug);
}
