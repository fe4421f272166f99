/**
 * Finish: a draft becomes a signed, sealed revision in the outbox. One transaction: the device's number goes up, its chain of
 * hashes grows, the draft goes, the report waits; or nothing of it. A correction becomes a further revision of its report,
 * which says only what is other than in those it was begun from.
 */

import { type Attachments, attachmentRecordId } from "../attachments/attachments";
import type { Answers, Patch } from "../engine/answers";
import { contextAt, isoToday } from "../engine/functions/dates";
import { ATTACHMENTS, PATCH_PATHS } from "../engine/functions/limits";
import type { ChecklistStore } from "../missions/checklists";
import { placeOfAnswers } from "../missions/place";
import type { PlaceRef, PlaceStore } from "../missions/places";
import { type DeviceKey, deviceKey } from "../people/device";
import { type Enrolment, enrolmentOf } from "../people/enrolment";
import { clockOf, nowFor, signedClock } from "../people/phoneClock";
import type { Database } from "../vault/database";
import type { Chain, OutboxRow } from "../vault/schema";
import type { RecordVault, SealedRow } from "../vault/vault";
import { exactBuffer } from "../wire/bytes";
import { timelessId } from "../wire/ids";
import { FieldProblem } from "../wire/problem";
import { carriedAnswers } from "./carried";
import { finishedOnFirst, isLastOfItsForm, readsReason, withFirstMoments } from "./corrected";
import type { Draft, ReportLabel } from "./draft";
import { chainOf, type Made, queue } from "./facts/chain";
import { type LedgerEntry, ledgerEntry } from "./ledger";
import { isChangedByHand, patchFrom } from "./patch";
import { coarsened } from "./precision";
import { type HeldRevision, heldRow } from "./readable/heldRevisions";
import { type Revision, sealRevision } from "./revision";
import { makeFact } from "./signedFact";

export interface Finishing {
  vault: RecordVault;
  database: Database;
  checklists: ChecklistStore;
  attachments: Attachments;
  places: Pick<PlaceStore, "load">;
}

/** What finishing left: the row that waits, and the answers it holds. */
export interface FinishedReport {
  row: OutboxRow;
  answers: Answers;
}

/**
 * Rejects with `not-enrolled`, `photo-missing`, `draft-gone` (finished already), `nothing-changed` (a correction that is none),
 * or `report-too-large`,
 * `report-too-many-answers`, `report-too-many-files`: what could not be received. Then nothing has changed.
 * `isKept`: whether the draft lies in the vault, from which it goes; one that only decides what contradicts does not.
 * Callers run one at a time; should another tab have finished something meanwhile, the revision is made anew on top of it.
 */
export async function finishDraft(
  parts: Finishing,
  draft: Draft,
  counted: Answers,
  at: PlaceRef | undefined,
  isKept = true,
): Promise<FinishedReport> {
  const enrolment = await enrolmentOf(parts.vault);
  if (!enrolment) throw new FieldProblem("not-enrolled");
  const { answers, place } = await allowed(parts, enrolment, draft, counted, at);
  const device = await deviceKey(parts.vault);
  for (;;) {
    const chain = await chainOf(parts.database, device.id);
    const report = await makeReport(parts, enrolment, device, chain, draft, answers, place);
    const made: [Made, ...Made[]] = [report, ...(await repliesBy(parts, enrolment, device, report, draft))];
    if (await queue(parts.database, device.id, chain, made, isKept ? draft.submission : undefined)) {
      return { row: report.row, answers };
    }
  }
}

/** The reply that goes with a correction headquarters asked for: the next of the chain, or none. */
async function repliesBy(
  parts: Finishing,
  enrolment: Enrolment,
  device: DeviceKey,
  { row: { deviceSeq, hash, revision } }: Made,
  { correction }: Draft,
): Promise<Made[]> {
  if (!correction?.reply) return [];
  const { to, title } = correction.reply;
  return [await makeFact(parts, enrolment, device, { deviceSeq, prevHash: hash }, { text: "", to, title, revision })];
}

/** What of a report may leave the phone, and stay on it: nothing that tells a finer place than the observer chose. */
async function allowed(
  { vault, database, checklists, places }: Finishing,
  { identity }: Enrolment,
  draft: Draft,
  counted: Answers,
  place: PlaceRef | undefined,
): Promise<{ answers: Answers; place: PlaceRef | undefined }> {
  const definition = await checklists.definition(draft.checklist);
  const lastSaved = await vault.get<Answers>("carried", await vault.blindId("carried", draft.form));
  const context = contextAt(nowFor(await clockOf(database)), identity.mission.zone);
  const given = { drafted: draft.answers, answers: counted };
  const { answers: told } = coarsened(definition, given, context, await places.load(), lastSaved);
  const answers = draft.correction ? withFirstMoments(definition, draft.correction.from, told) : told;
  return told === counted ? { answers, place } : { answers, place: placeOfAnswers(definition, answers) };
}

