import { m } from "./paraglide/messages";

/** Why a team takes a report back, as it is signed (protocol.md §3). */
const reasons = {
  twice: m.withdrawal_twice,
  wrong_place: m.withdrawal_wrong_place,
  test: m.withdrawal_test,
  mistake: m.withdrawal_mistake,
  source_in_danger: m.withdrawal_source_in_danger,
  other: m.withdrawal_other,
} as const;

export type WithdrawalReason = keyof typeof reasons;
export const withdrawalReasons = Object.keys(reasons) as WithdrawalReason[];

/** A later app may know more reasons than this one. */
export function withdrawalReasonText(reason: string): string {
  return reason in reasons ? reasons[reason as WithdrawalReason]() : reason;
}
