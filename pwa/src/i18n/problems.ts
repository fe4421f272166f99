import { m } from "./paraglide/messages";

/**
 * Where a failure is told. The same cause leaves different things safe in different places, so that no cause says what is
 * safe; the place does. `contact`: between phone and headquarters; `renew`: a new code for a phone that is set up; `begin`, `open`, `save`, `attach`, `finish`: a draft;
 * `record`: what is sealed piece by piece while it is made; `parcels`: a file of another phone.
 */
export type ProblemPlace =
  | "contact"
  | "setup"
  | "renew"
  | "unlock"
  | "begin"
  | "open"
  | "save"
  | "attach"
  | "record"
  | "finish"
  | "parcels";

/** What happened and what to do about it; slugs are those of `FieldProblem` and of the server's problems. */
const causes: Record<string, () => string> = {
  "no-contact": m.problem_no_contact,
  "not-the-server": m.problem_not_the_server,
  "try-later": m.problem_try_later,
  "device-revoked": m.problem_device_revoked,
  "code-malformed": m.problem_code_unknown,
  "code-unknown": m.problem_code_unknown,
  "code-used": m.problem_code_used,
  "other-mission": m.problem_other_mission,
  "phone-of-another": m.problem_phone_of_another,
  "guest-time": m.problem_guest_time,
  "code-expired": m.problem_code_expired,
  "other-keys": m.problem_other_keys,
  "bad-enrolment-proof": m.problem_code_unknown,
  "too-many-tries": m.problem_too_many_tries,
  "storage-full": m.problem_storage_full,
  "room-kept": m.problem_room_kept,
  "checklist-missing": m.problem_checklist_missing,
  "draft-gone": m.problem_draft_gone,
  "not-enrolled": m.problem_not_enrolled,
  "photo-missing": m.problem_photo_missing,
  "capture-waits": m.problem_capture_waits,
  "report-too-large": m.problem_report_too_large,
  "report-too-many-answers": m.problem_report_too_many_answers,
  "report-too-many-files": m.problem_report_too_many_files,
  "not-an-image": m.problem_not_an_image,
  "cut-image": m.problem_cut_image,
  "too-large": m.problem_too_large,
  "empty-file": m.problem_empty_file,
  "read-only": m.problem_read_only,
  locked: m.problem_locked,
  "vault-damaged": m.problem_vault_damaged,
  "vault-exists": m.problem_vault_exists,
  "passphrase-changed": m.problem_passphrase_changed,
};

/** Causes that are something else in one place than they are everywhere else. */
const causesIn: Partial<Record<ProblemPlace, Record<string, () => string>>> = {
  contact: {
    "epoch-behind": m.problem_epoch_behind,
    "too-large": m.problem_refused_whole,
    "bad-request": m.problem_refused_whole,
    "bad-json": m.problem_refused_whole,
    "receipt-missing": m.problem_no_receipt,
    "attachment-unknown": m.problem_no_receipt,
    "upload-damaged": m.problem_file_cut,
    "attachment-missing": m.problem_attachment_damaged,
    "attachment-damaged": m.problem_attachment_damaged,
  },
  parcels: {
    "parcels-foreign": m.problem_parcels_foreign,
    "parcels-newer": m.problem_parcels_newer,
    "parcels-other-mission": m.problem_parcels_other_mission,
  },
  setup: { "no-contact": m.enrol_no_contact, "try-later": m.enrol_try_later },
};

/** What is safe in a place whatever the cause, and who does the next step. */
const assurances: Partial<Record<ProblemPlace, () => string>> = {
  contact: m.safe_contact,
  setup: m.safe_setup,
  save: m.safe_save,
  attach: m.safe_attach,
  record: m.safe_record,
  finish: m.safe_finish,
};

/** After these the place's assurance would be untrue, or has been given in other words. */
const withoutAssurance = new Set([
  "attachment-damaged",
  "attachment-missing",
  "bad-enrolment-proof",
  "code-expired",
  "code-malformed",
  "code-unknown",
  "code-used",
  "device-revoked",
  "draft-gone",
  "guest-time",
  "other-keys",
  "phone-of-another",
  "vault-damaged",
  "vault-exists",
]);

/** Why the server keeps a report aside for a person, instead of counting it at once. */
const reasons: Record<string, () => string> = {
  unreadable: m.reason_unreadable,
  unknown_device: m.reason_device,
  revoked_device: m.reason_revoked,
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

/** Recordings and photos that no other try makes good are not kept, sealed pieces or not. */
const unfit = new Set(["not-an-image", "cut-image", "empty-file"]);

/** What happened, what is safe in this place, and what to do, in the reader's language. */
export function problemText(slug: string, place: ProblemPlace): string {
  const own = causesIn[place]?.[slug];
  const cause = (own ?? causes[slug] ?? m.problem_unexpected)();
  // While a phone is set up nothing tries again by itself: those two say so themselves.
  // A photo for which the app is locked waits sealed: nothing is said of it before it is back.
  const isWhole =
    withoutAssurance.has(slug) || (slug === "locked" && place === "attach") || (place === "setup" && own !== undefined);
  const assurance = isWhole ? undefined : assurances[place === "record" && unfit.has(slug) ? "attach" : place];
  return assurance ? `${cause} ${assurance()}` : cause;
}

export function reasonText(reason: string | undefined): string {
  return (reasons[reason ?? ""] ?? m.reason_other)();
}
