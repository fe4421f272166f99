/** The review of a report in words: what somebody decided or noted, and what whoever accepts is warned of. */

import type { Decision, ReviewWarning, Withdrawal } from "../../desk/api";
import { functionText, statusText } from "../../desk/words";
import { m } from "../../i18n/paraglide/messages";

/** What happened: a decision sets a state, a note says something. */
export function decisionText({
  kind,
  recommends,
  assignee,
}: Pick<Decision, "kind" | "recommends" | "assignee">): string {
  switch (kind) {
    case "commented":
      return m.desk_review_commented();
    case "recommended":
      return m.desk_review_recommended({ state: statusText(recommends ?? "") });
    case "assigned":
      return assignee
        ? m.desk_review_assigned({ person: functionText(assignee.functions, assignee.function) })
        : m.desk_review_unassigned();
    case "taken":
      return m.desk_held_taken();
    case "withdrawal_granted":
      return m.desk_review_withdrawal_granted();
    case "withdrawal_declined":
      return m.desk_review_withdrawal_declined();
    default:
      return m.desk_review_set({ state: statusText(kind) });
  }
}

const warnings: Record<string, () => string> = {
  critical: m.desk_warning_critical,
  dissent: m.desk_warning_dissent,
  conflict: m.desk_warning_conflict,
  open_query: m.desk_warning_open_query,
  withdrawal: m.desk_warning_withdrawal,
};

/** What is undone; a server of a later version may warn of what is not known here. */
export function warningText({ kind }: ReviewWarning): string {
  return warnings[kind]?.() ?? m.desk_warning_other({ kind });
}

const withdrawals: Record<Withdrawal["state"], () => string> = {
  in_force: m.desk_withdrawal_in_force,
  requested: m.desk_withdrawal_requested,
  declined: m.desk_withdrawal_declined,
  stale: m.desk_withdrawal_stale,
  waiting: m.desk_withdrawal_waiting,
};

/** What became of what a team signed to take its report back. */
export function withdrawalText({ state }: Pick<Withdrawal, "state">): string {
  return withdrawals[state]();
}

const problems: Record<string, () => string> = {
  "report-changed": m.desk_report_changed,
  "unconfirmed-warnings": m.desk_warnings_unread,
  "hold-reason-needed": m.desk_hold_reason,
  "not-a-recipient": m.desk_not_a_recipient,
  "decline-reason-needed": m.desk_decline_reason,
  "no-such-request": m.desk_no_such_request,
};

/** Why a decision was not taken, where there is more to say than of any step. */
export function decisionProblem(slug: string): string | undefined {
  return problems[slug]?.();
}
