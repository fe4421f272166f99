/** The outbox as a person sees it: what waits, what is on its way, what headquarters has. */

import type { Answers } from "../engine/answers";
import type { Texts } from "../engine/definition";
import type { PlaceRef } from "../missions/places";
import type { Database } from "../vault/database";
import type { OutboxRow, ReceivedRow } from "../vault/schema";
import type { RecordVault } from "../vault/vault";
import type { ChangeReason, Draft, ReportLabel } from "./draft";
import type { Finishing } from "./finish";
import type { Saying } from "./signedFact";

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
  /** It changes what an earlier revision of the same report says. */
  change?: ChangeReason;
  /** The flash report begun because of an answer of it. */
  flash?: string;
  /** It is no report: it takes one back, as it stood at these revisions. */
  withdraws?: { submission: string; heads: readonly string[] };
  /** 0–1 over report and attachments while `sending`. */
  progress: number;
  attachments: { total: number; received: number };
  /** Set once a receipt was verified. */
  receivedAt?: string;
  /** Its sealed text is still on this phone: until headquarters cannot lose it, or as long as nobody there counts it. */
  retained?: "until-safe" | "always";
  /** Its answers can be read on this phone. */
  isReadable: boolean;
  /** Why it has not been brought, as a slug, after several tries. */
  trouble?: string;
  /** The server's reason slug when quarantined. */
  reason?: string;
  /** What a person at headquarters decided of it, where it had been kept aside. */
  decided?: "taken" | "kept_apart";
}

type Row = OutboxRow | ReceivedRow;

/** After so many rounds a person is told why something still waits. */
const told = 3;

export class Outbox {
  readonly #vault: RecordVault;
  readonly #database: Database;
  readonly #finishing: Finishing;
  readonly #listeners = new Set<() => void>();
  readonly #progress = new Map<string, number>();
  /** Labels never change; opening hundreds of them at every step of a push would starve the screen. */
  readonly #labels = new Map<string, ReportLabel>();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #lastFinish: Promise<unknown> = Promise.resolve();

  constructor(finishing: Finishing) {
    this.#vault = finishing.vault;
    this.#database = finishing.database;
    this.#finishing = finishing;
    this.#vault.subscribe(() => this.#labels.clear());
  }

  /** Every revision, the latest first. */
  async list(): Promise<OutboxItem[]> {
    const stores = ["outbox", "received", "retained", "copies"] as const;
    const [waiting, received, retained, copies] = await this.#database.read([...stores], (t) =>
      Promise.all([
        t.objectStore("outbox").getAll(),
        t.objectStore("received").getAll(),
        t.objectStore("retained").getAllKeys(),
        t.objectStore("copies").getAllKeys(),
      ]),
    );
    const rows = [...waiting, ...received].sort((a, b) => b.deviceSeq - a.deviceSeq);
    const isRetained = new Set(retained);
    const readable = new Set(copies);
    return Promise.all(
      rows.map(async (row) => {
        const item = this.#item(row, await this.#label(row.revision), readable.has(row.revision));
        if (!isRetained.has(row.revision)) return item;
        return { ...item, retained: row.report?.reason || row.report?.bySealed ? "always" : "until-safe" };
      }),
    );
  }

  /** Signs, seals, queues, removes the draft: one transaction. `answers` are those `finish()` of the fill returned. */
  async finish(draft: Draft, answers: Answers, place: PlaceRef | undefined): Promise<OutboxItem> {
    const { row, answers: left } = await this.#inTurn(({ finishDraft }) =>
      finishDraft(this.#finishing, draft, answers, place),
    );
    // Taken, then made irrelevant by another answer: nobody will ever ask for it.
    await this.#finishing.attachments.retain(draft.submission, Object.values(left));
    this.changed();
    return this.#item(row, await this.#label(row.revision), true);
  }

  /** Says something to headquarters: one at a time with what is finished. */
  async say(said: Saying): Promise<void> {
    await this.#inTurn(({ sayToHeadquarters }) => sayToHeadquarters(this.#finishing, said));
    this.changed();
  }

  /** The readable copy, when the mission's policy keeps one. */
  answers(revision: string): Promise<Answers | undefined> {
    return this.#vault.get<Answers>("copies", revision);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something moved: here, in another tab, or in the service worker. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Listeners hear of progress a few times a second at most. */
  setProgress(revision: string, fraction: number): void {
    this.#progress.set(revision, fraction);
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.changed();
    }, 200);
  }

  clearProgress(): void {
    this.#progress.clear();
    this.changed();
  }

  /** One after the other. Signing and sealing come with the first: the start of the app does without. */
  #inTurn<T>(work: (sending: typeof import("./sending")) => Promise<T>): Promise<T> {
    const turn = this.#lastFinish.then(async () => work(await import("./sending")));
    this.#lastFinish = turn.catch(() => undefined);
    return turn;
  }

  async #label(revision: string): Promise<ReportLabel | undefined> {
    const label = this.#labels.get(revision) ?? (await this.#vault.get<ReportLabel>("labels", revision));
    if (label) this.#labels.set(revision, label);
    return label;
  }

  #item(row: Row, label: ReportLabel | undefined, isReadable: boolean): OutboxItem {
    const sending = this.#progress.get(row.revision);
    const isWhole = !("sealed" in row);
    const state = row.report?.reason
      ? "quarantined"
      : isWhole
        ? "received"
        : sending === undefined
          ? "waiting"
          : "sending";
    return {
      revision: row.revision,
      submission: row.submission,
      ...(label ?? unlabelled(row)),
      isReadable,
      state,
      progress: isWhole ? 1 : (sending ?? 0),
      attachments: {
        total: row.attachments.length,
        received: row.attachments.filter(({ receipt }) => receipt !== undefined).length,
      },
      ...("sealed" in row && row.trouble && row.trouble.rounds >= told ? { trouble: row.trouble.slug } : {}),
      ...(row.report ? { receivedAt: row.report.at } : {}),
      ...(row.report?.reason ? { reason: row.report.reason } : {}),
      ...(row.report?.decided ? { decided: row.report.decided } : {}),
    };
  }
}

/** A row whose label is lost is still shown, and still sent. */
const unlabelled = ({ deviceSeq }: Row): ReportLabel => ({
  code: String(deviceSeq).padStart(3, "0"),
  checklist: "",
  form: "",
  title: {},
  madeAt: "",
});
