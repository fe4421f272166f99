/**
 * What lies in the phone's database, and what an eye that reads the disk can learn from it.
 *
 * Sealed stores hold one AES-GCM ciphertext per record under ids that mean nothing.
 * Clear stores hold what a locked phone needs to send: sealed reports, hashes, sizes, the push token. None of it is content.
 */
import type { DBSchema } from "idb";

export const databaseName = "steppe";
/**
 * 2: `ledger`. 3: `files`. 4: `parcels`, `parcelFiles`, `delivered`, `tries`, `captures`,
 * `pieces`. 5: `clock`. 6: `check`. 7: `retained`, `safety`. 8: `journal`, `lost`. Every upgrade adds the stores that are missing and touches none that is there.
 */
export const schemaVersion = 8;

/** Stores whose every value is `IV ‖ ciphertext ‖ tag` (see cipher.ts). */
export const sealedStores = [
  /** Who this phone is: enrolment, device key, access token. */
  "identity",
  "drafts",
  /** Readable answers of finished reports, by revision, when the mission lets phones keep them. */
  "copies",
  /** How a finished report is called on the screen, by revision. */
  "labels",
  /** What figures are counted from: the coded facts of each finished report, by submission; outlives its readable copy. */
  "ledger",
  /** What a form carries over from its report last finished here, by blind id of the form. */
  "carried",
  "checklists",
  "definitions",
  /** Pictures and recordings of the checklists, by blind id. */
  "files",
  /** The reference list, and the places used lately. */
  "places",
  /** What an attachment's bytes are and the key that opens them, by blind id. */
  "photos",
  /** What is being recorded or photographed: the question it is for and the key of its pieces, by random id. */
  "captures",
  /** Pieces of these, by id and number; under the capture's own key, which is sealed beside it (`attachments/captures.ts`). */
  "pieces",
  /** What headquarters says about this team's reports, and the pull cursor. */
  "feed",
] as const;
export type SealedStore = (typeof sealedStores)[number];

/** How the data key is wrapped. */
export interface Wrap {
  version: 1;
  salt: ArrayBuffer;
  iterations: number;
  memoryKiB: number;
  iv: ArrayBuffer;
  wrapped: ArrayBuffer;
}

/** Wrong passphrases in a row, and how much of the wait they earned is left (see tries.ts). */
export interface WrongTries {
  count: number;
  waitMs: number;
}

/** What a locked phone needs to reach headquarters and to trust its receipts. */
export interface Transport {
  server: string;
  pushToken: string;
  mission: string;
  device: string;
  receiptKey: JsonWebKey;
  /** The mission's keys by the last list that was believed; absent while the phone knows those of its enrolment alone. */
  keys?: KeyList;
  /** Whether a readable copy outlives the receipt. */
  keepCopies: boolean;
  /** After so many days without a word from headquarters the phone wipes itself; absent: never. */
  lockOutDays?: number;
  /** A start of the app found that they are over: when, in ms by the phone's clock, and the time of the last word by then. */
  silence?: { found: number; heard: string };
  /** Orders to this device up to this serial are over: it was set up again after them. */
  ordersOver?: number;
  /** The serial of the order that was obeyed here: nothing is left but sealed reports and the means to send them. */
  wiped?: number;
}

/** A mission's keys, as lists signed by its root, or by a key held before, named them (protocol.md §1). */
export interface KeyList {
  serial: number;
  /** Of the last list that the root signed itself; 0: none. */
  rootSerial: number;
  root?: JsonWebKey;
  /** Those that receipts are believed by, the newest last. */
  receipt: JsonWebKey[];
}

/** What the server of a mission signs with every list: which of its lives this is, and how far what it holds is safe. */
export interface SafetyWord {
  /** Counts how often the server was restored from a copy, from 1. */
  epoch: number;
  /** Everything numbered up to it lies in a copy off the server's machine; null: the mission has no such copy. */
  safeSeq: number | null;
  /** When it said so, by its own clock, ISO UTC; "" when it did not say. */
  at: string;
}

