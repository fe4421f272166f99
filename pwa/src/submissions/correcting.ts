/** Correcting: a report that was finished here is opened again, as a draft that bears its id. */

import type { Answers, Definition } from "../engine/definition";
import type { ChecklistStore } from "../missions/checklists";
import type { Database, Transaction } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { FieldProblem } from "../wire/problem";
import { type ChangeReason, type Correction, type Draft, newDraft } from "./draft";
import type { Outbox } from "./outbox";

export interface Correcting {
  vault: RecordVault;
  database: Database;
  checklists: Pick<ChecklistStore, "definition">;
  outbox: Pick<Outbox, "list" | "answers">;
}

/** What a correction begins with, where all of a report is known here: also what the partner made of it. */
export interface CorrectionStart {
  checklist: string;
  definition: Definition;
  answers: Answers;
  correction: Omit<Correction, "reason">;
}

/**
 * The draft in which a report is changed, begun from what it says now (`start`, or else what this phone made last of it); the
 * one there is, where it has been begun already. Rejects with `report-unreadable` when this phone holds no readable copy of it,
 * and as `ChecklistStore.definition` does. `reply`: the query that it answers; a draft that was begun without it answers it too.
 */
export async function beginCorrection(
  parts: Correcting,
  submission: string,
  reason: ChangeReason,
  { start, reply }: { start?: CorrectionStart | undefined; reply?: Correction["reply"] } = {},
): Promise<Draft> {
  const { vault, database } = parts;
  const begun = await vault.get<Draft>("drafts", submission);
  if (begun) return reply ? answering(parts, begun, reply) : begun;
  const draft = await draftOf(parts, submission, reason, start);
  if (reply && draft.correction) draft.correction = { ...draft.correction, reply };
  const { id, bytes } = await vault.seal("drafts", submission, draft);
  const write = async (t: Transaction<"readwrite">) => {
    // Begun twice at once: the first may have been answered by now.
    if ((await t.objectStore("drafts").getKey(id)) !== undefined) throw new AlreadyBegun();
    await t.objectStore("drafts").put(bytes, id);
  };
  try {
    await database.write(["drafts"], write, [["drafts", id, bytes]]);
  } catch (failure) {
    if (!(failure instanceof AlreadyBegun)) throw failure;
  }
  return (await vault.get<Draft>("drafts", submission)) ?? draft;
}

class AlreadyBegun extends Error {}

async function answering(
  { vault, database }: Correcting,
  draft: Draft,
  reply: NonNullable<Correction["reply"]>,
): Promise<Draft> {
  if (!draft.correction) return draft;
  const answer: Draft = { ...draft, correction: { ...draft.correction, reply } };
  const { id, bytes } = await vault.seal("drafts", draft.submission, answer);
  await database.write(["drafts"], async (t) => void (await t.objectStore("drafts").put(bytes, id)), [
    ["drafts", id, bytes],
  ]);
  return answer;
}

async function draftOf(
  { checklists, outbox }: Correcting,
  submission: string,
  reason: ChangeReason,
  start: CorrectionStart | undefined,
): Promise<Draft> {
  const revisions = (await outbox.list()).filter((item) => item.submission === submission);
  if (start) {
    const { short, flash } = revisions[0] ?? {};
    return {
      ...newDraft(start.checklist, start.definition, { answers: start.answers, ...(short ? { short } : {}) }),
      submission,
      ...(flash ? { flash } : {}),
      correction: { ...start.correction, reason },
    };
  }
  const [head, first] = [revisions[0], revisions.at(-1)];
  const answers = head && (await outbox.answers(head.revision));
  // What a report is called, and by which checklist it was made, may be lost too.
  if (!first || !answers || head.checklist === "") throw new FieldProblem("report-unreadable", submission);
  const { code, checklist, short = false, flash } = head;
  return {
    ...newDraft(checklist, await checklists.definition(checklist), { answers, short }),
    submission,
    ...(flash ? { flash } : {}),
    correction: { reason, base: [head.revision], from: answers, code, madeAt: first.madeAt },
  };
}
