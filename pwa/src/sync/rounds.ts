/** One round of sync in a window: push with whatever is there, pull when the vault is open, and the status people see. */

import { deviceKey } from "../people/device";
import { ProvingContact } from "../people/dpop";
import { enrolmentOf } from "../people/enrolment";
import { silenceOf } from "../people/silence";
import type { Outbox } from "../submissions/outbox";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { afterOthers } from "../wire/alone";
import { FieldProblem, slugOf } from "../wire/problem";
import { pushLock } from "./bridge";
import { countWaiting, type PushContext, type PushOutcome, pushOutbox } from "./push";
import type { RoundResult } from "./schedule";
import type { SyncStatus } from "./status";

export interface RoundParts {
  /** Wipes the phone, as the order with this serial says. */
  obey?: ((serial: number) => Promise<void>) | undefined;
  /** Lets go what is safe at headquarters (release.ts). */
  release(): Promise<void>;
  /** What a page tells of the phone (room.ts). */
  page?: NonNullable<PushContext["page"]>;
  /** Takes in lists of the mission's keys (learnKeys.ts); gives whether one was believed. */
  learn(lists: readonly string[]): Promise<boolean>;
  vault: RecordVault;
  database: Database;
  outbox: Outbox;
  fetch: typeof fetch;
}

/** The round is over when both are, also where one fails at once. Rejects with the failure of the first that did. */
async function bothEnded<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

export class Rounds {
  readonly #parts: RoundParts;
  readonly #listeners = new Set<(status: SyncStatus) => void>();
  #status: SyncStatus = { state: "idle", waiting: 0 };
  /** Came with the last push. */
  #lists: readonly string[] = [];
  #proving: { token: string; contact: ProvingContact } | undefined;
  #enrolments = 0;

  constructor(parts: RoundParts) {
    this.#parts = parts;
    // The device key and the access token go with the vault's key.
    parts.vault.subscribe(() => {
      this.#proving = undefined;
    });
  }

  get status(): SyncStatus {
    return this.#status;
  }

