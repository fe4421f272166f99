/**
 * Finish: a draft becomes a signed, sealed revision in the outbox. One transaction: the device's number goes up, its chain of
 * hashes grows, the draft goes, the report waits; or nothing of it.
 */

import { type Attachments, attachmentRecordId } from "../attachments/attachments";
import type { Answers } from "../engine/answers";
import { contextAt, isoToday } from "../engine/functions/dates";
import { ATTACHMENTS, PATCH_PATHS } from "../engine/functions/limits";
import type { ChecklistStore } from "../missions/checklists";
import { placeOfAnswers } from "../missions/place";
import type { PlaceRef, PlaceStore } from "../missions/places";
import { type DeviceKey, deviceKey } from "../people/device";
import { type Enrolment, enrolmentOf } from "../people/enrolment";
import { clockOf, nowFor, signedClock } from "../people/phoneClock";
import type { Database, Transaction } from "../vault/database";
import type { Chain, OutboxRow, RowChange } from "../vault/schema";
import type { RecordVault, SealedRow } from "../vault/vault";
import { exactBuffer } from "../wire/bytes";
import { timelessId } from "../wire/ids";
import { FieldProblem } from "../wire/problem";
import { carriedAnswers } from "./carried";
import type { Draft } from "./draft";
import { type LedgerEntry, ledgerEntry } from "./ledger";
import { coarsened } from "./precision";
import { type Revision, sealRevision } from "./revision";

/** How a finished report is called on the screen; content, so it lies in the vault. */
export interface ReportLabel {
  code: string;
  checklist: string;
  form: string;
  title: Draft["title"];
  place?: PlaceRef | string;
  madeAt: string;
  /** It was finished in short form: what is not answered may not have been asked. */
  short?: boolean;
}

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

const unbegun: Chain = { deviceSeq: 0, prevHash: "" };

/**
 * Rejects with `not-enrolled`, `photo-missing`, `draft-gone` (finished already), or `report-too-large`,
 * `report-too-many-answers`, `report-too-many-files`: what could not be received. Then nothing has changed.
 * Callers run one at a time; should another tab have finished something meanwhile, the revision is made anew on top of it.
 */
export async function finishDraft(
  parts: Finishing,
  draft: Draft,
  counted: Answers,
  at: PlaceRef | undefined,
): Promise<FinishedReport> {
  const enrolment = await enrolmentOf(parts.vault);
  if (!enrolment) throw new FieldProblem("not-enrolled");
  const { answers, place } = await allowed(parts, enrolment, draft, counted, at);
  const device = await deviceKey(parts.vault);
  for (;;) {
    const chain = await parts.database.read(["chain"], (t) => t.objectStore("chain").get(device.id));
    const made = await makeReport(parts, enrolment, device, chain ?? unbegun, draft, answers, place);
    if (await queue(parts.database, device.id, chain ?? unbegun, made, draft.submission)) {
      return { row: made.row, answers };
    }
  }
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
  const { answers } = coarsened(definition, given, context, await places.load(), lastSaved);
  return answers === counted ? { answers, place } : { answers, place: placeOfAnswers(definition, answers) };
}

interface Made {
  row: OutboxRow;
  sealed: SealedRow[];
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
  const revision: Revision = {
    id: timelessId(),
    submission: draft.submission,
    base: [],
    checklist_version: draft.checklist,
    patch: answers,
    state: "finished",
    attachments: await attachments.attachmentsOf(draft.submission, definition, answers),
    team: identity.team.code,
    author: identity.person.id,
    device: device.id,
    device_seq: chain.deviceSeq + 1,
    made_at: now.toISOString(),
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    prev_hash: chain.prevHash,
    ...signedClock(clock, now.getTime()),
  };
  checkSize(revision);
  const { hash, sealed, sealedHash } = await sealRevision(revision, device, transportKey);
  const number = String(revision.device_seq).padStart(3, "0");
  const label: ReportLabel = {
    code: `${identity.team.code}-${identity.device.letter}${number}`,
    checklist: draft.checklist,
    form: draft.form,
    title: draft.title,
    ...(place ? { place } : {}),
    madeAt: revision.made_at,
    ...(draft.short ? { short: true } : {}),
  };
  const known = await vault.get<LedgerEntry>("ledger", draft.submission);
  const entry = ledgerEntry(definition, answers, {
    submission: draft.submission,
    // A report keeps the code of its first version.
    code: known?.code ?? label.code,
    ...(place ? { place } : {}),
    finishedOn: isoToday(contextAt(nowFor(clock, now.getTime()), revision.tz)),
  });
  const carried = carriedAnswers(definition, answers);
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
      await vault.seal("ledger", draft.submission, entry),
      ...(Object.keys(carried).length > 0 ? [await vault.seal("carried", last, carried)] : []),
    ],
  };
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

/** Another tab finished something meanwhile. */
class ChainMoved extends Error {}

/** False when the chain has moved since it was read. */
async function queue(
  database: Database,
  device: string,
  seen: Chain,
  { row, sealed }: Made,
  submission: string,
): Promise<boolean> {
  const stores = new Set(["chain", "outbox", "drafts", ...sealed.map(({ store }) => store)] as const);
  const chain: Chain = { deviceSeq: row.deviceSeq, prevHash: row.hash };
  const write = async (transaction: Transaction<"readwrite">) => {
    const chains = transaction.objectStore("chain");
    const now = (await chains.get(device)) ?? unbegun;
    // Thrown, so that what went ahead of it is known not to have happened.
    if (now.deviceSeq !== seen.deviceSeq || now.prevHash !== seen.prevHash) throw new ChainMoved();
    const drafts = transaction.objectStore("drafts");
    if ((await drafts.getKey(submission)) === undefined) throw new FieldProblem("draft-gone", submission);
    await chains.put(chain, device);
    for (const { store, id, bytes } of sealed) await transaction.objectStore(store).put(bytes, id);
    await drafts.delete(submission);
    await transaction.objectStore("outbox").add(row, row.revision);
  };
  try {
    await database.write([...stores], write, [
      ["chain", device, chain],
      ["outbox", row.revision, row],
      ...sealed.flatMap(({ store, id, bytes }) => (store === "labels" ? [[store, id, bytes] as RowChange] : [])),
      ["drafts", submission],
    ]);
    return true;
  } catch (failure) {
    if (failure instanceof ChainMoved) return false;
    throw failure;
  }
}
