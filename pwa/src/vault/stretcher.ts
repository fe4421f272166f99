/** Who does the work of Argon2id: a worker beside the page, or the page itself where there are no workers or they fail. */
import type { Bytes } from "../wire/bytes";
import type { Argon2Work } from "./argon2";
import { fetchArgon2 } from "./argon2Handover";
import address from "./stretchWorker?worker&url";

interface TrustedTypeFactory {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): unknown };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypeFactory };
// Whatever is asked of it, this policy gives the one address: it cannot be made to vouch for another.
const policy = trustedTypes?.createPolicy("steppe-stretch-worker", { createScriptURL: () => address });

export interface Stretcher {
  stretch(work: Argon2Work): Promise<Bytes>;
  /** Lets the memory go. */
  close(): void;
}

// Built, both are one file; before that the worker's address names a module that only a worker can read.
const argon2 = async () => (import.meta.env.PROD ? fetchArgon2(address) : (await import("./argon2")).argon2);
const onPage = async (work: Argon2Work): Promise<Bytes> => (await argon2())(work);

/** Begins a worker; one piece of work at a time. */
export function openStretcher(): Stretcher {
  let worker = startWorker();
  return {
    stretch: async (work) => {
      if (worker) {
        const stretched = await inWorker(worker, work);
        if (stretched) return stretched;
        worker.terminate();
        worker = undefined;
      }
      return onPage(work);
    },
    close: () => worker?.terminate(),
  };
}

function startWorker(): Worker | undefined {
  if (typeof Worker === "undefined") return undefined;
  try {
    // The types of the platform know only strings here; a browser that asks for more takes more.
    return new Worker((policy?.createScriptURL(address) ?? address) as string, { type: "module" });
  } catch (failure) {
    // Switched off by whoever runs the phone.
    if (failure instanceof DOMException || failure instanceof TypeError) return undefined;
    throw failure;
  }
}

/** So long the page waits for a worker: many times what the dearest passphrase takes on the slowest phone. */
const patienceMs = 30_000;

/** Undefined: it could not be loaded, failed, or was ended by the phone, which tells nobody. */
function inWorker(worker: Worker, work: Argon2Work): Promise<Bytes | undefined> {
  return new Promise((done) => {
    const resolve = (stretched?: Bytes) => {
      clearTimeout(patience);
      done(stretched);
    };
    const patience = setTimeout(resolve, patienceMs);
    worker.addEventListener(
      "message",
      ({ data }: MessageEvent<{ stretched?: Bytes; failure?: string }>) => {
        if (data.failure) console.warn(`no Argon2id in a worker: ${data.failure}`);
        resolve(data.stretched);
      },
      { once: true },
    );
    worker.addEventListener("error", () => resolve(), { once: true });
    worker.postMessage(work);
  });
}
