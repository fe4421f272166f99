/** Takes in a file from another phone: parcels to deliver, and receipts of what another phone delivered for this one. */
import { noteClockByFile } from "../people/phoneClock";
import { type FiledReport, type FilePart, readParcelFile } from "../submissions/parcelFile";
import type { Database } from "../vault/database";
import type { ParcelRow, Transport } from "../vault/schema";
import { type Bytes, b64u, exactBuffer, sha256, utf8 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { fileReceipt, verifiedList } from "./receipts";
import { everyQueue, isOfThisEpoch, type Queue, settleAttachment, settleByList } from "./settle";

/** What came of a file. */
export interface TakenFile {
  /** Reports this phone now delivers and did not before. */
  parcels: number;
  /** Reports it has in its outbox, among its parcels, or knows to be at headquarters. */
  known: number;
  /** Own reports and parcels that a receipt in the file was about. */
  receipted: number;
  /** False: it was cut short, and what was whole has been taken. */
  isWhole: boolean;
}

/**
 * Rejects with `not-enrolled`, `parcels-foreign` (no such file), `parcels-newer`, `parcels-other-mission`, `storage-full`.
 * Taking the same file again changes nothing. Of a mission this phone belonged to before, while reports of that mission wait
 * here, it takes the receipts alone.
 */
export async function takeFile(database: Database, file: Blob): Promise<TakenFile> {
  const { current, earlier } = await database.read(["transport"], async (t) => {
    const [all, mine] = await Promise.all([
      t.objectStore("transport").getAll(),
      t.objectStore("transport").get("this"),
    ]);
    return { current: mine, earlier: all };
  });
  if (!current) throw new FieldProblem("not-enrolled");
  let taking = new Taking(database, current, everyQueue);
  const { isWhole } = await readParcelFile(
    file,
    (mission) => {
      if (mission === current.mission) return;
      const transport = earlier.find((other) => other.mission === mission);
      if (!transport) throw new FieldProblem("parcels-other-mission");
      taking = new Taking(database, transport, ["parcels"]);
    },
    (part) => taking.take(part),
  );
  const { parcels, known, receipted } = taking;
  return { parcels, known, receipted, isWhole };
}

class Taking {
  readonly #database: Database;
  readonly #transport: Transport;
  readonly #queues: readonly Queue[];
  /** By the hash of an attachment, the reports of this file that name it and lack it here. */
  readonly #lacking = new Map<string, ParcelRow[]>();
  /** What was made here, of which nobody else's words are needed. */
  #own: ReadonlySet<string> | undefined;
  parcels = 0;
  known = 0;
  receipted = 0;

  constructor(database: Database, transport: Transport, queues: readonly Queue[]) {
    this.#database = database;
    this.#transport = transport;
    this.#queues = queues;
  }

  async take(part: FilePart): Promise<void> {
    if ("report" in part) await this.#takeReport(part.report);
    else if ("file" in part) await this.#takeBytes(part.file.sha256, part.file.bytes);
    else if ("receipts" in part) await this.#takeReceipts(part.receipts);
    else await this.#takeFileReceipt(part.fileReceipt);
  }

  async #takeReport({ revision, hash, deviceSeq, sealed, attachments }: FiledReport): Promise<void> {
    const bytes = utf8(sealed);
    const sealedHash = b64u(await sha256(bytes));
    this.#own ??= await ownReports(this.#database);
    if (this.#own.has(sealedHash) || this.#own.has(revision + hash)) {
      this.known++;
      return;
    }
    if (!this.#queues.includes("outbox")) throw new FieldProblem("parcels-other-mission");
    const { mission } = this.#transport;
    const facts = { revision, hash, deviceSeq, sealed: exactBuffer(bytes), sealedHash, mission, madeHere: false };
    // Its attachments are noted when their bytes come: cut short, a file brings the report alone.
    const row: ParcelRow = { ...facts, attachments: [] };
    const held = await this.#database.write(["parcels", "delivered"], async (t) => {
      const parcels = t.objectStore("parcels");
      const before = (await parcels.get(sealedHash)) ?? (await t.objectStore("delivered").get(sealedHash));
      if (!before) await parcels.put(row, sealedHash);
      // Other words than those the server did not confirm are worth one more push.
      else if ("sealed" in before && before.mismatch && (before.revision !== revision || before.hash !== hash)) {
        const { mismatch: _, ...parcel } = { ...before, revision, hash, deviceSeq };
        await parcels.put(parcel, sealedHash);
      }
      return before;
    });
    if (held) this.known++;
    else this.parcels++;
    const has = new Set(held?.attachments.map(({ sha256: address }) => address));
    for (const { sha256: address } of attachments)
      if (!has.has(address)) this.#lacking.set(address, [...(this.#lacking.get(address) ?? []), row]);
  }

  /** Bytes that no report of the file names are nobody's. */
  async #takeBytes(address: string, bytes: Bytes): Promise<void> {
    const rows = this.#lacking.get(address);
    if (!rows) return;
    const fact = { sha256: address, size: bytes.length };
    await this.#database.write(["parcels", "parcelFiles", "delivered"], async (t) => {
      await t.objectStore("parcelFiles").put(exactBuffer(bytes), address);
      for (const row of rows) {
        const delivered = await t.objectStore("delivered").get(row.sealedHash);
        const held = (await t.objectStore("parcels").get(row.sealedHash)) ?? { ...row, ...delivered };
        const parcel = { ...held, attachments: [...held.attachments, fact] };
        await t.objectStore("parcels").put(parcel, row.sealedHash);
        await t.objectStore("delivered").delete(row.sealedHash);
      }
    });
    this.#lacking.delete(address);
  }

  /** A list that this mission's server has not signed, or in an epoch that is over, proves nothing, and is passed over. */
  async #takeReceipts(list: string): Promise<void> {
    const signed = await verifiedList(list, this.#transport);
    if (!signed) return;
    if (await isOfThisEpoch(this.#database, signed))
      this.receipted += await settleByList(this.#database, this.#transport, list, this.#queues);
    if (signed.at) await noteClockByFile(this.#database, signed.at);
  }

  async #takeFileReceipt(receipt: string): Promise<void> {
    const signed = await fileReceipt(receipt, this.#transport);
    if (!signed || !(await isOfThisEpoch(this.#database, signed))) return;
    for (const queue of this.#queues) await settleAttachment(this.#database, signed, queue);
  }
}

/**
 * Names of the reports of outbox and received ones: by the sealed text, which nobody can misstate. What earlier versions
 * received is known by id and content alone, and is at headquarters.
 */
async function ownReports(database: Database): Promise<ReadonlySet<string>> {
  const [outbox, received] = await database.read(["outbox", "received"], (t) =>
    Promise.all([t.objectStore("outbox").getAll(), t.objectStore("received").getAll()]),
  );
  return new Set([...outbox, ...received].map(({ sealedHash, revision, hash }) => sealedHash ?? revision + hash));
}
