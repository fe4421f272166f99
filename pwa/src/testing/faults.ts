/** Faults of the disk, injected into IndexedDB's own methods. */

const writers = ["put", "add", "delete"] as const;

/** Runs `work` while the given write (counted from 1) of read-write transactions fails as on a full disk. */
export async function withFaultAtWrite<T>(fault: number, work: () => Promise<T>): Promise<T> {
  const real = writers.map((name) => [name, IDBObjectStore.prototype[name]] as const);
  let writes = 0;
  for (const [name, write] of real) {
    const faulty = function (this: IDBObjectStore, ...given: unknown[]): IDBRequest {
      if (this.transaction.mode === "readwrite" && ++writes === fault) {
        throw new DOMException("disk full", "QuotaExceededError");
      }
      return (write as (...given: unknown[]) => IDBRequest).apply(this, given);
    };
    Object.assign(IDBObjectStore.prototype, { [name]: faulty });
  }
  try {
    return await work();
  } finally {
    for (const [name, write] of real) Object.assign(IDBObjectStore.prototype, { [name]: write });
  }
}
