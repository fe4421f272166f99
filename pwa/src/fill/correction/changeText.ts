/** How the change of a finished report is called. */
import { m } from "../../i18n/paraglide/messages";
import type { ChangeReason, Correction } from "../../submissions/draft";

/** One word for it. */
export const changeText = (reason: ChangeReason): string =>
  reason === "update" ? m.change_update() : m.change_correction();

/** What a draft that changes a report is called: the word, and the report's code. */
export const changeTitle = ({ reason, code }: Correction): string => m.change_of({ what: changeText(reason), code });
