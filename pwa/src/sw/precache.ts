/** The field entry on the phone: one cache per build, filled whole before the worker may take over. */

export interface PrecacheEntry {
  url: string;
  /** Null when the address itself carries the content's hash. */
  revision: string | null;
}

const prefix = "steppe-field-";

/** The name changes with any file: a build never serves half of another. */
export async function cacheName(entries: readonly PrecacheEntry[]): Promise<string> {
  const list = new TextEncoder().encode(JSON.stringify(entries));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", list));
  return prefix + Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Rejects when one file fails: the worker then is not installed, and the browser tries again later. */
export async function fill(entries: readonly PrecacheEntry[]): Promise<void> {
  const cache = await caches.open(await cacheName(entries));
  const held = new Set((await cache.keys()).map(({ url }) => url));
  await Promise.all(
    entries.map(async ({ url, revision }) => {
      const address = new URL(url, self.location.origin).href;
      // What an install cut short had fetched need not be paid for twice; unhashed names may be stale.
      if (revision === null && held.has(address)) return;
      // `reload`: past the HTTP cache, which may hold an older index.html.
      const response = await fetch(new Request(address, { cache: "reload", credentials: "omit" }));
      if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
      await cache.put(address, response);
    }),
  );
}

/** Removes earlier builds. */
export async function sweep(entries: readonly PrecacheEntry[]): Promise<void> {
  const current = await cacheName(entries);
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(prefix) && name !== current).map((n) => caches.delete(n)));
}

/** The cached answer for a request, if this build has one. */
export async function cached(entries: readonly PrecacheEntry[], address: string): Promise<Response | undefined> {
  const cache = await caches.open(await cacheName(entries));
  // The server names the encoding it chose in `Vary`; what lies here is unpacked and fits everybody.
  return cache.match(address, { ignoreVary: true });
}
