/// <reference lib="webworker" />
/** Service worker: the field app starts without a network, and the outbox is sent without the app. Details in sw/. */
import { wipeAsOrdered } from "./app/wipe";
import { answer } from "./sw/answer";
import { sendOutbox } from "./sw/background";
import { fill, fillFirst, type PrecacheEntry, sweep } from "./sw/precache";
import { isKeepAll, isSkipWaiting, syncTag } from "./sync/bridge";

/** Background Sync, which TypeScript's library does not know. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: PrecacheEntry[] };

const entries = self.__WB_MANIFEST;

/** Chromium ≥ 123: who is asked first for which requests. */
interface RoutedInstall extends ExtendableEvent {
  addRoutes?(rules: { condition: { requestMode: string }; source: string }): Promise<void>;
}

self.addEventListener("install", (event) => {
  event.waitUntil(fillFirst(entries));
  // Else Chromium also asks the server for the page while this worker starts: bytes that nobody uses.
  const navigations = { condition: { requestMode: "navigate" }, source: "fetch-event" };
  event.waitUntil((event as RoutedInstall).addRoutes?.(navigations) ?? Promise.resolve());
});

self.addEventListener("activate", (event) => event.waitUntil(sweep(entries).then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const answered = answer(entries, event.request);
  if (answered) event.respondWith(answered);
});

self.addEventListener("message", (event) => {
  if (isSkipWaiting(event.data)) void self.skipWaiting();
  // Without a network it is asked again when the vault is next opened.
  if (isKeepAll(event.data)) event.waitUntil(fill(entries).catch(() => undefined));
});

self.addEventListener("sync", (event) => {
  const { tag, waitUntil } = event as SyncEvent;
  if (tag === syncTag) waitUntil.call(event, sendOutbox(wipeAsOrdered));
});