/** What of it stays on the phone. */
export interface KnownSafety extends SafetyWord {
  /** How many reports were offered again when this epoch was first heard of. */
  offered?: number;
}

/** Where the device's chain of revisions ends. */
export interface Chain {
  deviceSeq: number;
  prevHash: string;
}

export interface AttachmentFact {
  /** Hex, of the encrypted bytes. */
  sha256: string;
  size: number;
  /** The server's signed word that it holds them whole. */
  receipt?: string;
  /** The mission's number of their completion, out of that receipt; servers of earlier versions give none. */
  seq?: number;
  /** Id of the record in `photos` that opens them here; absent in what earlier versions finished. */
  photo?: string;
}

/** The server's word on one report, out of a receipt that was verified. */
export interface ReceiptFact {
  seq: number;
  /** When the server first stored it, ISO UTC. */
  at: string;
  /** Why a person has to look at it, or it is kept apart. */
  reason?: string;
  /** What a person at headquarters decided of it, where it had been kept aside; absent as long as none was heard. */
  decided?: "taken" | "kept_apart";
  /** Which signed list says so (key of `receiptLists`). */
  list: string;
  /** The server's epoch in which it said so; absent in what earlier versions received: the first. */
  epoch?: number;
  /** It knows the sealed text alone and has not read the report. */
  bySealed?: true;
  /** The server's time when the report left its queue, as last signed: what retaining is measured from. */
  since?: string;
}

/** Why a report, or a file of it, could not be brought though headquarters may have been there. */
export interface Trouble {
  /** Rounds in a row that ended so. */
  rounds: number;
  /** Of the last of them. */
  slug: string;
  /** It failed by itself, without others beside it. */
  isAlone: boolean;
}

/** A report on its way. `report` is set when only attachments are still missing. */
export interface OutboxRow {
  revision: string;
  submission: string;
  deviceSeq: number;
  hash: string;
  /** The JWE text as bytes; never changes. */
  sealed: ArrayBuffer;
  sealedHash: string;
  attachments: AttachmentFact[];
  report?: ReceiptFact;
  trouble?: Trouble;
  /** It is no report: sent only to a server whose `reads` has this word. */
  needs?: string;
  /** It was received once, by a server that has been restored from a copy since. */
  again?: true;
}

/** A report that headquarters holds whole. Its sealed text stays in `retained` until it is safe there. */
export interface ReceivedRow {
  revision: string;
  submission: string;
  deviceSeq: number;
  hash: string;
  /** Absent in what earlier versions received. */
  sealedHash?: string;
  attachments: AttachmentFact[];
  report: ReceiptFact;
}

/**
 * A sealed report that this phone delivers without having it in its outbox: another phone made it, or this one did before it
 * was set up anew. Nobody here can open it; the push token of whoever this phone is now brings it in (protocol.md §4).
 */
export interface ParcelRow extends Omit<OutboxRow, "submission"> {
  /** Only a phone of the same mission delivers it. */
  mission: string;
  /** Made on this phone: there may be no other copy of it anywhere. */
  madeHere: boolean;
  /** The server took the sealed text in and receipted another report than the sealed copy said: nothing more to send. */
  mismatch?: boolean;
  /** Its owner wiped the phone: nothing of it is retained after the receipt. */
  isWiped?: true;
}

/** A parcel that headquarters holds whole: what the phone that made it needs to be told. */
export interface DeliveredRow
  extends Omit<ParcelRow, "sealed" | "sealedHash" | "mismatch" | "report" | "again" | "trouble"> {
  report: ReceiptFact;
}

/** What the phone knows of its own clock, in whole milliseconds (people/phoneClock.ts). */
export interface KnownClock {
  /** By how much it runs ahead of headquarters' clock; negative: behind. */
  ahead: number;
  /** The true difference lies within so much to either side. */
  within: number;
  /** When that was found, by the phone's clock. */
  at: number;
  /** Only that it is behind, and by so much at least. */
  isAtLeast?: true;
  /** The server said that a report may carry this. */
  isRead?: true;
}

