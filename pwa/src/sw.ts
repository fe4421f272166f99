/// <reference lib="webworker" />
/** Service worker: keeps the field entry on the phone so that it starts without a network. */

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly { url: string; revision: string | null }[];
};

const precached = self.__WB_MANIFEST;
const cacheName = "steppe-field";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(precached.map(({ url }) => url))));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.match(event.request).then((hit) => hit ?? fetch(event.request)));
});
