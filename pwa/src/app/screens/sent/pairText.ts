/** The team's reports in words: who finished one, how it stands, what contradicts. */
import type { Answer, Texts } from "../../../engine/definition";
import { indexOf } from "../../../engine/form";
import { placeOf } from "../../../engine/paths";
import { answerText, formText, isAttachment } from "../../../fill/draft/answerText";
import { formatMoment } from "../../../i18n/dates";
import { language } from "../../../i18n/language.svelte";
import { m } from "../../../i18n/paraglide/messages";
import type { Places } from "../../../missions/places";
import type { Conflict, Version } from "../../../submissions/pair/conflicts";
import type { FoldedReport, PairReport } from "../../../submissions/pair/pairReports";
import type { Session } from "../../session.svelte";

export interface Reader {
  language: string;
  zone: string;
  /** Id of this phone. */
  device: string;
  places: Places | undefined;
}

/** Whoever has this session open, in the language of the screen. */
export const readerOf = ({ zone, identity, places }: Pick<Session, "zone" | "identity" | "places">): Reader => ({
  language: language(),
  zone,
  device: identity?.device.id ?? "",
  places,
});

const states: Record<string, () => string> = {
  in_review: m.desk_status_in_review,
  accepted: m.desk_status_accepted,
  on_hold: m.desk_status_on_hold,
  returned: m.desk_status_returned,
  resubmitted: m.desk_status_resubmitted,
  withdrawn: m.desk_status_withdrawn,
};

/** How it stands at headquarters, as far as this phone was told; a word of a later server is as if it were received. */
export function pairState({ status = "", receivedAt }: PairReport, { language, zone }: Reader): string {
  const state = states[status];
  if (state) return m.pair_state({ state: state() });
  return receivedAt ? m.outbox_received({ when: formatMoment(receivedAt, language, zone) }) : m.outbox_waiting();
}

export function phoneText(by: { device?: string; letter: string }, { device }: Reader): string {
  return by.device === device ? m.pair_here({ letter: by.letter }) : m.pair_partner({ letter: by.letter });
}

/** By whom it was finished, and when; "" while that is not on this phone. */
export function madeText({ letter, madeAt, isPartners }: PairReport, reader: Reader): string {
  if (letter === undefined || madeAt === undefined) return "";
  const who = phoneText({ letter, ...(isPartners ? {} : { device: reader.device }) }, reader);
  return m.pair_made({ who, when: formatMoment(madeAt, reader.language, reader.zone) });
}

/** Who wrote a version, and when by their phone, the last of several. */
export function writerText(report: FoldedReport, { revisions }: Version, reader: Reader): string {
  const made = revisions.flatMap((id) => report.revisions.get(id) ?? []);
  const last = made.toSorted((one, other) => one.madeAt.localeCompare(other.madeAt)).at(-1);
  if (!last) return "";
  return m.pair_made({ who: phoneText(last, reader), when: formatMoment(last.madeAt, reader.language, reader.zone) });
}

/** What a version says, in words. */
export function versionText({ definition }: FoldedReport, { path, isRow }: Conflict, value: unknown, reader: Reader) {
  if (isRow) return value === true ? m.pair_row_stays() : m.pair_row_removed();
  const question = indexOf(definition).entries.get(placeOf(path).id)?.question;
  if (value === null || !question) return m.pair_cleared();
  if (isAttachment(question)) return m.change_file();
  return answerText(definition, question, value as Answer, reader.places, reader.language);
}

/** What is in conflict: the question, or the row, with the rows it stands in. */
export function conflictText({ definition, answers }: FoldedReport, path: string, { language }: Reader): string {
  const { entries, repeats } = indexOf(definition);
  const words = (texts: Texts | undefined) => formText(texts, language);
  const parts = path.split("/");
  const names: string[] = [];
  for (let at = 1; at < parts.length; at += 2) {
    const list = parts.slice(0, at).join("/");
    const rows = answers[list];
    const number = typeof rows === "object" ? rows.indexOf(parts[at] ?? "") + 1 : 0;
    const name = words(repeats.get(placeOf(list).id)?.repeat.label);
    names.push(m.row_title({ name, number }));
  }
  const label = parts.length % 2 === 1 ? [words(entries.get(placeOf(path).id)?.question.label)] : [];
  return [...names, ...label].join(": ");
}
