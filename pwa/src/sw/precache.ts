/**
 * The field entry on the phone: one cache per build, filled before the worker may take over: with all that finishing and
 * sending a report takes, and whole where an earlier build lay.
 * Only bytes that this build really consists of are kept, and only those the phone does not hold yet are paid for: what
 * an earlier build or the browser's own cache has is taken from there.
 */
import { fileName, renamed, renamings } from "./renaming";

export interface PrecacheEntry {
  url: string;
  /** Null when the address itself carries the content's hash. */
  revision: string | null;
  /** SHA-256 of the content, base64url, its first 12 characters (72 bits). */
  digest: string;
  /** The first visit does without it. */
  isLater?: true;
}

const prefix = "steppe-field-";

/** The name changes with any file: a build never serves half of another. */
export async function cacheName(entries: readonly PrecacheEntry[]): Promise<string> {
  const list = new TextEncoder().encode(JSON.stringify(entries));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", list));
  return prefix + Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const addressOf = (url: string) => new URL(url, self.location.origin).href;

/**
 * What a new worker waits for. Only a first visit leaves files for later: a newer version never takes from a phone what it
 * had. Rejects when one file fails: the worker then is not installed, and the browser tries again later.
 */
export async function fillFirst(entries: readonly PrecacheEntry[]): Promise<void> {
  const isFirst = (await earlierBuilds(entries)).length === 0;
  await put(entries, isFirst ? entries.filter(({ isLater }) => !isLater) : entries);
}

/** Keeps whatever is still missing. Rejects when one file fails; the others stay. */
export const fill = (entries: readonly PrecacheEntry[]): Promise<void> => put(entries, entries);

async function earlierBuilds(entries: readonly PrecacheEntry[]): Promise<string[]> {
  const name = await cacheName(entries);
  return (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
}

async function put(entries: readonly PrecacheEntry[], wanted: readonly PrecacheEntry[]): Promise<void> {
  const cache = await caches.open(await cacheName(entries));
  // What an install cut short had fetched need not be paid for twice.
  const held = new Set((await cache.keys()).map(({ url }) => url));
  const builds = await Promise.all((await earlierBuilds(entries)).map((other) => caches.open(other)));
  const names = renamings(entries.map(({ url }) => url));
  await Promise.all(
    wanted.map(async (entry) => {
      const address = addressOf(entry.url);
      if (held.has(address)) return;
      const response = (await fromEarlier(builds, entry, names)) ?? (await fetched(entry));
      await cache.put(address, response);
    }),
  );
}

/**
 * The file out of an earlier build: the very same, or one that differs only in the hashed names of what it imports. One
 * changed module gives every file that leads to it a new name, though nothing else in them is new.
 */
async function fromEarlier(
  builds: readonly Cache[],
  { url, digest }: PrecacheEntry,
  names: ReadonlyMap<string, string>,
): Promise<Response | undefined> {
  const wanted = fileName(url);
  if (!wanted) return undefined;
  for (const build of builds) {
    for (const { url: address } of await build.keys()) {
      if (fileName(address)?.stem !== wanted.stem) continue;
      const old = await build.match(address, { ignoreVary: true });
      if (!old) continue;
      const type = old.headers.get("Content-Type") ?? "";
      const bytes = await old.arrayBuffer();
      if ((await digestOf(bytes)) === digest) return new Response(bytes, { headers: { "Content-Type": type } });
      const text = new TextEncoder().encode(renamed(new TextDecoder().decode(bytes), names));
      if ((await digestOf(text)) === digest) return new Response(text, { headers: { "Content-Type": type } });
    }
  }
  return undefined;
}

/**
 * The file from the network, or from the browser's own cache when its name is its content. A copy that turns out to be
 * another (of an older build, or a sign-in page of a network) is asked for once more past every cache.
 */
async function fetched({ url, revision, digest }: PrecacheEntry): Promise<Response> {
  const ways: RequestCache[] = [revision === null ? "default" : "no-cache", "reload"];
  let status = 0;
  for (const cache of ways) {
    // Asked as a page asks for its scripts: what the first screen has just loaded then is not loaded again.
    const response = await fetch(new Request(addressOf(url), { cache, credentials: "same-origin" }));
    status = response.status;
    if (!response.ok || response.redirected) break;
    if ((await digestOf(await response.clone().arrayBuffer())) === digest) return response;
  }
  throw new Error(`${url}: ${status}`);
}

async function digestOf(content: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const base64 = btoa(String.fromCharCode(...digest));
  return base64.replaceAll("+", "-").replaceAll("/", "_").slice(0, 12);
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