/** What came of trying a phone's camera or position; `refused` to the browser. */
export type ToolState = "works" | "failed" | "refused" | "untried";

/** What headquarters is told of a check of this phone, in the words of the wire (protocol.md §4). */
export interface CheckFact {
  /** ISO, UTC. */
  day: string;
  /** Of the app. */
  version: string;
  /** What was written was read back. */
  reads_back: boolean;
  opens_offline: boolean;
  is_persisted: boolean;
  /** What the app may still store, in whole hundreds of MB; 10,000: so or more. */
  room_mb?: number;
  camera: ToolState;
  position: ToolState;
}

/** That this phone's storage went, until headquarters has heard of it and the person has read it. */
export interface StorageLost {
  /** ISO UTC, by the phone's clock. */
  at: string;
  /** Finished reports that are there again, out of the journal. */
  rebuilt: number;
  /** Finished reports of which this phone cannot say that headquarters has them. */
  missing: number;
  /** Drafts that are there again. */
  drafts: number;
  isTold?: true;
  isRead?: true;
}

interface SealedValue {
  key: string;
  value: ArrayBuffer;
}

export interface SteppeSchema extends DBSchema, Record<SealedStore, SealedValue> {
  wrap: { key: "key"; value: Wrap };
  tries: { key: "wrong"; value: WrongTries };
  /** "this", and by its mission that of whoever this phone was before, while sealed reports of that mission wait. */
  transport: { key: string; value: Transport };
  chain: { key: string; value: Chain };
  outbox: { key: string; value: OutboxRow };
  received: { key: string; value: ReceivedRow };
  receiptLists: { key: string; value: string };
  /**
   * "last": when the server last answered as itself, ISO UTC by the phone's clock. "reads": what it takes that earlier ones
   * did not, as it said then, with commas (protocol.md §4).
   */
  contact: { key: "last" | "reads"; value: string };
  clock: { key: "this"; value: KnownClock };
  /** Until headquarters has it. */
  check: { key: "last"; value: CheckFact };
  /** Encrypted attachment bytes by their hex SHA-256; the keys are in `photos` and in the sealed report. */
  attachments: { key: string; value: ArrayBuffer };
  /** By the SHA-256 (b64u) of the sealed text: the one fact about it that nobody can misstate. */
  parcels: { key: string; value: ParcelRow };
  /** Encrypted bytes that parcels name, by hex SHA-256; apart from `attachments`, so that neither side deletes the other's. */
  parcelFiles: { key: string; value: ArrayBuffer };
  delivered: { key: string; value: DeliveredRow };
  /**
   * Sealed text of what headquarters holds and may still lose: of reports made here that left their queue, by their key in
   * `received` or `delivered`. Their attachments' bytes stay where they are.
   */
  retained: { key: string; value: ArrayBuffer };
  /** By mission, what its server last signed. */
  safety: { key: string; value: KnownSafety };
  /** "at": how far the journal was when the database last changed with it (`journal/journalFile.ts`). */
  journal: { key: "at"; value: string };
  lost: { key: "last"; value: StorageLost };
}

export const clearStores = [
  "wrap",
  "tries",
  "transport",
  "chain",
  "outbox",
  "received",
  "receiptLists",
  "contact",
  "clock",
  "check",
  "attachments",
  "parcels",
  "parcelFiles",
  "delivered",
  "retained",
  "safety",
  "journal",
  "lost",
] as const;
export type ClearStore = (typeof clearStores)[number];
export type StoreName = SealedStore | ClearStore;

/** What is written down ahead of the database (`journal/`): a row as it is from now on; without a value it is gone. What is content is sealed before it comes here. */
export type RowChange = [store: StoreName, key: string, value?: unknown];
