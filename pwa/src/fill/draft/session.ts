/**
 * What filling a checklist needs of the app around it. The field app's `Session` and `Field` are more than this; a
 * preview gives the same over storage of its own.
 */
import type { Attachments } from "../../attachments/attachments";
import type { Captures } from "../../attachments/captures";
import type { ChecklistEntry, ChecklistStore } from "../../missions/checklists";
import type { FormFiles } from "../../missions/formFiles";
import type { PlaceStore, Places } from "../../missions/places";
import type { Identity } from "../../people/identity";
import type { Draft } from "../../submissions/draft";
import type { Drafts } from "../../submissions/drafts";
import type { LedgerEntry } from "../../submissions/ledger";
import type { Outbox } from "../../submissions/outbox";
import type { Settings } from "../../ui/settings";
import type { KnownClock } from "../../vault/schema";
import type { Vault, VaultState } from "../../vault/vault";

/** The phone's storage, as far as filling reads and writes it. */
export interface FillField {
  vault: Pick<Vault, "touch">;
  checklists: Pick<ChecklistStore, "list" | "definition">;
  places: Pick<PlaceStore, "load" | "recent" | "remember">;
  drafts: Pick<Drafts, "list" | "get" | "start" | "carried" | "save" | "remove">;
  attachments: Pick<Attachments, "add" | "facts" | "url" | "remove" | "missing" | "weight">;
  /** What is being recorded or photographed. */
  captures: Pick<Captures, "begin" | "waiting" | "file" | "drop">;
  /** Pictures and recordings of the checklists themselves. */
  media: Pick<FormFiles, "url">;
  outbox: Pick<Outbox, "finish">;
  /** The coded facts of every report finished on this phone. */
  ledger: { list(): Promise<LedgerEntry[]> };
  /** True in a second tab: it may read, not write. */
  readonly readOnly: boolean;
}

/** What lists and settings show at the moment, kept current by the app. */
export interface FillSession {
  readonly field: FillField;
  readonly vault: VaultState;
  /** Undefined: not known yet. Null: nobody has enrolled. */
  readonly identity: Identity | null | undefined;
  readonly checklists: ChecklistEntry[] | undefined;
  readonly drafts: Draft[] | undefined;
  /** The reference list; absent until it was downloaded. */
  readonly places: Places | undefined;
  /** Of the mission; times are shown in it. */
  readonly zone: string;
  /** How the phone's clock stood to headquarters' at the last contact; undefined before any. */
  readonly clock: KnownClock | undefined;
  settings: Settings;
  /** Set while a checklist is open: writes down what is typed before the key goes. */
  beforeLock: (() => Promise<void>) | undefined;
  /** Set when a checklist is left: settled once its last words are written. */
  closing: Promise<void> | undefined;
  /** Reads again what the list of drafts shows. */
  loadDrafts(): Promise<void>;
  /** Saves what is being typed, then forgets the key. */
  lock(): Promise<void>;
  change(change: Partial<Settings>): void;
}
