/**
 * What the server's word lets go of what this phone retains. In windows alone, after a round: nothing is lost while it waits,
 * so the service worker does without.
 */
import type { AttachmentRecord } from "../attachments/attachments";
import { neededBytes } from "../attachments/orphans";
import { type RetainedRow, retainedRows } from "../submissions/retained";
import type { Database, Transaction } from "../vault/database";
import type { AttachmentFact, SafetyWord, Transport } from "../vault/schema";
import type { RecordVault } from "../vault/vault";
import { FieldProblem } from "../wire/problem";
import { attachmentReceipt } from "./receipts";

/** For how long a mission without copies of its server is trusted with nothing, by the server's own time. */
const holdMs = 14 * 24 * 60 * 60 * 1000;

/**
 * Whether the server's word lets a report go: of the epoch that received it, and about everything of it; or 14 days after it
 * was received where the mission has no copies. What nobody could read or count is never safe: its sealed text is the proof.
 */
export function isSafe(
  { report, attachments }: Pick<RetainedRow, "report" | "attachments">,
  { epoch, safeSeq, at }: SafetyWord,
): boolean {
  if (report.reason || report.bySealed || (report.epoch ?? 1) !== epoch) return false;
  if (safeSeq === null) return isLongPast({ report }, { at });
  return [report, ...attachments].every(({ seq }) => seq !== undefined && seq <= safeSeq);
}

/** Whether a report was received 14 days ago, by the server's own time: a phone that was ordered to wipe itself keeps none longer. */
const isLongPast = ({ report }: Pick<RetainedRow, "report">, { at }: Pick<SafetyWord, "at">): boolean =>
  Date.parse(at) - Date.parse(report.since ?? "") >= holdMs;

/** Asks the server for the receipt of an attachment that it has had for long; it gives the number with it. */
export type AskReceipt = (transport: Transport, fact: AttachmentFact, isParcel: boolean) => Promise<string>;

const stores = ["transport", "safety", "retained", "received", "delivered", "outbox", "parcels"] as const;

/**
 * Deletes what is retained and safe by the word last heard of its mission's server. Readable copies stay where the mission
 * lets phones keep them. Attachments that a server of an earlier version received without a number are asked for one first:
 * only by it can they be found safe. Should that fail, the next round tries again.
 */
export async function release(database: Database, ask: AskReceipt, vault: RecordVault): Promise<void> {
  await forgetKeys(database, vault);
  const transports = await database.read(["transport"], (t) => t.objectStore("transport").getAll());
  for (const transport of transports) {
    await numberAttachments(database, transport, ask);
    await database.write([...stores, "attachments", "parcelFiles", "photos"], async (transaction) => {
      const word = await transaction.objectStore("safety").get(transport.mission);
      if (!word) return;
      for (const [key, row] of await retainedRows(transaction, transport.mission))
        if (isSafe(row, word) || (transport.wiped && isLongPast(row, word))) await letGo(transaction, key, row);
    });
  }
}

/**
 * Where the mission takes readable copies away at the receipt, the keys of photos go with them; those of what earlier versions
 * of the app finished are found here only, with the vault open.
 */
async function forgetKeys(database: Database, vault: RecordVault): Promise<void> {
  if (vault.state !== "open") return;
  const unnamed = await database.read(["transport", "retained", "received"], async (t) => {
    const addresses = new Set<string>();
    if ((await t.objectStore("transport").get("this"))?.keepCopies !== false) return addresses;
    for (const key of await t.objectStore("retained").getAllKeys()) {
      const row = await t.objectStore("received").get(key);
      for (const { sha256, photo } of row?.attachments ?? []) if (!photo) addresses.add(sha256);
    }
    return addresses;
  });
  if (unnamed.size === 0) return;
  for (const { id, value } of await vault.all<AttachmentRecord>("photos"))
    if (unnamed.has(value.sealed.sha256)) await vault.remove("photos", id);
}

async function letGo(transaction: Transaction<"readwrite">, key: string, row: RetainedRow): Promise<void> {
  await transaction.objectStore("retained").delete(key);
  const isParcel = "mission" in row;
  const needed = await neededBytes(transaction, isParcel ? "parcels" : "outbox");
  const bytes = transaction.objectStore(isParcel ? "parcelFiles" : "attachments");
  for (const fact of row.attachments) {
    if (!needed.has(fact.sha256) && (isParcel || !(await isReadable(transaction, fact))))
      await bytes.delete(fact.sha256);
  }
}

/** While the record is there that opens them; without its id, where the mission lets phones keep copies. */
async function isReadable(transaction: Transaction, { photo }: AttachmentFact): Promise<boolean> {
  if (photo) return (await transaction.objectStore("photos").getKey(photo)) !== undefined;
  return (await transaction.objectStore("transport").get("this"))?.keepCopies !== false;
}

async function numberAttachments(database: Database, transport: Transport, ask: AskReceipt): Promise<void> {
  const { word, rows } = await database.read([...stores], async (t) => ({
    word: await t.objectStore("safety").get(transport.mission),
    rows: await retainedRows(t, transport.mission),
  }));
  if (typeof word?.safeSeq !== "number") return;
  for (const [key, row] of rows) {
    for (const fact of row.attachments.filter(({ seq }) => seq === undefined)) {
      try {
        const receipt = await attachmentReceipt(await ask(transport, fact, "mission" in row), transport, fact);
        if (receipt?.seq !== undefined && receipt.epoch === word.epoch)
          await noteNumber(database, "mission" in row ? "delivered" : "received", key, fact, receipt.seq);
      } catch (failure) {
        if (!(failure instanceof FieldProblem)) throw failure;
      }
    }
  }
}

const noteNumber = (
  database: Database,
  store: "received" | "delivered",
  key: string,
  { sha256: address }: AttachmentFact,
  seq: number,
): Promise<void> =>
  database.write([store], async (t) => {
    const rows = t.objectStore(store);
    const row = await rows.get(key);
    if (!row) return;
    const attachments = row.attachments.map((fact) => (fact.sha256 === address ? { ...fact, seq } : fact));
    if ("mission" in row) await t.objectStore("delivered").put({ ...row, attachments }, key);
    else await t.objectStore("received").put({ ...row, attachments }, key);
  });

/** How many received reports are retained, and the bytes they and their attachments take. */
export const retainedWeight = (database: Database): Promise<{ reports: number; bytes: number }> =>
  database.read(["retained", "received", "delivered"], async (t) => {
    const keys = await t.objectStore("retained").getAllKeys();
    let bytes = 0;
    for (const key of keys) {
      const row = (await t.objectStore("received").get(key)) ?? (await t.objectStore("delivered").get(key));
      bytes += (await t.objectStore("retained").get(key))?.byteLength ?? 0;
      for (const { size } of row?.attachments ?? []) bytes += size;
    }
    return { reports: keys.length, bytes };
  });
