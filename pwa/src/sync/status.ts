import type { Silence } from "../people/silence";
import type { KeyList, KnownClock, SafetyWord } from "../vault/schema";

/** Something to fetch. */
export interface DownloadTask {
  what: string;
  bytes: number;
  run(): Promise<void>;
}

/** How the phone and headquarters stand. */
export interface SyncStatus {
  state: "idle" | "working";
  /** Reports not yet received by headquarters. */
  waiting: number;
  lastContactAt?: string;
  /** Of those that wait, reports that were received before the server was restored from a copy. */
  again?: number;
  /** What the server last signed of its epoch and of what is safe there. */
  safety?: SafetyWord;
  /** The list of keys this phone believes; absent while it knows those of its enrolment alone. */
  keys?: KeyList;
  /** How this phone's clock stood to headquarters' at the last contact. */
  clock?: KnownClock;
  /** For how long headquarters was not heard, where the mission sets an end to that and it is near. */
  silence?: Silence;
  /** What went wrong at the last try, as a slug (`no-contact`, `not-the-server`, `device-revoked` …); absent when it went well. */
  problem?: string;
  /** Set while checklists and places are fetched; `isLater`: what work can begin without. */
  download?: { done: number; total: number; what: string; isLater?: true };
}
