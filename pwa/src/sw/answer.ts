/** Who answers a request: the cache for the field entry, the network for all else. The API is never cached. */
import { cached, type PrecacheEntry } from "./precache";

/** Undefined: none of our business, the browser goes on as if we were not there. */
export function answer(entries: readonly PrecacheEntry[], request: Request): Promise<Response> | undefined {
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return undefined;
  const page = request.mode === "navigate" && (address.pathname === "/" || address.pathname === "/index.html");
  const file = entries.some(({ url }) => new URL(url, self.location.origin).pathname === address.pathname);
  if (!page && !file) return undefined;
  // The enrolment code is in the fragment, which never gets here; a search string would only miss the cache.
  const name = new URL(page ? "/index.html" : address.pathname, self.location.origin).href;
  return cached(entries, name).then((hit) => hit ?? fetch(request));
}
