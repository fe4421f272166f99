/**
 * Parcels: sealed reports that this phone delivers though they are not in its outbox. Everything here works with the vault
 * locked, or gone: what was finished is sealed for headquarters, and no passphrase of a phone opens or closes it.
 */
import type { Database, Transaction } from "../vault/database";
import type { OutboxRow, ParcelRow, ReceivedRow } from "../vault/schema";
import { type Bytes, text } from "../wire/bytes";
import { ParcelFileWriter } from "./parcelFile";
import { retainedRows } from "./retained";
import { deleteStranded, isStranded } from "./stranded";

/** How many parcels there are and how they stand. */
export interface ParcelCounts {
  /** Made on this phone before it was set up anew, and not at headquarters yet. */
  ownWaiting: number;
  /** Of other phones, and not at headquarters yet. */
  othersWaiting: number;
  /** Nothing this phone can do about them: of a mission it has no push token of, or not what the file said. */
  stranded: number;
  /** Those of the stranded ones that were made here: another phone or the desk can bring them, out of a sealed copy. */
  ownStranded: number;
  /** At headquarters, their receipts kept for the phones that made them. */
  delivered: number;
}

export async function parcelCounts(database: Database): Promise<ParcelCounts> {
  const [rows, delivered, transports] = await database.read(["parcels", "delivered", "transport"], (t) =>
    Promise.all([
      t.objectStore("parcels").getAll(),
      t.objectStore("delivered").count(),
      t.objectStore("transport").getAll(),
    ]),
  );
  const stranded = rows.filter((row) => isStranded(row, transports));
  const ownStranded = stranded.filter(({ madeHere }) => madeHere).length;
  const ownWaiting = rows.filter(({ madeHere }) => madeHere).length - ownStranded;
  const othersWaiting = rows.length - stranded.length - ownWaiting;
  return { ownWaiting, othersWaiting, stranded: stranded.length, ownStranded, delivered };
}

/**
 * Makes parcels of everything in the outbox, before this phone is set up anew: each report with its attachments in one
 * transaction, so that killed anywhere it lies in one place or the other. Gives how many there were. `isWiped`: nothing of them
 * is retained once they are received.
 */
export async function moveOutbox(database: Database, isWiped?: true): Promise<number> {
  const [keys, transport] = await database.read(["outbox", "transport"], (t) =>
    Promise.all([t.objectStore("outbox").getAllKeys(), t.objectStore("transport").get("this")]),
  );
  // Nothing is finished before there is a mission to seal it for.
  if (!transport) return 0;
  for (const key of keys) {
    await database.write(["outbox", "attachments", "parcels", "parcelFiles"], async (transaction) => {
      const row = await transaction.objectStore("outbox").get(key);
      if (!row) return;
      const parcel = { ...(await movedRow(transaction, row, transport.mission)), ...(isWiped ? { isWiped } : {}) };
      await transaction.objectStore("parcels").put(parcel, row.sealedHash);
      await transaction.objectStore("outbox").delete(key);
    });
  }
  return keys.length;
}

/** The same for what headquarters has received and may still lose: it stays retained, beside the parcels. */
export async function moveRetained(database: Database): Promise<void> {
  const stores = ["transport", "retained", "received", "delivered"] as const;
  const rows = await database.read([...stores], async (t) => {
    const transport = await t.objectStore("transport").get("this");
    return [...(transport ? await retainedRows(t, transport.mission) : [])].map(
      (each) => [...each, transport] as const,
    );
  });
  for (const [key, row, transport] of rows) {
    if ("mission" in row || !transport) continue;
    await database.write([...stores, "attachments", "parcelFiles"], async (transaction) => {
      const { sealedHash, ...parcel } = await movedRow(transaction, row as Required<ReceivedRow>, transport.mission);
      const sealed = await transaction.objectStore("retained").get(key);
      await transaction.objectStore("delivered").put(parcel, sealedHash);
      if (sealed) await transaction.objectStore("retained").put(sealed, sealedHash);
      await transaction.objectStore("received").delete(key);
      await transaction.objectStore("retained").delete(key);
    });
  }
}

