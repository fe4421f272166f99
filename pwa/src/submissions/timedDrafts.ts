/**
 * Drafts begun by an earlier app lie under ids that tell when they were begun (UUIDv7), in clear, for whoever takes the
 * locked phone. At the next unlocking they get random ones.
 *
 * Only drafts: a finished report is signed with its id, which is how headquarters recognises it, and keeps it.
 */
import { type AttachmentRecord, attachmentRecordId } from "../attachments/attachments";
import type { CaptureFor } from "../attachments/captures";
import type { Database, Transaction } from "../vault/database";
import type { SealedStore } from "../vault/schema";
import type { RecordVault, SealedRow } from "../vault/vault";
import { tellsTime, timelessId } from "../wire/ids";
import type { Draft } from "./draft";

interface Move {
  rows: SealedRow[];
  /** What the new rows take the place of, as it was read: whatever has changed meanwhile is not overwritten. */
  read: { store: SealedStore; id: string; bytes: ArrayBuffer }[];
}

/**
 * Gives every draft with a timed id a random one, with its files, its recordings and what other drafts know of it, in one
 * transaction: cut off in between, everything is as it was. Needs the vault open. Returns how many drafts moved: none too
 * when something was written meanwhile; the next unlocking tries again.
 */
export async function renameTimedDrafts(vault: RecordVault, database: Database): Promise<number> {
  const keys = await vault.ids("drafts");
  const known = await finished(database);
  const names = new Map(keys.filter((id) => tellsTime(id) && !known.has(id)).map((id) => [id, timelessId()]));
  if (names.size === 0) return 0;
  const move = await prepared(vault, database, names);
  const stores: SealedStore[] = ["drafts", "photos", "captures"];
  const isMoved = await database.write(stores, async (transaction) => {
    for (const { store, id, bytes } of move.read) {
      const now = await transaction.objectStore(store).get(id);
      if (!now || !isSame(now, bytes)) return false;
    }
    await put(transaction, move);
    return true;
  });
  return isMoved ? names.size : 0;
}

/** Ids that headquarters knows, or will. */
async function finished(database: Database): Promise<Set<string>> {
  return database.read(["outbox", "received", "ledger"], async (transaction) => {
    const outbox = await transaction.objectStore("outbox").getAll();
    const received = await transaction.objectStore("received").getAll();
    const ledger = await transaction.objectStore("ledger").getAllKeys();
    return new Set([...outbox, ...received].map(({ submission }) => submission).concat(ledger));
  });
}

async function put(transaction: Transaction<"readwrite">, { rows, read }: Move): Promise<void> {
  for (const { store, id } of read) await transaction.objectStore(store).delete(id);
  for (const { store, id, bytes } of rows) await transaction.objectStore(store).put(bytes, id);
}

/** Opens whatever names one of these drafts, and seals it under the new name. */
async function prepared(vault: RecordVault, database: Database, names: ReadonlyMap<string, string>): Promise<Move> {
  const move: Move = { rows: [], read: [] };
  const renamed = (id: string) => names.get(id) ?? id;
  async function each<T>(store: SealedStore, rename: (id: string, value: T) => Promise<SealedRow> | undefined) {
    const [ids, rows] = await database.read([store], (t) =>
      Promise.all([t.objectStore(store).getAllKeys(), t.objectStore(store).getAll()]),
    );
    for (const [at, bytes] of rows.entries()) {
      const id = ids[at] as string;
      const row = await rename(id, await vault.open<T>(store, id, bytes));
      if (!row) continue;
      move.rows.push(row);
      move.read.push({ store, id, bytes });
    }
  }
  await each<Draft>("drafts", (id, draft) => {
    const isFlashRenamed = draft.flash !== undefined && names.has(draft.flash);
    if (!names.has(id) && !isFlashRenamed) return undefined;
    const moved: Draft = {
      ...draft,
      submission: renamed(id),
      ...(names.has(id) ? { earlier: id } : {}),
      ...(draft.flash === undefined ? {} : { flash: renamed(draft.flash) }),
    };
    return vault.seal("drafts", moved.submission, moved);
  });
  await each<AttachmentRecord>("photos", (_, record) => {
    const submission = names.get(record.submission);
    if (submission === undefined) return undefined;
    return attachmentRecordId(vault, submission, record.plain.sha256).then((id) =>
      vault.seal("photos", id, { ...record, submission }),
    );
  });
  await each<CaptureFor>("captures", (id, capture) => {
    const submission = names.get(capture.submission);
    return submission === undefined ? undefined : vault.seal("captures", id, { ...capture, submission });
  });
  return move;
}

function isSame(one: ArrayBuffer, other: ArrayBuffer): boolean {
  const [left, right] = [new Uint8Array(one), new Uint8Array(other)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
