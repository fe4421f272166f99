/**
 * What the field app's screens get to work with: one object, `Field`, made by `openField()` in `app/open.ts`.
 * Each part of it is promised by the folder it comes from; storage, keys and network stay behind it.
 */
import type { FillField } from "../fill/draft/session";
import type { TeamReport } from "../missions/due";
import type { Identity } from "../people/identity";
import type { Outbox } from "../submissions/outbox";
import type { PairReports } from "../submissions/pair/pairReports";
import type { ParcelCounts } from "../submissions/parcels";
import type { HqQuery } from "../submissions/readable/hqQueries";
import type { ToldWithdrawal } from "../submissions/readable/toldWithdrawals";
import type { Saying } from "../submissions/signedFact";
import type { SyncStatus } from "../sync/status";
import type { TakenFile } from "../sync/takeFile";
import type { Settings } from "../ui/settings";
import type { CheckFact, StorageLost } from "../vault/schema";
import type { Vault } from "../vault/vault";
import type { PhoneCheck } from "./phoneCheck";
import type { StorageHealth } from "./storage";

export interface Field extends FillField {
  vault: Vault;
  /** Undefined until enrolled and unlocked. */
  identity(): Promise<Identity | undefined>;
  /** Whether this phone belongs to a team; also known while it is locked. */
  isEnrolled(): Promise<boolean>;
  /** Whether the code is still good, and the server's keys those its link names; needs no vault. Rejects with a `FieldProblem`. */
  checkCode(code: string): Promise<void>;
  /** Redeems a one-time code. Only with the vault open. Rejects with a `FieldProblem`. */
  enrol(code: string): Promise<Identity>;
  /**
   * Deletes what this phone holds of the mission, whoever asks and also while locked; sealed reports are sent all the same.
   * The vault is `absent` afterwards. Gives how many reports still have to be sent. `isRetaining`: what
   * headquarters has received and may still lose stays as well, for a phone that is to be set up anew.
   */
  wipe(isRetaining?: boolean): Promise<number>;
  /** The storage of this phone went, and what became of what was on it; as it was found at the start. */
  storageLost: StorageLost | undefined;
  /** The person has read that. */
  noteLostRead(): Promise<void>;
  /** What can be counted without the passphrase: reports not at headquarters yet, and drafts. */
  counts(): Promise<{ waiting: number; drafts: number }>;
  /** What the team has finished: here, and as headquarters tells of the other phones. Only with the vault open. */
  teamReports(): Promise<TeamReport[]>;
  /** Tries what the app stands on; a second or two. Needs the open vault. */
  checkPhone(): Promise<PhoneCheck>;
  /** Has headquarters told what was found, with the next contact. */
  noteCheck(fact: CheckFact): Promise<void>;
  /** What headquarters asks, and what this team says to it. Only with the vault open. */
  queries: {
    list(): Promise<HqQuery[]>;
    /** What became of reports that the team took back, by submission. */
    withdrawals(): Promise<ReadonlyMap<string, ToldWithdrawal>>;
    /** Waits in the outbox like a report. Rejects with a `FieldProblem`. */
    say(said: Saying): Promise<void>;
  };
  outbox: Pick<Outbox, "list" | "finish" | "answers" | "subscribe">;
  /** The team's reports as both of its phones know them, corrected and decided. Rejects where that is not on the phone yet. */
  reports(): Promise<PairReports>;
  /** Sealed reports as files, and those this phone delivers for others. Needs no open vault. */
  parcels: {
    counts(): Promise<ParcelCounts>;
    /** Everything headquarters does not have yet, a file for each mission; none when nothing waits. */
    sealedCopies(): Promise<Blob[]>;
    /** The receipts of what was delivered for others; undefined when there is none. */
    receipts(): Promise<Blob | undefined>;
    /** Takes in either kind of file. Rejects with a `FieldProblem`. */
    take(file: Blob): Promise<TakenFile>;
    /** Puts away what this phone cannot deliver and others hold. */
    discardStranded(): Promise<void>;
  };
  sync: {
    status(): SyncStatus;
    subscribe(listener: (status: SyncStatus) => void): () => void;
    /** Push, attachments, pull; resolves when this round is over. Never rejects for lack of network. */
    now(): Promise<void>;
  };
  settings: { get(): Settings; set(change: Partial<Settings>): void };
  storage(): Promise<StorageHealth>;
  /**
   * What headquarters has received and may still lose, as far as this phone keeps it sealed; in bytes, files included.
   * `isJournaled`: drafts and sealed reports lie in the journal, too.
   */
  retained(): Promise<{ reports: number; bytes: number; isJournaled: boolean }>;
}
