/** Statuses, differences and refusals in an author's words. */
import type { Change, ChangeDetail, Checklist } from "../desk/api";
import { DeskProblem } from "../desk/api";
import { functionText, stepProblemText } from "../desk/words";
import { m } from "../i18n/paraglide/messages";
import type { Status, Tally } from "./checklists";

/** A status in a word or two; of several open versions only one is offered. */
export function statusName({ status, is_offered }: Pick<Checklist, "status" | "is_offered">): string {
  if (status === "open") return is_offered ? m.author_offered() : m.author_open();
  return status === "closing" ? m.author_closing() : m.author_retired();
}

/** What phones do with a version of this status. */
export function statusMeaning({ status, is_offered }: Pick<Checklist, "status" | "is_offered">): string {
  if (status === "open") return is_offered ? m.author_offered_means() : m.author_open_means();
  return status === "closing" ? m.author_closing_means() : m.author_retired_means();
}

/** Who published a version, as far as anybody noted it. */
export function publisherName({
  published_by: by,
  published_by_functions: functions,
}: Pick<Checklist, "published_by" | "published_by_functions">): string {
  return functionText(functions, by) || "–";
}

const steps: Record<Status, () => string> = {
  open: m.author_do_open,
  closing: m.author_do_close,
  retired: m.author_do_retire,
};

/** The button that leads to a status. */
export function stepName(status: Status): string {
  return steps[status]();
}

const kinds: Record<Change["kind"], () => string> = {
  added: m.author_added,
  removed: m.author_removed,
  moved: m.author_moved,
  changed: m.author_changed,
};

export function changeName(kind: Change["kind"]): string {
  return kinds[kind]();
}

const parts: Record<string, () => string> = {
  label: m.author_part_label,
  hint: m.author_part_hint,
  guidance_hint: m.author_part_guidance,
  required_message: m.author_part_required_message,
  constraint_message: m.author_part_constraint_message,
  soft_message: m.author_part_soft_message,
  place: m.author_part_place,
  type: m.author_part_type,
  relevant: m.author_part_relevant,
  required: m.author_part_required,
  constraint: m.author_part_constraint,
  soft: m.author_part_soft,
  calculation: m.author_part_calculation,
  default: m.author_part_default,
  filter: m.author_part_filter,
  count: m.author_part_count,
  choice: m.author_part_choice,
  choice_order: m.author_part_choice_order,
  negative: m.author_part_negative,
};

/** Which part of a question differs: "label (ru)", "choice not_observed"; a column without a word of ours by its name. */
export function partName({ part, about }: Pick<ChangeDetail, "part" | "about">): string {
  const name = parts[part]?.() ?? part;
  if (!about) return name;
  return part === "choice" ? `${name} ${about}` : `${name} (${about})`;
}

/** "3 added, 1 removed, 2 changed"; a sentence of its own when nothing differs. */
export function tallyText({ added, removed, moved, changed }: Tally): string {
  const told = [
    added && m.author_count_added({ count: added }),
    removed && m.author_count_removed({ count: removed }),
    changed && m.author_count_changed({ count: changed }),
    moved && m.author_count_moved({ count: moved }),
  ].filter(Boolean);
  return told.length ? told.join(", ") : m.author_no_difference();
}

const refusals: Record<string, () => string> = {
  "bad-upload": m.author_bad_upload,
  "too-large": m.author_too_large,
  "version-taken": m.author_version_taken,
  "reason-needed": m.author_reason_missing,
  "no-xform": m.author_no_xform,
  "unreadable-version": m.author_unreadable_means,
};

/** Those about which the server knows more than we can say. */
const told = new Set(["bad-upload", "no-xform"]);

/** Why the server refused a form or a step, with its own words about this case. */
export function refusalText(failure: unknown): string {
  if (!(failure instanceof DeskProblem)) throw failure;
  const known = refusals[failure.slug]?.();
  if (!known) return stepProblemText(failure.slug);
  return told.has(failure.slug) && failure.detail ? `${known} ${failure.detail}` : known;
}
