/**
 * Wrong passphrases make the next try wait: 30 s after the fifth in a row, twice as long after each further one, an hour at most.
 *
 * The wait is counted by the running app, not by the phone's clock, which whoever holds the phone can set: time during which
 * the app is closed does not count. It slows down somebody who types; who copies the disk is slowed by Argon2id alone.
 */
import { FieldProblem } from "../wire/problem";
import type { Database } from "./database";
import type { WrongTries } from "./schema";

const free = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 60 * 60_000;
/** How much of a wait a restart can make longer; also how often the disk is written to meanwhile. */
const savedEveryMs = 5_000;

/** Milliseconds to wait after so many wrong tries in a row. */
export const waitAfter = (wrong: number): number =>
  wrong < free ? 0 : Math.min(firstWaitMs * 2 ** (wrong - free), longestWaitMs);

export class Tries {
  readonly #database: Database;
  /** Milliseconds of a clock nobody can set. */
  readonly #now: () => number;
  #wrong = 0;
  #until = 0;
  #saving: ReturnType<typeof setTimeout> | undefined;

  constructor(database: Database, now: () => number = () => performance.now()) {
    this.#database = database;
    this.#now = now;
  }

  /** Reads what an earlier run of the app left. */
  async load(): Promise<void> {
    this.#take(await this.#database.read(["tries"], (t) => t.objectStore("tries").get("wrong")));
  }

  /** Milliseconds until the next try is allowed. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(this.#until - this.#now()));
  }

  /** Counts a try before it is made: the app killed while it is checked has counted it. Rejects with `unlock-wait`. */
  async begin(): Promise<void> {
    const counted = await this.#database.write(["tries"], async (transaction) => {
      const tries = transaction.objectStore("tries");
      const kept = await tries.get("wrong");
      // Another tab has tried since: its wait is ours.
      if (kept && kept.count !== this.#wrong) this.#take(kept);
      if (this.waitMs > 0) return undefined;
      const count = (kept?.count ?? 0) + 1;
      const row = { count, waitMs: waitAfter(count) };
      await tries.put(row, "wrong");
      return row;
    });
    if (!counted) throw new FieldProblem("unlock-wait");
    this.#take(counted);
  }

  /** The passphrase was right: nothing is counted any more. */
  async succeeded(): Promise<void> {
    await this.#database.write(["tries"], (t) => t.objectStore("tries").delete("wrong"));
    this.#take(undefined);
  }

  /** The passphrase of the try that was begun last could not be checked: it is counted no more, and nothing was learned. */
  async notChecked(): Promise<void> {
    const counted = await this.#database.write(["tries"], async (transaction) => {
      const tries = transaction.objectStore("tries");
      const kept = await tries.get("wrong");
      // Another tab has tried since: what it counted stays.
      if (!kept || kept.count !== this.#wrong) return kept;
      // It could begin only because there was nothing to wait for.
      const row = { count: kept.count - 1, waitMs: 0 };
      await tries.put(row, "wrong");
      return row;
    });
    this.#take(counted);
  }

  /** There is nothing any more that could be tried. */
  forget(): void {
    this.#take(undefined);
  }

  #take(row: WrongTries | undefined): void {
    this.#wrong = row?.count ?? 0;
    this.#until = this.#now() + (row?.waitMs ?? 0);
    clearTimeout(this.#saving);
    if (this.waitMs > 0) this.#saveLater();
  }

  #saveLater(): void {
    this.#saving = setTimeout(() => void this.#save(), savedEveryMs);
  }

  /** Writes down how much of the wait is left. */
  async #save(): Promise<void> {
    await this.#database.write(["tries"], async (transaction) => {
      const tries = transaction.objectStore("tries");
      const kept = await tries.get("wrong");
      if (kept?.count === this.#wrong) await tries.put({ count: this.#wrong, waitMs: this.waitMs }, "wrong");
    });
    if (this.waitMs > 0) this.#saveLater();
  }
}
