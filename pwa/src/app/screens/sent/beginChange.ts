/** From a screen into the draft that changes a finished report. */

import { m } from "../../../i18n/paraglide/messages";
import { problemText } from "../../../i18n/problems";
import type { ChangeReason, Correction } from "../../../submissions/draft";
import { hrefOf } from "../../../ui/route";
import { sheetHistory } from "../../../ui/sheetHistory";
import { slugOf } from "../../../wire/problem";
import type { Session } from "../../session.svelte";

export const hrefOfChange = (submission: string): string => hrefOf({ screen: "fill", submission, section: 0 });

/** Opens the draft, from a sheet or without one; gives in words why it could not be begun. */
export async function beginChange(
  session: Session,
  report: string,
  reason: ChangeReason,
  reply?: Correction["reply"],
): Promise<string | undefined> {
  try {
    const { submission } = await (await session.field.reports()).correct(report, reason, reply);
    await session.loadDrafts();
    sheetHistory.leave(() => {
      location.hash = hrefOfChange(submission);
    });
    return undefined;
  } catch (failure) {
    const slug = slugOf(failure);
    return slug === "report-unreadable" ? m.problem_report_unreadable() : problemText(slug, "begin");
  }
}
