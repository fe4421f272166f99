/** One life of a phone's app, from its start until the process is killed: at any of its durable steps, or between them. */
import type { Ahead, Database } from "../src/vault/database";
import type { AskJournal } from "../src/vault/journal/pageJournal";

const never = new Promise<never>(() => undefined);

export class Life {
  isDead = false;
  /** What was begun and has not ended. */
  running = 0;
  /** Requests that nobody has answered yet. */
  outstanding = 0;
  #left = 0;
  #isAfter = false;

  /** Lets it end at the `step`-th write from now (from 1): before the write is there, or right after it. */
  arm(step: number, isAfter: boolean): void {
    this.#left = step;
    this.#isAfter = isAfter;
  }

  get isWaiting(): boolean {
    return this.isDead || this.running === 0 || this.outstanding > 0;
  }

  /** The phone's database, of which a dead process gets no answer any more. What the journal has first counts its own steps. */
  mortal(database: Database): Database {
    return {
      read: async (stores, work) => (this.isDead ? never : this.#unlessDead(await database.read(stores, work))),
      write: async (stores, work, changes) => {
        const write = () => database.write(stores, work, changes);
        return changes ? this.#unlessDead(await write()) : this.#step(write);
      },
      close: () => database.close(),
    };
  }

  /** The journal before the database: the two are two steps. */
  mortalAhead(journal: Ahead): Ahead {
    return { ahead: (changes, write) => journal.ahead(changes, (position) => this.#step(() => write(position))) };
  }

  /** Who keeps the journal: what is written there is a step. */
  mortalAsk(ask: AskJournal): AskJournal {
    return (request) => this.#step(() => ask(request));
  }

  async #step<T>(act: () => Promise<T>): Promise<T> {
    this.#left--;
    const isLast = this.#left === 0;
    if (isLast && !this.#isAfter) this.isDead = true;
    if (this.isDead) return never;
    const result = await act();
    if (isLast) this.isDead = true;
    return this.#unlessDead(result);
  }

  #unlessDead<T>(result: T): T | Promise<never> {
    return this.isDead ? never : result;
  }
}
