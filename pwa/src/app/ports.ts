/**
 * What the field app's screens get to work with: one object, `Field`, made by `openField()` in `app/open.ts`.
 * Screens know these types only; storage, keys and network stay behind them.
 */
import type { Answers } from "../engine/answers";
import type { Definition, Texts } from "../engine/definition";
import type { LedgerEntry } from "../submissions/ledger";

/** `absent`: nobody enrolled here yet. `locked`: data is there, the key is not in memory. */
export type VaultState = "absent" | "locked" | "open";

export interface Vault {
  readonly state: VaultState;
  /** Called at every change of state; returns the way to stop. */
  subscribe(listener: (state: VaultState) => void): () => void;
  /** Makes the data key and wraps it with the passphrase (or PIN of ≥ 8 digits). Only from `absent`. */
  create(passphrase: string): Promise<void>;
  /** False: wrong passphrase. Takes 0.5–1 s on purpose (Argon2id). */
  unlock(passphrase: string): Promise<boolean>;
  /** Forgets the key at once. Nothing is deleted. */
  lock(): void;
  /** Somebody is using the app: puts the auto-lock off. */
  touch(): void;
}

export interface Identity {
  device: { id: string; letter: string };
  team: { code: string; name: string; regions: string[] };
  person: { id: string; function: string };
  mission: {
    id: string;
    code: string;
    name: Texts;
    type: string;
    zone: string;
    languages: string[];
    from: string;
    to: string;
    election_day: string;
  };
  /** Six digits a person at headquarters can compare. */
  matchingCode: string;
}

/** A published version the phone holds, without its questions. */
export interface ChecklistEntry {
  id: string;
  form: string;
  version: string;
  kind: string;
  title: Texts;
  short: Texts;
  status: "open" | "closing" | "retired";
  /** Some of its questions make a short form. */
  hasShort?: boolean;
}

export interface Region {
  code: string;
  name: Texts;
}
export interface District {
  code: string;
  region: string;
  name: Texts;
}
/** The mission's reference list, as `GET /places/{version}` sends it. */
export interface Places {
  version: string;
  regions: Region[];
  districts: District[];
  stations: { columns: string[]; rows: (string | number | null)[][] };
}

/** A place of the reference list by its code: how it is called depends on the language of whoever reads. */
export interface PlaceRef {
  kind: "station" | "district" | "region";
  code: string;
}

export interface Draft {
  submission: string;
  checklist: string;
  form: string;
  title: Texts;
  answers: Answers;
  /** Where the observer was: section id and question path. */
  at: { section: string; path?: string };
  startedAt: string;
  savedAt: string;
  /** Only the short form is asked. */
  short?: boolean;
  /** The flash report begun because of an answer here. */
  flash?: string;
  /** Figures of the team's own reports as proposed last; an answer that differs is a correction. */
  figures?: Answers;
}

export type OutboxState = "waiting" | "sending" | "received" | "quarantined";

export interface OutboxItem {
  revision: string;
  submission: string;
  /** What people say aloud: LTO05-A017. */
  code: string;
  /** The version it was filled on; "" when the label is lost. */
  checklist: string;
  form: string;
  title: Texts;
  /** In reports of earlier versions of the app: its name in the language of that day. */
  place?: PlaceRef | string;
  madeAt: string;
  state: OutboxState;
  /** It was finished in short form. */
  short?: boolean;
  /** 0–1 over report and attachments while `sending`. */
  progress: number;
  attachments: { total: number; received: number };
  /** Set once a receipt was verified. */
  receivedAt?: string;
  /** The server's reason slug when quarantined. */
  reason?: string;
}

/** A photo, drawing, recording or file of a report. */
export interface Attachment {
  /** Hex SHA-256 of the bytes as they are kept; this is the answer. */
  sha256: string;
  size: number;
  type: string;
  /** What it was called on this phone, and how long a recording made here is; both stay here. */
  name?: string;
  seconds?: number;
}

