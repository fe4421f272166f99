/// <reference lib="webworker" />
/** Runs Argon2id beside the page: on a slow phone it takes a second, in which the screen would stand still. */
import { type Argon2Work, argon2 } from "./argon2";

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener("message", async ({ data }: MessageEvent<Argon2Work>) => {
  try {
    self.postMessage({ stretched: await argon2(data) });
  } catch (failure) {
    // Too little memory for a worker, mostly: the page tries for itself.
    self.postMessage({ failure: String(failure) });
  }
});
