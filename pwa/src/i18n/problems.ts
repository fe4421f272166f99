import { m } from "./paraglide/messages";

/** Each says what happened, that nothing is lost, and what to do. Slugs are those of `FieldProblem` and of the server's problems. */
const words: Record<string, () => string> = {
  "no-contact": m.problem_no_contact,
  "not-the-server": m.problem_not_the_server,
  "try-later": m.problem_try_later,
  "device-revoked": m.problem_device_revoked,
  "code-malformed": m.problem_code_unknown,
  "code-unknown": m.problem_code_unknown,
  "code-used": m.problem_code_used,
  "guest-time": m.problem_guest_time,
  "code-expired": m.problem_code_expired,
  "other-keys": m.problem_other_keys,
  "bad-enrolment-proof": m.problem_code_unknown,
  "storage-full": m.problem_storage_full,
  "checklist-missing": m.problem_checklist_missing,
  "draft-gone": m.problem_draft_gone,
  "not-enrolled": m.problem_not_enrolled,
  "photo-missing": m.problem_photo_missing,
  "report-too-large": m.problem_report_too_large,
  "report-too-many-answers": m.problem_report_too_many_answers,
  "report-too-many-files": m.problem_report_too_many_files,
  "not-an-image": m.problem_not_an_image,
  "too-large": m.problem_too_large,
  "empty-file": m.problem_empty_file,
  "read-only": m.problem_read_only,
  locked: m.problem_locked,
  "vault-damaged": m.problem_vault_damaged,
  "vault-exists": m.problem_vault_exists,
};

/** Why the server keeps a report aside for a person, instead of counting it at once. */
const reasons: Record<string, () => string> = {
  unreadable: m.reason_unreadable,
  unknown_device: m.reason_device,
  bad_signature: m.reason_device,
  not_canonical: m.reason_unreadable,
  bad_revision: m.reason_unreadable,
  unknown_checklist: m.reason_checklist,
  bad_answers: m.reason_answers,
  same_id_other_content: m.reason_twice,
  sequence_reused: m.reason_twice,
  needs_merge: m.reason_merge,
  wrong_team: m.reason_team,
};

export function problemText(slug: string): string {
  return (words[slug] ?? m.problem_unexpected)();
}

/** The same while a phone is set up: nothing tries again by itself there, the person has to. */
export function enrolProblemText(slug: string): string {
  if (slug === "no-contact") return m.enrol_no_contact();
  return slug === "try-later" ? m.enrol_try_later() : problemText(slug);
}

export function reasonText(reason: string | undefined): string {
  return (reasons[reason ?? ""] ?? m.reason_other)();
}
