/** What of a report stays as its first revision made it when it is corrected. */

import type { Answer, Answers, Definition } from "../engine/definition";
import { indexOf } from "../engine/form";
import { contextAt, isoToday } from "../engine/functions/dates";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import type { Correction, Draft, ReportLabel } from "./draft";
import { type LedgerEntry, observedAt } from "./ledger";

/** Whether the server that answered last takes a revision that says why it was made (protocol.md §4). */
export const readsReason = async (database: Database): Promise<boolean> =>
  (await database.read(["contact"], (t) => t.objectStore("contact").get("reads")))?.split(",").includes("reason") ??
  false;

/** What the phone noted by itself, as when the form was begun and ended, stays: when it was corrected says the revision. */
export function withFirstMoments(definition: Definition, from: Answers, answers: Answers): Answers {
  const noted = [...indexOf(definition).entries.values()].flatMap(({ question: { id, type } }) => {
    const first = from[id];
    return type === "metadata" && first !== undefined ? [[id, first] as [string, Answer]] : [];
  });
  return { ...answers, ...Object.fromEntries(noted) };
}

/** The day (`2021-01-08`) a report was finished on, for forms that ask for none; `known` is its entry so far. */
export function finishedOnFirst(
  definition: Definition,
  { from, madeAt }: Correction,
  known: LedgerEntry | undefined,
  zone: string,
): string {
  // Until now it was placed by that very day, read from a clock that was known then.
  if (known && observedAt(definition, from) === undefined) return known.day;
  return isoToday(contextAt(Date.parse(madeAt), zone));
}

/** Whether no other report of the form was finished here after this one: else it is the other one that is carried on from. */
export async function isLastOfItsForm(
  { vault, database }: { vault: RecordVault; database: Database },
  { submission, form }: Draft,
): Promise<boolean> {
  const rows = await database.read(["outbox", "received"], async (t) => [
    ...(await t.objectStore("outbox").getAll()),
    ...(await t.objectStore("received").getAll()),
  ]);
  const labels = new Map((await vault.all<ReportLabel>("labels")).map(({ id, value }) => [id, value]));
  const firsts = rows.filter(({ revision }) => labels.get(revision)?.form === form && !labels.get(revision)?.change);
  return firsts.toSorted((one, other) => one.deviceSeq - other.deviceSeq).at(-1)?.submission === submission;
}
