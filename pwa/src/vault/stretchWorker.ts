/// <reference lib="webworker" />
/**
 * Runs Argon2id beside the page: on a slow phone it takes a second, in which the screen would stand still. Where no worker
 * can be had the page imports this very file, so that no phone downloads Argon2id twice.
 */
import { type Argon2Work, argon2 } from "./argon2";
import { leaveArgon2 } from "./argon2Handover";

declare const self: DedicatedWorkerGlobalScope;

async function answer({ data }: MessageEvent<Argon2Work>): Promise<void> {
  try {
    self.postMessage({ stretched: await argon2(data) });
  } catch (failure) {
    // Too little memory for a worker, mostly: the page tries for itself.
    self.postMessage({ failure: String(failure) });
  }
}

if ("DedicatedWorkerGlobalScope" in globalThis) self.addEventListener("message", answer);
else leaveArgon2(argon2);
