/** Begins the worker that keeps the journal, when it is first asked for anything. */
import address from "./journalWorker?worker&url";
import type { JournalAnswer } from "./messages";
import { type AskJournal, PageJournal } from "./pageJournal";

interface TrustedTypeFactory {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): unknown };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypeFactory };
// Whatever is asked of it, this policy gives the one address.
const policy = trustedTypes?.createPolicy("steppe-journal-worker", { createScriptURL: () => address });

export const openJournal = (database: string, storage: Storage): PageJournal =>
  new PageJournal({ database, ask: askWorker(), storage, caches: globalThis.caches });

function askWorker(): AskJournal {
  let worker: Worker | undefined;
  let last = 0;
  const waiting = new Map<number, (answer?: JournalAnswer) => void>();
  const fail = () => {
    for (const resolve of waiting.values()) resolve();
    waiting.clear();
    worker?.terminate();
    worker = undefined;
  };
  const start = () => {
    const started = new Worker((policy?.createScriptURL(address) ?? address) as string, { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<JournalAnswer & { id: number }>) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    });
    // It could not be loaded, or was ended by the phone.
    started.addEventListener("error", fail);
    return started;
  };
  return (request) => {
    if (typeof Worker === "undefined" || !globalThis.navigator?.storage?.getDirectory)
      return Promise.resolve(undefined);
    return new Promise((resolve) => {
      worker ??= start();
      last += 1;
      waiting.set(last, resolve);
      worker.postMessage({ id: last, ...request });
    });
  };
}
