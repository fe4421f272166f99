import type { Definition } from "../engine/definition";
import { showIn } from "../i18n/language.svelte";
import type { ChecklistEntry } from "../missions/checklists";
import type { TeamReport } from "../missions/due";
import type { Places } from "../missions/places";
import type { Identity } from "../people/identity";
import type { Draft } from "../submissions/draft";
import type { OutboxItem } from "../submissions/outbox";
import type { HqQuery } from "../submissions/readable/hqQueries";
import type { SyncStatus } from "../sync/status";
import { hush } from "../ui/announce.svelte";
import type { Settings } from "../ui/settings";
import type { KnownClock, StorageLost } from "../vault/schema";
import type { VaultState } from "../vault/vault";
import type { Field } from "./field";
import type { StorageHealth } from "./storage";

/** What the screens look at: the field's state, kept current. Everything read from the vault is dropped when it locks. */
export class Session {
  readonly field: Field;
  vault = $state<VaultState>("absent");
  sync = $state.raw<SyncStatus>({ state: "idle", waiting: 0 });
  settings = $state.raw<Settings>({ language: "en", theme: "system", textSize: "normal", autoLockMinutes: 5 });
  storage = $state.raw<StorageHealth>();
  /** Whether this phone belongs to a team; also known while it is locked. */
  isEnrolled = $state(true);
  /** Undefined: not known yet. Null: nobody has enrolled. */
  identity = $state.raw<Identity | null>();
  checklists = $state.raw<ChecklistEntry[]>();
  drafts = $state.raw<Draft[]>();
  /** Of the drafts' checklists, by id; one the phone does not hold is absent. */
  definitions = $state.raw<ReadonlyMap<string, Definition>>(new Map());
  /** Every revision finished here, the latest first; as reports, `reportsOf` gives them. */
  outbox = $state.raw<OutboxItem[]>();
  /** What headquarters asks. */
  queries = $state.raw<HqQuery[]>([]);
  /** What the team has finished, where the mission says what is due. */
  teamReports = $state.raw<TeamReport[]>();
  /** The reference list; absent until it was downloaded. */
  places = $state.raw<Places>();
  /** Until somebody has read it: what was on this phone went. */
  storageLost = $state.raw<StorageLost>();
  /** The enrolment screens are up, though the vault may be open already. */
  enrolling = $state(false);
  /** The phone is being wiped and this page goes: whatever would be typed into it now would be lost with it. */
  isLeaving = $state(false);
  /** Set by an open checklist: writes down what is typed before the key goes. */
  beforeLock: (() => Promise<void>) | undefined;
  /** Set by a checklist that is left: settled once its last words are written. */
  closing: Promise<void> | undefined;

  constructor(field: Field) {
    this.field = field;
    if (!field.storageLost?.isRead) this.storageLost = field.storageLost;
    this.#follow();
  }

  /** With what the first screen says, so that nothing of it comes later and moves the rest. */
  static async begin(field: Field): Promise<Session> {
    const session = new Session(field);
    await session.#lookForEnrolment();
    return session;
  }