/**
 * How a file is kept: a picture is drawn anew, smaller (pixels of its longest side) and without what the camera wrote
 * into it; everything else stays byte for byte.
 */
export type Keeping = { as: "picture"; longestSide?: number } | { as: "it-is"; name?: string; seconds?: number };

export interface SyncStatus {
  state: "idle" | "working";
  /** Reports not yet received by headquarters. */
  waiting: number;
  lastContactAt?: string;
  /** What went wrong at the last try, as a slug (`no-contact`, `not-the-server`, `device-revoked` …); absent when it went well. */
  problem?: string;
  /** Set while checklists and places are fetched. */
  download?: { done: number; total: number; what: string };
}

export interface Settings {
  language: string;
  theme: "system" | "light" | "dark";
  textSize: "normal" | "large";
  autoLockMinutes: number;
  /** How a checklist is laid out: one section per screen unless told. */
  layout?: "sections" | "page";
}

export interface StorageHealth {
  persisted: boolean;
  usedBytes?: number;
  quotaBytes?: number;
  backgroundSync: boolean;
  standalone: boolean;
}

export interface Field {
  vault: Vault;
  /** Undefined until enrolled and unlocked. */
  identity(): Promise<Identity | undefined>;
  /** Redeems a one-time code. Only with the vault open. Rejects with a `FieldProblem`. */
  enrol(code: string): Promise<Identity>;
  checklists: { list(): Promise<ChecklistEntry[]>; definition(id: string): Promise<Definition> };
  places: { load(): Promise<Places | undefined>; recent(): Promise<string[]>; remember(number: string): Promise<void> };
  drafts: {
    list(): Promise<Draft[]>;
    get(submission: string): Promise<Draft | undefined>;
    /** `short`: ask the short form, where the checklist has one. */
    start(checklist: string, begun?: { short?: boolean }): Promise<Draft>;
    /** What a form carries over from its report last finished on this phone. */
    carried(form: string): Promise<Answers>;
    /** Strictly durable when it resolves. */
    save(draft: Draft): Promise<Draft>;
    remove(submission: string): Promise<void>;
  };
  attachments: {
    /** Keeps it encrypted. Rejects with `not-an-image`, `empty-file` or `too-large`. */
    add(submission: string, file: Blob, keeping: Keeping): Promise<Attachment>;
    /** Undefined when the phone does not hold it, as after a receipt where copies are removed. */
    facts(sha256: string): Promise<Attachment | undefined>;
    /** An object URL to show; revoke it after use. */
    url(sha256: string): Promise<string | undefined>;
    remove(submission: string, sha256: string): Promise<void>;
  };
  /** Pictures and recordings of the checklists themselves. */
  media: {
    /** An object URL to show; revoke it after use. Undefined until it is downloaded. */
    url(sha256: string): Promise<string | undefined>;
  };
  outbox: {
    list(): Promise<OutboxItem[]>;
    /** Signs, seals, queues, removes the draft: one transaction. `answers` are those `finish()` of the fill returned. */
    finish(draft: Draft, answers: Answers, place: PlaceRef | undefined): Promise<OutboxItem>;
    /** The readable copy, when the mission's policy keeps one. */
    answers(revision: string): Promise<Answers | undefined>;
    subscribe(listener: () => void): () => void;
  };
  /** The coded facts of every report finished on this phone. */
  ledger: { list(): Promise<LedgerEntry[]> };
  sync: {
    status(): SyncStatus;
    subscribe(listener: (status: SyncStatus) => void): () => void;
    /** Push, attachments, pull; resolves when this round is over. Never rejects for lack of network. */
    now(): Promise<void>;
  };
  settings: { get(): Settings; set(change: Partial<Settings>): void };
  storage(): Promise<StorageHealth>;
  /** True in a second tab: it may read, not write. */
  readOnly: boolean;
}

/** What screens catch. */
export { FieldProblem } from "../wire/problem";
