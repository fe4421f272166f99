/**
 * The one way to the phone's database, for windows and the service worker.
 *
 * Every write is `durability: "strict"`: Chromium's default lets a commit be lost at a power cut, and "saved" must mean saved.
 * The connection may vanish at any time (memory pressure on iOS closes it, another tab may upgrade): it is opened anew when needed.
 */
import { type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { FieldProblem } from "../wire/problem";
import {
  clearStores,
  databaseName,
  type RowChange,
  type SteppeSchema,
  type StoreName,
  schemaVersion,
  sealedStores,
} from "./schema";

type Mode = "readonly" | "readwrite";
export type Transaction<M extends Mode = Mode> = IDBPTransaction<SteppeSchema, StoreName[], M>;

/** What is written before the database is: it has `changes` on the disk when it calls `write`, with where it then stands. */
export interface Ahead {
  ahead<T>(changes: readonly RowChange[], write: (position?: string) => Promise<T>): Promise<T>;
}

export interface Database {
  /**
   * Runs `work` in one transaction and resolves when it is durable; anything thrown inside undoes all of it.
   * `work` may await nothing but the transaction's own requests: IndexedDB commits as soon as it is left alone.
   * `changes`: what of it the journal has to have first.
   */
  write<T>(
    stores: StoreName[],
    work: (transaction: Transaction<"readwrite">) => Promise<T>,
    changes?: readonly RowChange[],
  ): Promise<T>;
  read<T>(stores: StoreName[], work: (transaction: Transaction<"readonly">) => Promise<T>): Promise<T>;
  close(): void;
}

/** `journal`: of a page that keeps one. */
export function openDatabase(name: string = databaseName, journal?: Ahead): Database {
  let connection: Promise<IDBPDatabase<SteppeSchema>> | undefined;

  const forget = () => {
    connection = undefined;
  };

  function connect(): Promise<IDBPDatabase<SteppeSchema>> {
    connection ??= openDB<SteppeSchema>(name, schemaVersion, {
      upgrade(database) {
        for (const store of [...sealedStores, ...clearStores]) {
          if (!database.objectStoreNames.contains(store)) database.createObjectStore(store);
        }
      },
      blocking(_current, _blocked, event) {
        forget();
        (event.target as IDBDatabase).close();
      },
      terminated: forget,
    }).catch((failure: unknown) => {
      forget();
      throw failure;
    });
    return connection;
  }

  async function begin<M extends Mode>(stores: StoreName[], mode: M): Promise<Transaction<M>> {
    const start = async () => (await connect()).transaction(stores, mode, { durability: "strict" });
    try {
      return await start();
    } catch (failure) {
      // A connection that was lost without a `close` event (Safari after the app was in the background) says so only now.
      const isLost = failure instanceof DOMException && /^(InvalidState|Unknown)Error$/.test(failure.name);
      if (!isLost) throw failure;
      forget();
      return await start();
    }
  }

  async function run<M extends Mode, T>(stores: StoreName[], mode: M, work: (t: Transaction<M>) => Promise<T>) {
    const transaction = await begin(stores, mode);
    // Keeps an abort from surfacing as an unhandled rejection while `work` still reports the cause.
    transaction.done.catch(() => undefined);
    try {
      const result = await work(transaction);
      await transaction.done;
      return result;
    } catch (failure) {
      abort(transaction);
      // A request may fail for no more than that its transaction was given up, and that for want of room.
      const isFull = [failure, transaction.error].some(
        (each) => each instanceof DOMException && each.name === "QuotaExceededError",
      );
      throw isFull ? new FieldProblem("storage-full") : failure;
    }
  }

  return {
    write: (stores, work, changes) =>
      journal && changes
        ? journal.ahead(changes, (position) => run([...stores, "journal"], "readwrite", noting(position, work)))
        : run(stores, "readwrite", work),
    read: (stores, work) => run(stores, "readonly", work),
    close() {
      void connection?.then((database) => database.close());
      forget();
    },
  };
}

type Writing<T> = (transaction: Transaction<"readwrite">) => Promise<T>;

/** With the row that says how far the journal was: where the two disagree at a start, the database lacks something. */
const noting =
  <T>(position: string | undefined, work: Writing<T>): Writing<T> =>
  async (transaction) => {
    const result = await work(transaction);
    if (position !== undefined) await transaction.objectStore("journal").put(position, "at");
    return result;
  };

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch (failure) {
    // It had ended by itself: the failed request aborted it already.
    if (!(failure instanceof DOMException && failure.name === "InvalidStateError")) throw failure;
  }
}