  async #lookForEnrolment(): Promise<void> {
    try {
      this.isEnrolled = await this.field.isEnrolled();
    } catch (failure) {
      // What cannot be read now is asked of the vault next, which says why.
      console.warn(`whether somebody is enrolled here: ${String(failure)}`);
    }
  }

  get zone(): string {
    return this.identity?.mission.zone ?? "UTC";
  }

  /** Headquarters refuses this phone's tokens: nothing is sent, connection or not. */
  get isRefused(): boolean {
    return this.sync.problem === "device-revoked";
  }

  get clock(): KnownClock | undefined {
    return this.sync.clock;
  }

  #follow(): void {
    const { vault, sync, outbox, settings } = this.field;
    this.sync = sync.status();
    this.vault = vault.state;
    this.#show(settings.get());
    vault.subscribe((state) => {
      this.vault = state;
      if (state === "open") void this.load();
      else this.#forget();
      if (state === "locked") void this.#lookForEnrolment();
    });
    sync.subscribe((status) => {
      const finished = this.sync.state === "working" && status.state === "idle";
      // What work needs has come, and the rest is still under way.
      const isEnough = !this.sync.download?.isLater && status.download?.isLater === true;
      this.sync = status;
      if ((finished || isEnough) && this.vault === "open") void this.load();
    });
    outbox.subscribe(() => {
      if (this.vault === "open") void this.#loadOutbox();
    });
    if (this.vault === "open") void this.load();
    void this.field.storage().then((storage) => {
      this.storage = storage;
    });
  }

  /**
   * Reads again what lists show, and shows it in one step: what came a moment later would move what a thumb is about to
   * press. What cannot be read keeps back nothing else.
   */
  async load(): Promise<void> {
    const identity = (await this.field.identity()) ?? null;
    const [checklists, drafts, outbox] = await Promise.allSettled([
      this.field.checklists.list(),
      this.#readDrafts(),
      this.#readOutbox(identity),
    ]);
    // Locked meanwhile: what was read is for nobody's eyes any more.
    if (this.vault !== "open") return;
    this.identity = identity;
    if (identity) this.isEnrolled = true;
    if (checklists.status === "fulfilled") this.checklists = checklists.value;
    if (drafts.status === "fulfilled") drafts.value();
    if (outbox.status === "fulfilled") outbox.value();
    // Reading 10,000 stations takes a moment: once per unlocking and new version, not per screen.
    const [storage, places] = await Promise.allSettled([this.field.storage(), this.field.places.load()]);
    if (this.vault !== "open") return;
    if (storage.status === "fulfilled") this.storage = storage.value;
    if (places.status === "fulfilled") this.places = places.value;
    for (const each of [checklists, drafts, outbox, storage, places]) if (each.status === "rejected") throw each.reason;
  }

  async loadDrafts(): Promise<void> {
    const show = await this.#readDrafts();
    if (this.vault === "open") show();
  }

  async #loadOutbox(): Promise<void> {
    const show = await this.#readOutbox(this.identity);
    if (this.vault === "open") show();
  }

  /** Gives what shows the drafts that were read. */
  async #readDrafts(): Promise<() => void> {
    const drafts = await this.field.drafts.list();
    const ids = [...new Set(drafts.map(({ checklist }) => checklist))];
    // Without its checklist a draft still opens; the screen behind says what is wrong.
    const held = await Promise.allSettled(ids.map((id) => this.field.checklists.definition(id)));
    const definitions = new Map<string, Definition>();
    for (const [at, id] of ids.entries()) {
      const each = held[at];
      if (each?.status === "fulfilled") definitions.set(id, each.value);
    }
    return () => {
      this.definitions = definitions;
      this.drafts = drafts.toSorted((a, b) => b.savedAt.localeCompare(a.savedAt));
    };
  }

  /** Gives what shows the finished reports that were read. */
  async #readOutbox(identity: Identity | null | undefined): Promise<() => void> {
    const items = await this.field.outbox.list();
    const teamReports = identity?.mission.due?.length ? await this.field.teamReports() : undefined;
    const queries = await this.field.queries.list();
    return () => {
      this.queries = queries;
      this.outbox = items;
      this.teamReports = teamReports;
    };
  }

  #forget(): void {
    hush();
    this.identity = undefined;
    this.checklists = undefined;
    this.drafts = undefined;
    this.definitions = new Map();
    this.places = undefined;
    this.outbox = undefined;
    this.queries = [];
    this.teamReports = undefined;
  }

  /** Saves what is being typed, then forgets the key. */
  async lock(): Promise<void> {
    try {
      await this.beforeLock?.();
    } finally {
      this.field.vault.lock();
    }
  }

  /** Wipes the phone and starts the app as on the first day, with the code of an enrolment link if one waits for it. */
  async wipe(code: string | undefined, isRetaining?: boolean): Promise<void> {
    this.isLeaving = true;
    try {
      await this.field.wipe(isRetaining);
    } catch (failure) {
      this.isLeaving = false;
      throw failure;
    }
    // What was read is in the memory of this page too, and somebody may be recording: a new page knows nothing.
    history.replaceState(null, "", code ? `#enrol=${code}` : location.pathname);
    location.reload();
  }

  async noteLostRead(): Promise<void> {
    await this.field.noteLostRead();
    this.storageLost = undefined;
  }

  change(change: Partial<Settings>): void {
    this.field.settings.set(change);
    this.#show(this.field.settings.get());
  }

  #show(settings: Settings): void {
    this.settings = settings;
    showIn(settings.language);
    const root = document.documentElement.dataset;
    if (settings.theme === "system") delete root.theme;
    else root.theme = settings.theme;
    root.text = settings.textSize;
  }
}