/** A report of this phone as one of whoever it was; its attachments' bytes go with it. */
async function movedRow<Row extends OutboxRow | Required<ReceivedRow>>(
  transaction: Transaction<"readwrite">,
  { submission: _submission, ...row }: Row,
  mission: string,
): Promise<Omit<Row, "submission"> & { mission: string; madeHere: true }> {
  for (const { sha256: address } of row.attachments) {
    const bytes = await transaction.objectStore("attachments").get(address);
    if (bytes) await transaction.objectStore("parcelFiles").put(bytes, address);
  }
  return { ...row, mission, madeHere: true };
}

/**
 * Everything that waits here and headquarters has not receipted whole, a file for each mission, that of this phone first: the
 * outbox and the parcels, and the attachments they wait for. Nothing leaves the phone's own stores by it.
 */
export async function sealedCopies(database: Database): Promise<Blob[]> {
  const [outbox, parcels, transport, transports] = await database.read(["outbox", "parcels", "transport"], (t) =>
    Promise.all([
      t.objectStore("outbox").getAll(),
      t.objectStore("parcels").getAll(),
      t.objectStore("transport").get("this"),
      t.objectStore("transport").getAll(),
    ]),
  );
  const waiting = parcels.filter((row) => row.madeHere || !isStranded(row, transports));
  const missions = new Set(waiting.map(({ mission }) => mission));
  // In the order they were made: what a file cut short lacks is the newest.
  for (const rows of [outbox, waiting]) rows.sort((a, b) => a.deviceSeq - b.deviceSeq);
  const copies: Blob[] = [];
  for (const mission of new Set([...(transport ? [transport.mission] : []), ...missions])) {
    const own = mission === transport?.mission ? outbox : [];
    const others = waiting.filter((row) => row.mission === mission);
    if (own.length + others.length > 0) copies.push(await sealedCopy(database, mission, own, others));
  }
  return copies;
}

async function sealedCopy(database: Database, mission: string, own: OutboxRow[], parcels: ParcelRow[]): Promise<Blob> {
  const writer = new ParcelFileWriter(mission);
  // Reports first: cut short, the file should hold as many of them as it can.
  for (const row of [...own, ...parcels]) writer.report({ ...row, sealed: text(row.sealed) });
  for (const [rows, store] of [
    [own, "attachments"],
    [parcels, "parcelFiles"],
  ] as const) {
    for (const { sha256: address, receipt } of new Map(
      rows.flatMap(({ attachments }) => attachments.map((fact) => [fact.sha256, fact] as const)),
    ).values()) {
      if (receipt) continue;
      const bytes = await database.read([store], (t) => t.objectStore(store).get(address));
      if (bytes) writer.file(address, new Uint8Array(bytes) as Bytes);
    }
  }
  return writer.end();
}

/** The receipts of everything delivered here for others, as a file that the phones that made them take in. */
export async function receiptsFile(database: Database): Promise<Blob | undefined> {
  const [rows, transport] = await database.read(["delivered", "transport"], (t) =>
    Promise.all([t.objectStore("delivered").getAll(), t.objectStore("transport").get("this")]),
  );
  const mission = transport?.mission;
  const delivered = rows.filter((row) => row.mission === mission && !row.madeHere);
  if (mission === undefined || delivered.length === 0) return undefined;
  const writer = new ParcelFileWriter(mission);
  for (const name of new Set(delivered.map(({ report }) => report.list))) {
    const list = await database.read(["receiptLists"], (t) => t.objectStore("receiptLists").get(name));
    if (list) writer.receipts(list);
  }
  const files = delivered.flatMap(({ attachments }) => attachments.map(({ receipt }) => receipt));
  for (const receipt of new Set(files)) if (receipt) writer.fileReceipt(receipt);
  return writer.end();
}

/** Puts away parcels of other phones that this one cannot deliver: the phones that made them have them still. */
export const discardStranded = (database: Database): Promise<unknown> =>
  database.write(["parcels", "parcelFiles", "transport", "retained", "delivered"], deleteStranded);
