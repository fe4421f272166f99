/** Slugs, themes, levels and statuses in the reader's words. */
import { language } from "../i18n/language.svelte";
import { m } from "../i18n/paraglide/messages";
import { inOrder, type Texts, textIn } from "../i18n/texts";

const problems: Record<string, () => string> = {
  "no-contact": m.desk_no_contact,
  "try-later": m.desk_no_contact,
  "not-found": m.desk_not_found,
  "signed-out": m.desk_signed_out,
  "wrong-password": m.desk_wrong_password,
  "too-many-tries": m.desk_too_many_tries,
  "choose-mission": m.desk_choose_mission,
  "foreign-request": m.desk_foreign_request,
  "no-xform": m.author_no_xform,
  "parcels-foreign": m.problem_parcels_foreign,
  "parcels-newer": m.problem_parcels_newer,
  "parcels-other-mission": m.problem_parcels_other_mission,
};
const themes: Record<string, () => string> = {
  ctx: m.desk_theme_ctx,
  sys: m.desk_theme_sys,
  law: m.desk_theme_law,
  adm: m.desk_theme_adm,
  vreg: m.desk_theme_vreg,
  creg: m.desk_theme_creg,
  camp: m.desk_theme_camp,
  fin: m.desk_theme_fin,
  med: m.desk_theme_med,
  onl: m.desk_theme_onl,
  cmp: m.desk_theme_cmp,
  wom: m.desk_theme_wom,
  min: m.desk_theme_min,
  dis: m.desk_theme_dis,
  yth: m.desk_theme_yth,
  obs: m.desk_theme_obs,
  ed_open: m.desk_theme_ed_open,
  ed_vote: m.desk_theme_ed_vote,
  ed_count: m.desk_theme_ed_count,
  ed_tab: m.desk_theme_ed_tab,
  post: m.desk_theme_post,
  rec: m.desk_theme_rec,
};
const levels: Record<string, () => string> = {
  internal: m.desk_level_internal,
  restricted: m.desk_level_restricted,
  confidential: m.desk_level_confidential,
  sealed: m.desk_level_sealed,
};
const statuses: Record<string, () => string> = {
  received: m.desk_status_received,
  in_review: m.desk_status_in_review,
  accepted: m.desk_status_accepted,
  on_hold: m.desk_status_on_hold,
  returned: m.desk_status_returned,
  resubmitted: m.desk_status_resubmitted,
  withdrawn: m.desk_status_withdrawn,
  conflict: m.desk_status_conflict,
};

const origins: Record<string, () => string> = {
  odihr: m.desk_origin_odihr,
  oscepa: m.desk_origin_oscepa,
};

/** Why something a phone sent is kept aside, for those who look into it. */
const reasons: Record<string, () => string> = {
  unreadable: m.desk_reason_unreadable,
  unknown_device: m.desk_reason_unknown_device,
  revoked_device: m.desk_reason_revoked_device,
  bad_signature: m.desk_reason_bad_signature,
  not_canonical: m.desk_reason_bad_revision,
  bad_revision: m.desk_reason_bad_revision,
  bad_fact: m.desk_reason_unreadable,
  unknown_fact: m.desk_reason_unknown_fact,
  unknown_checklist: m.desk_reason_unknown_checklist,
  bad_answers: m.desk_reason_bad_answers,
  cannot_project: m.desk_reason_cannot_project,
  same_id_other_content: m.desk_reason_same_id_other_content,
  needs_merge: m.desk_reason_needs_merge,
  wrong_team: m.desk_reason_wrong_team,
  sequence_reused: m.desk_reason_sequence_reused,
  unknown_query: m.desk_reason_unknown_query,
  received_again: m.desk_reason_received_again,
};

/** What a report may stand at, in the order in which it comes to that. */
export const statusNames = Object.keys(statuses);
export const themeNames = Object.keys(themes);

/** What went wrong with a page, whose data stay in view and are asked for again by themselves. */
export function problemText(slug: string): string {
  return (problems[slug] ?? m.desk_failed)();
}

/** What went wrong with a step somebody took (signing in, an export, publishing): nobody takes it again for them. */
export function stepProblemText(slug: string): string {
  return slug === "no-contact" || slug === "try-later" ? m.desk_no_contact_now() : problemText(slug);
}

/** A theme's name; a mission may use tags of its own, which are shown as they are. */
export function themeText(theme: string): string {
  return themes[theme]?.() ?? theme;
}

export function levelText(level: string): string {
  return levels[level]?.() ?? level;
}

/**
 * What somebody is in the mission, or that it was the command line. `functions` is empty in missions loaded before there
 * were any: then there is one name.
 */
export function functionText(functions: Texts | undefined, only: string): string {
  if (only === "command line") return m.author_command_line();
  return textIn(functions, language()) || inOrder(only);
}

/** Whose observers a team is of. */
export function originText(origin: string): string {
  return origins[origin]?.() ?? origin;
}

/** Whether a team is of guests, whose visits are never shown without saying so. */
export const isGuests = (origin: string): boolean => origin !== "odihr";

export function statusText(status: string): string {
  return statuses[status]?.() ?? status;
}

export function reasonText(reason: string): string {
  return reasons[reason]?.() ?? reason;
}
