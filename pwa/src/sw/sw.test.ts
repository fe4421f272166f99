import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isSkipWaiting } from "../sync/bridge";
import { answer } from "./answer";
import { cacheName, fill, type PrecacheEntry, sweep } from "./precache";

const origin = "https://field.test";
const entries: PrecacheEntry[] = [
  { url: "index.html", revision: "1" },
  { url: "assets/field-abc.js", revision: null },
];

/** The Cache API as far as the precache needs it. */
class Caches {
  readonly held = new Map<string, Map<string, Response>>();
  async open(name: string) {
    const cache = this.held.get(name) ?? new Map<string, Response>();
    this.held.set(name, cache);
    return {
      keys: async () => [...cache.keys()].map((url) => ({ url })),
      put: async (url: string, response: Response) => void cache.set(url, response),
      match: async (url: string) => cache.get(url)?.clone(),
    };
  }
  keys = async () => [...this.held.keys()];
  delete = async (name: string) => this.held.delete(name);
}

let caches: Caches;
let network: ReturnType<typeof vi.fn>;

beforeEach(() => {
  caches = new Caches();
  network = vi.fn(async (request: Request) => new Response(`from the network: ${new URL(request.url).pathname}`));
  vi.stubGlobal("caches", caches);
  vi.stubGlobal("fetch", network);
  vi.stubGlobal("self", { location: { origin } });
});
afterEach(() => vi.unstubAllGlobals());

const get = (path: string, mode = "no-cors") => {
  const request = new Request(new URL(path, origin));
  return Object.defineProperty(request, "mode", { value: mode });
};

describe("offline", () => {
  beforeEach(async () => {
    await fill(entries);
    network.mockRejectedValue(new TypeError("offline"));
  });

  test.each(["/", "/?source=home", "/index.html", "/#enrol=ABCDE"])("opening %s shows the app", async (path) => {
    expect(await (await answer(entries, get(path, "navigate")))?.text()).toContain("/index.html");
  });

  test("its files come from the cache", async () => {
    expect(await (await answer(entries, get("/assets/field-abc.js")))?.text()).toContain("/assets/field-abc.js");
  });

  test.each(["/api/v1/sync/push", "/desk/", "/assets/desk-xyz.js"])("%s is left to the network", (path) => {
    expect(answer(entries, get(path, path === "/desk/" ? "navigate" : "no-cors"))).toBeUndefined();
  });

  test("other origins and other methods are none of its business", () => {
    expect(answer(entries, get("https://elsewhere.test/index.html"))).toBeUndefined();
    expect(answer(entries, new Request(`${origin}/index.html`, { method: "POST" }))).toBeUndefined();
  });
});

describe("a build on the phone", () => {
  test("is not installed when one of its files fails, so the old one stays", async () => {
    network.mockImplementation(
      async (request: Request) => new Response("", { status: request.url.includes("assets") ? 502 : 200 }),
    );
    await expect(fill(entries)).rejects.toThrow("assets/field-abc.js");
  });

  test("pays only for what it lacks when an install was cut short", async () => {
    await fill(entries);
    network.mockClear();
    await fill(entries);
    expect(network.mock.calls.map(([request]) => new URL((request as Request).url).pathname)).toEqual(["/index.html"]);
  });

  test("has a cache of its own, and removes those of others once it is in charge", async () => {
    const next: PrecacheEntry[] = [{ url: "index.html", revision: "2" }];
    await fill(entries);
    await caches.open("somebody-else");
    await fill(next);
    expect(await caches.keys()).toHaveLength(3);
    await sweep(next);
    expect(await caches.keys()).toEqual(["somebody-else", await cacheName(next)]);
  });
});

test("only the person's word lets a new version take over", () => {
  expect(isSkipWaiting({ type: "SKIP_WAITING" })).toBe(true);
  for (const other of [undefined, null, "SKIP_WAITING", { type: "hello" }]) expect(isSkipWaiting(other)).toBe(false);
});
