/**
 * The journal as a page sees it: what is to be lost on no account is written there, and is on the disk, before the database
 * has it. A browser that has no private folder, or a worker that does not answer, holds up nothing: then the database alone
 * keeps what is kept.
 */
import { afterOthers } from "../../wire/alone";
import { FieldProblem } from "../../wire/problem";
import type { Ahead } from "../database";
import type { OutboxRow, RowChange, StorageLost } from "../schema";
import { journalLock, markName, type PhoneMark, positionName } from "./mark";
import type { JournalAnswer, JournalRequest } from "./messages";
import { reserveLength } from "./reserve";

/** So long a page waits for the disk, in ms; then what is to be saved is saved without. */
const patience = 3_000;
/** After so many vain tries in a row this page tries no more. */
const mostFailures = 3;

/** Keeps a page's journal: a worker, or what a test puts in its place. Undefined: it could not be asked. */
export type AskJournal = (request: WithoutId<JournalRequest>) => Promise<JournalAnswer | undefined>;
type WithoutId<Request> = Request extends unknown ? Omit<Request, "id"> : never;

export interface JournalPlaces {
  database: string;
  ask: AskJournal;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  caches: Pick<CacheStorage, "open" | "match" | "delete"> | undefined;
  /** How whoever writes the journal waits for the others; without, as windows of one browser do. */
  inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
}

const amongWindows = <T>(work: () => Promise<T>): Promise<T> => afterOthers(journalLock, work, patience);

export class PageJournal implements Ahead {
  readonly #places: JournalPlaces;
  readonly #inTurn: NonNullable<JournalPlaces["inTurn"]>;
  #failures = 0;

  constructor(places: JournalPlaces) {
    this.#places = places;
    this.#inTurn = places.inTurn ?? amongWindows;
  }

  /** Has `changes` on the disk, then lets `write` bring them into the database; it is given where the journal then stands. */
  ahead<T>(changes: readonly RowChange[], write: (position?: string) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const answer = await this.#ask({ what: "append", changes });
      if (answer?.position) this.#note(answer.position, markAfter(this.#mark(), changes));
      try {
        const result = await write(answer?.position).catch((failure: unknown) =>
          this.#afterFreeing(failure, changes, write),
        );
        if (answer?.isHeavy) void this.mirror();
        return result;
      } catch (failure) {
        // What it went ahead of did not happen: the database is right.
        void this.mirror();
        throw failure;
      }
    });
  }

  /**
   * A disk that is full takes a text all the same: room for it was kept. Half of it may go for drafts; the rest is for what is
   * finished. Rejects with what it was given when nothing was left to free.
   */
  async #afterFreeing<T>(
    failure: unknown,
    changes: readonly RowChange[],
    write: (position?: string) => Promise<T>,
  ): Promise<T> {
    if (!(failure instanceof FieldProblem && failure.slug === "storage-full")) throw failure;
    const isFinish = changes.some(([store]) => store === "outbox");
    const freed = await this.#ask({ what: "free", bytes: isFinish ? reserveLength : reserveLength / 2 });
    if (!freed?.freed) throw failure;
    return write((await this.#ask({ what: "append", changes }))?.position);
  }

  /** Has the journal say what the database says. `isAnew`: and nothing of what it said before stays readable. */
  mirror(isAnew = false): Promise<void> {
    return this.#inTurn(async () => {
      const answer = await this.#ask({ what: "mirror", database: this.#places.database, isAnew });
      // Emptied under a running app: only a wipe takes marks away, or the start that has told of the loss.
      if (answer && (answer.mark || isAnew || !this.#mark())) await this.#noteAll(answer);
    });
  }

  /**
   * Before anybody sees anything of a database that is empty, or does not agree with the journal. Undefined: nothing that a
   * person has to be told.
   */
  async rescue(isEmpty: boolean): Promise<StorageLost | undefined> {
    const mark = this.#mark() ?? (await this.#cachedMark());
    const answer = await this.#ask({ what: "rescue", database: this.#places.database, mark }, 10 * patience);
    if (answer) await this.#noteAll(answer);
    const { was, reports, drafts, deviceSeq } = answer?.rescue ?? {
      was: isEmpty ? "gone" : "kept",
      reports: 0,
      drafts: 0,
      deviceSeq: undefined,
    };
    if (!mark || was === "kept" || was === "caught-up") return undefined;
    if (!answer) await this.#noteAll({});
    const isChainKnown = deviceSeq !== undefined;
    const missing = isChainKnown ? Math.max(0, mark.chain.deviceSeq - deviceSeq) : mark.waiting;
    return { at: new Date().toISOString(), rebuilt: reports, drafts, missing };
  }

  async #ask(request: WithoutId<JournalRequest>, patienceMs = patience): Promise<JournalAnswer | undefined> {
    if (this.#failures >= mostFailures) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tired = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, patienceMs, undefined);
    });
    const answer = await Promise.race([this.#places.ask(request), tired]);
    clearTimeout(timer);
    if (answer?.failure) console.warn(`the journal goes without: ${answer.failure}`);
    const isAnswered = answer !== undefined && !answer.failure;
    this.#failures = isAnswered ? 0 : this.#failures + 1;
    return isAnswered ? answer : undefined;
  }

  #mark(): PhoneMark | undefined {
    return readMark(this.#places.storage.getItem(markName) ?? "");
  }

  async #cachedMark(): Promise<PhoneMark | undefined> {
    const response = await this.#places.caches?.match(`/${markName}`, { cacheName: markName });
    return response && readMark(await response.text());
  }

  #note(position: string, mark: PhoneMark | undefined): void {
    this.#places.storage.setItem(positionName, position);
    // The other place is not waited for: a report is to be finished.
    if (mark) void this.#noteMark(mark);
  }

  async #noteAll({ position, mark }: JournalAnswer): Promise<void> {
    const { storage } = this.#places;
    if (position) storage.setItem(positionName, position);
    else storage.removeItem(positionName);
    await this.#noteMark(mark);
  }

  async #noteMark(mark: PhoneMark | undefined): Promise<void> {
    const { storage, caches } = this.#places;
    const text = mark && JSON.stringify(mark);
    if (text === undefined) {
      storage.removeItem(markName);
      await caches?.delete(markName);
    } else if (text !== storage.getItem(markName)) {
      storage.setItem(markName, text);
      await (await caches?.open(markName))?.put(`/${markName}`, new Response(text));
    }
  }
}

/** What the changes of a finished report make of it. */
function markAfter(mark: PhoneMark | undefined, changes: readonly RowChange[]): PhoneMark | undefined {
  const chain = changes.find(([store, key]) => store === "chain" && key === mark?.device)?.[2];
  const rows = changes.filter(([store, , value]) => store === "outbox" && value && !(value as OutboxRow).report);
  return mark && chain
    ? { ...mark, chain: chain as PhoneMark["chain"], waiting: mark.waiting + rows.length }
    : undefined;
}

function readMark(text: string): PhoneMark | undefined {
  try {
    const mark = JSON.parse(text) as Partial<PhoneMark>;
    return mark.device && mark.chain ? (mark as PhoneMark) : undefined;
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined;
    throw failure;
  }
}