async function makeReport(
  { vault, database, checklists, attachments }: Finishing,
  { identity, transportKey }: Enrolment,
  device: DeviceKey,
  chain: Chain,
  draft: Draft,
  answers: Answers,
  place: PlaceRef | undefined,
): Promise<Made> {
  const definition = await checklists.definition(draft.checklist);
  const now = new Date();
  const clock = await clockOf(database);
  const { correction } = draft;
  const patch = correction ? patchFrom(correction.from, answers, correction.decides) : answers;
  if (correction && !correction.decides && !isChangedByHand(definition, patch))
    throw new FieldProblem("nothing-changed");
  const revision: Revision = {
    id: timelessId(),
    submission: draft.submission,
    base: [...(correction?.base ?? [])],
    checklist_version: draft.checklist,
    patch,
    state: "finished",
    attachments: await attachments.attachmentsOf(draft.submission, definition, bringing(patch, correction?.decides)),
    team: identity.team.code,
    author: identity.person.id,
    device: device.id,
    device_seq: chain.deviceSeq + 1,
    made_at: now.toISOString(),
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    prev_hash: chain.prevHash,
    ...(correction && (await readsReason(database)) ? { reason: correction.reason } : {}),
    ...signedClock(clock, now.getTime()),
  };
  checkSize(revision);
  const { hash, sealed, sealedHash } = await sealRevision(revision, device, transportKey);
  const number = String(revision.device_seq).padStart(3, "0");
  const label: ReportLabel = {
    // A report keeps the code of its first revision.
    code: correction?.code ?? `${identity.team.code}-${identity.device.letter}${number}`,
    checklist: draft.checklist,
    form: draft.form,
    title: draft.title,
    ...(place ? { place } : {}),
    madeAt: revision.made_at,
    ...(draft.short ? { short: true } : {}),
    ...(correction ? { change: correction.reason } : {}),
    ...(draft.flash ? { flash: draft.flash } : {}),
  };
  const known = await vault.get<LedgerEntry>("ledger", draft.submission);
  const today = isoToday(contextAt(nowFor(clock, now.getTime()), revision.tz));
  const entry = ledgerEntry(definition, answers, {
    submission: draft.submission,
    code: label.code,
    ...(place ? { place } : {}),
    finishedOn: correction ? finishedOnFirst(definition, correction, known, revision.tz) : today,
  });
  const isCarrying = !correction || (await isLastOfItsForm({ vault, database }, draft));
  const carried = isCarrying ? carriedAnswers(definition, answers) : {};
  const last = await vault.blindId("carried", draft.form);
  return {
    row: {
      revision: revision.id,
      submission: revision.submission,
      deviceSeq: revision.device_seq,
      hash,
      sealed: exactBuffer(sealed),
      sealedHash,
      attachments: await uniqueFacts(vault, revision),
    },
    sealed: [
      await vault.seal("labels", revision.id, label),
      await vault.seal("copies", revision.id, answers),
      ...(correction?.isPartners ? [] : [await vault.seal("ledger", draft.submission, entry)]),
      ...(Object.keys(carried).length > 0 ? [await vault.seal("carried", last, carried)] : []),
      ...(await heldRows({ vault, database }, revision, identity.device.letter)),
    ],
    replaced: revision.base,
  };
}

/** The answers whose files a revision brings: what stood in conflict was brought by the revision that wrote it. */
const bringing = (patch: Patch, decides: readonly string[] = []): Answers =>
  Object.fromEntries(Object.entries(patch).filter(([path]) => !decides.includes(path))) as Answers;

/** What it changed, for telling it from what the partner changes; nothing where copies go with the receipt. */
async function heldRows(
  { vault, database }: Pick<Finishing, "vault" | "database">,
  revision: Revision,
  letter: string,
): Promise<SealedRow[]> {
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  if (!transport?.keepCopies) return [];
  const { id, submission, checklist_version: checklist, base, patch, device, author, made_at: madeAt, team } = revision;
  const files = Object.fromEntries(revision.attachments.map(({ path, plain_sha256: plain }) => [path, plain]));
  const row: HeldRevision = { id, submission, checklist, base, patch, files, device, letter, author, madeAt, team };
  return [await vault.seal("feed", heldRow(row), row)];
}

/** What headquarters would set aside unread is not signed: the observer can still mend it. */
function checkSize({ patch, attachments }: Revision): void {
  if (Object.keys(patch).length > PATCH_PATHS) throw new FieldProblem("report-too-many-answers");
  if (attachments.length > ATTACHMENTS) throw new FieldProblem("report-too-many-files");
}

/** One attachment may answer two questions; it is sent once. */
async function uniqueFacts(
  vault: RecordVault,
  { submission, attachments }: Revision,
): Promise<OutboxRow["attachments"]> {
  const facts = attachments.map(async ({ sha256, size, plain_sha256: plain }) => {
    return [sha256, { sha256, size, photo: await attachmentRecordId(vault, submission, plain) }] as const;
  });
  return [...new Map(await Promise.all(facts)).values()];
}
