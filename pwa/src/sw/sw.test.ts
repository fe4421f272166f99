import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isKeepAll, isSkipWaiting, keepAll } from "../sync/bridge";
import { b64u, sha256, utf8 } from "../wire/bytes";
import { answer } from "./answer";
import { cacheName, fill, fillFirst, type PrecacheEntry, sweep } from "./precache";
import { renamings } from "./renaming";

const origin = "https://field.test";
const entry = async (url: string, content: string, revision: string | null = null): Promise<PrecacheEntry> => ({
  url,
  revision,
  digest: b64u(await sha256(utf8(content))).slice(0, 12),
});

/** What the server has, by path. */
let served: Record<string, string>;
const page = 'start("/assets/field-abcdefgh.js")';
const code = 'import "./base-12345678.js"; run();';
const entries = [await entry("index.html", page, "1"), await entry("assets/field-abcdefgh.js", code)];

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
  served = { "/index.html": page, "/assets/field-abcdefgh.js": code };
  network = vi.fn(async (request: Request) => new Response(served[new URL(request.url).pathname]));
  vi.stubGlobal("caches", caches);
  vi.stubGlobal("fetch", network);
  vi.stubGlobal("self", { location: { origin } });
});
afterEach(() => vi.unstubAllGlobals());

/** What was fetched, and past which caches. */
const asked = () =>
  network.mock.calls.map(([request]) => `${new URL((request as Request).url).pathname} ${(request as Request).cache}`);

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
    expect(await (await answer(entries, get(path, "navigate")))?.text()).toBe(page);
  });

  test("its files come from the cache", async () => {
    expect(await (await answer(entries, get("/assets/field-abcdefgh.js")))?.text()).toBe(code);
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
      async (request: Request) => new Response(page, { status: request.url.includes("assets") ? 502 : 200 }),
    );
    await expect(fill(entries)).rejects.toThrow("assets/field-abcdefgh.js");
  });

  test("pays only for what it lacks when an install was cut short", async () => {
    const cut = await caches.open(await cacheName(entries));
    await cut.put(`${origin}/index.html`, new Response(page));
    await fill(entries);
    expect(asked()).toEqual(["/assets/field-abcdefgh.js default"]);
  });

  test("takes from the browser's own cache what the first screen has loaded, and asks anew for what bears no hash", async () => {
    await fill(entries);
    expect(asked()).toEqual(["/index.html no-cache", "/assets/field-abcdefgh.js default"]);
  });

  test("pays for what is new in it only", async () => {
    await fill(entries);
    network.mockClear();
    const next = [await entry("index.html", "another page", "2"), ...entries.slice(1)];
    served["/index.html"] = "another page";
    await fill(next);
    expect(asked()).toEqual(["/index.html no-cache"]);
    expect(await (await answer(next, get("/assets/field-abcdefgh.js")))?.text()).toBe(code);
  });

  test("pays nothing for a file in which only the names of its imports are new", async () => {
    await fill(entries);
    network.mockClear();
    const renamed = 'import "./base-ABCDEFGH.js"; run();';
    const next = [await entry("assets/field-00000000.js", renamed), await entry("assets/base-ABCDEFGH.js", "new base")];
    served = { "/assets/base-ABCDEFGH.js": "new base" };
    await fill(next);
    expect(asked()).toEqual(["/assets/base-ABCDEFGH.js default"]);
    expect(await (await answer(next, get("/assets/field-00000000.js")))?.text()).toBe(renamed);
  });

  test("fetches a file that is new in more than names", async () => {
    await fill(entries);
    network.mockClear();
    const next = [await entry("assets/field-00000000.js", "run(again);")];
    served = { "/assets/field-00000000.js": "run(again);" };
    await fill(next);
    expect(asked()).toEqual(["/assets/field-00000000.js default"]);
  });

  test("asks once more past every cache when something else came, and never keeps that", async () => {
    served["/assets/field-abcdefgh.js"] = "<title>Sign in to this network</title>";
    await expect(fill(entries)).rejects.toThrow("assets/field-abcdefgh.js");
    expect(asked()).toContain("/assets/field-abcdefgh.js reload");
    const kept = await caches.open(await cacheName(entries));
    expect((await kept.keys()).map(({ url }) => url)).not.toContain(`${origin}/assets/field-abcdefgh.js`);
  });

  test("leaves for later what the first visit does without, and keeps it when the vault is open", async () => {
    const estimator = await entry("assets/estimator-abcdefgh.js", "guess()");
    const whole = [...entries, { ...estimator, isLater: true as const }];
    served["/assets/estimator-abcdefgh.js"] = "guess()";
    await fillFirst(whole);
    expect(asked()).toEqual(["/index.html no-cache", "/assets/field-abcdefgh.js default"]);
    network.mockClear();
    await fill(whole);
    expect(asked()).toEqual(["/assets/estimator-abcdefgh.js default"]);
    network.mockRejectedValue(new TypeError("offline"));
    expect(await (await answer(whole, get("/assets/estimator-abcdefgh.js")))?.text()).toBe("guess()");
  });

  test("leaves nothing for later where an earlier one lay: what worked without a network goes on to", async () => {
    await fill(entries);
    const estimator = await entry("assets/estimator-abcdefgh.js", "guess()");
    served["/assets/estimator-abcdefgh.js"] = "guess()";
    const next = [...entries, { ...estimator, isLater: true as const }];
    await fillFirst(next);
    network.mockRejectedValue(new TypeError("offline"));
    expect(await (await answer(next, get("/assets/estimator-abcdefgh.js")))?.text()).toBe("guess()");
  });

  test("has a cache of its own, and removes those of others once it is in charge", async () => {
    const next = [await entry("index.html", page, "2")];
    await fill(entries);
    await caches.open("somebody-else");
    await fill(next);
    expect(await caches.keys()).toHaveLength(3);
    await sweep(next);
    expect(await caches.keys()).toEqual(["somebody-else", await cacheName(next)]);
  });
});

test("files that share a stem are never taken for each other", () => {
  const names = renamings(["assets/a-11111111.js", "assets/a-22222222.js", "assets/b-33333333.css", "icons/icon.svg"]);
  expect([...names]).toEqual([["b.css", "b-33333333.css"]]);
});

test("only an open vault has the rest kept", () => {
  expect([keepAll, { type: "SKIP_WAITING" }, null, "KEEP_ALL"].map(isKeepAll)).toEqual([true, false, false, false]);
});

test("only the person's word lets a new version take over", () => {
  expect(isSkipWaiting({ type: "SKIP_WAITING" })).toBe(true);
  for (const other of [undefined, null, "SKIP_WAITING", { type: "hello" }]) expect(isSkipWaiting(other)).toBe(false);
});