  subscribe(listener: (status: SyncStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The phone has new tokens: how headquarters answered those before says nothing of it any more. */
  enrolled(): void {
    this.#enrolments += 1;
    this.#set({ problem: undefined });
  }

  /** Reads what waits and when the last contact was: at start, after a finish, at a word from the service worker. */
  async recount(): Promise<void> {
    this.#set(await this.#standing());
  }

  /** Never rejects for lack of network: what went wrong is in the status. */
  async run(): Promise<RoundResult> {
    const isEnrolled = await this.#parts.database.read(["transport"], (t) => t.objectStore("transport").count());
    if (!isEnrolled) return { failed: false };
    this.#set({ state: "working" });
    try {
      let result = await this.#contact();
      // With a key that is held now, what was answered a moment ago is answered once more.
      if (await this.#learns()) result = await this.#contact();
      if (!result.failed && (await this.#isRetaining())) await this.#parts.release();
      return result;
    } catch (failure) {
      // A disk in trouble or a fault of ours: shown as such, and no reason ever to stop trying.
      console.error(failure);
      this.#set({ problem: slugOf(failure) });
      return { failed: true };
    } finally {
      this.#parts.outbox.clearProgress();
      this.#set({ state: "idle", ...(await this.#standing()) });
    }
  }

  async #learns(): Promise<boolean> {
    const lists = this.#lists;
    this.#lists = [];
    return lists.length > 0 && this.#parts.vault.state === "open" && this.#parts.learn(lists);
  }

  async #isRetaining(): Promise<boolean> {
    return (await this.#parts.database.read(["retained"], (t) => t.objectStore("retained").count())) > 0;
  }

  async #contact(): Promise<RoundResult> {
    const enrolments = this.#enrolments;
    const over = (pushed: PushOutcome, pulled: string | undefined): RoundResult => {
      // What ails the whole phone is said before what ails one of its reports: somebody has to bring it a code.
      const told = pulled === "device-revoked" ? pulled : (pushed.problem ?? pulled);
      const problem = enrolments === this.#enrolments ? told : undefined;
      this.#set({ problem });
      return { failed: problem !== undefined, retryAfterSeconds: pushed.retryAfterSeconds };
    };
    if ((await countWaiting(this.#parts.database)) > 0) {
      const pushed = await this.#push();
      // Nothing will be pulled from where nothing could be pushed, but a single report's trouble must not stop the pull.
      return over(pushed, !pushed.reached && pushed.problem ? pushed.problem : await this.#pull());
    }
    // Nothing to bring: what headquarters has does not wait for the greeting.
    const [pushed, pulled] = await bothEnded(this.#push(), this.#pull());
    // Finished meanwhile, or offered again by what was pulled.
    const isMore = pushed.reached && (await countWaiting(this.#parts.database)) > 0;
    return over(isMore ? await this.#push() : pushed, pulled);
  }

  #push(): Promise<PushOutcome> {
    const { database, outbox, fetch, obey, page } = this.#parts;
    const progress = (revision: string, fraction: number) => outbox.setProgress(revision, fraction);
    const heard = (lists: readonly string[]) => {
      this.#lists = lists;
    };
    const given = { heard, ...(obey ? { obey } : {}), ...(page ? { page } : {}) };
    return afterOthers(pushLock, () => pushOutbox({ database, fetch, progress, ...given }, true));
  }

  /** The slug of what went wrong. */
  async #pull(): Promise<string | undefined> {
    const { vault, database } = this.#parts;
    if (vault.state !== "open") return undefined;
    try {
      const proving = await this.#provingContact();
      if (!proving) return undefined;
      // It lies with the screens of an open vault: the first screen comes without.
      const { pull } = await import("./pull");
      await pull({ vault, database, proving, progress: (download) => this.#set({ download }) });
      return undefined;
    } catch (failure) {
      if (!(failure instanceof FieldProblem)) throw failure;
      // Locked in the middle of it: nothing is wrong, the next round goes on.
      return failure.slug === "locked" ? undefined : slugOf(failure);
    }
  }

  async #provingContact(): Promise<ProvingContact | undefined> {
    const { vault, database, fetch } = this.#parts;
    const enrolment = await enrolmentOf(vault);
    const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
    if (!enrolment || !transport) return undefined;
    const token = enrolment.accessToken;
    if (this.#proving?.token !== token) {
      const credentials = { device: await deviceKey(vault), accessToken: token };
      const contact = new ProvingContact({ server: transport.server, fetch }, credentials, enrolment.nonce);
      this.#proving = { token, contact };
    }
    return this.#proving.contact;
  }

  #standing(): Promise<{
    [K in "waiting" | "lastContactAt" | "clock" | "again" | "safety" | "keys" | "silence"]: SyncStatus[K] | undefined;
  }> {
    const stores = ["outbox", "contact", "clock", "safety", "transport", "identity"] as const;
    return this.#parts.database.read([...stores], async (t) => {
      const rows = await t.objectStore("outbox").getAll();
      const last = await t.objectStore("contact").get("last");
      const clock = await t.objectStore("clock").get("this");
      // Those kept aside for a person are at headquarters.
      const waiting = rows.filter(({ report }) => !report?.reason).length;
      const again = rows.filter((row) => row.again).length || undefined;
      const transport = await t.objectStore("transport").get("this");
      const safety = transport && (await t.objectStore("safety").get(transport.mission));
      // A phone that was wiped, and one that nobody has set up yet, have nothing to lose.
      const isEnrolled = transport && (await t.objectStore("identity").count("enrolment")) > 0;
      const silence = isEnrolled ? silenceOf(transport, safety?.at, clock, Date.now()) : undefined;
      return { waiting, lastContactAt: last, clock, again, safety, keys: transport?.keys, silence };
    });
  }

  #set(change: { [K in keyof SyncStatus]?: SyncStatus[K] | undefined }): void {
    const merged = Object.entries({ ...this.#status, ...change }).filter(([, value]) => value !== undefined);
    this.#status = Object.fromEntries(merged) as unknown as SyncStatus;
    for (const listener of this.#listeners) listener(this.#status);
  }
}
