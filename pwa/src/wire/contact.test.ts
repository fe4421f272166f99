import { describe, expect, test } from "vitest";
import { captivePortal, json, problem } from "../testing/server";
import { answerOf, type Contact, patienceFor, problemOf, send } from "./contact";

const contactWith = (answer: (init: RequestInit) => Promise<Response>): Contact => ({
  server: "https://hq.test",
  fetch: async (_input, init) => answer(init ?? {}),
});

describe("an answer", () => {
  test("of the server is its JSON", async () => {
    expect(await answerOf(json(200, { a: 1 }))).toEqual({ a: 1 });
  });

  test.each([
    ["a web page", captivePortal(), "not-the-server"],
    ["JSON that is none", new Response("{", { headers: { "Content-Type": "application/json" } }), "not-the-server"],
    ["a redirect", new Response(null, { status: 302 }), "not-the-server"],
    ["a proxy's page for a resting server", new Response("<html>", { status: 503 }), "try-later"],
    ["a proxy's page for a server that is away", new Response("<html>", { status: 502 }), "try-later"],
    ["a proxy's page for a server that is slow", new Response("<html>", { status: 504 }), "try-later"],
    ["a failure of the server in plain text", new Response("Internal Server Error", { status: 500 }), "try-later"],
    ["the server's word about a mistake of its own", problem(500, "unexpected"), "try-later"],
    ["a network that wants one to sign in", new Response("<html>", { status: 511 }), "not-the-server"],
    ["a page that is not there", new Response("<html>", { status: 404 }), "not-the-server"],
    ["a problem", problem(409, "code-used"), "code-used"],
    [
      "a problem without a type",
      new Response("{}", { status: 400, headers: { "Content-Type": "application/problem+json" } }),
      "not-the-server",
    ],
    ["tokens that hold no longer", problem(401, "sign-in-needed"), "device-revoked"],
  ])("that is %s is told apart", async (_what, response, slug) => {
    await expect(answerOf(response)).rejects.toMatchObject({ slug });
  });

  test("passes on how long the server wants to be left alone", async () => {
    expect((await problemOf(problem(429, "try-later", { "Retry-After": "17" }))).retryAfterSeconds).toBe(17);
  });
});

describe("a request", () => {
  test("goes without cookies, past caches, and follows no redirect", async () => {
    let seen: RequestInit = {};
    await send(
      contactWith(async (init) => {
        seen = init;
        return json(200, {});
      }),
      "/sync/push",
      { method: "POST" },
    );
    expect(seen).toMatchObject({ credentials: "omit", cache: "no-store", redirect: "manual", method: "POST" });
  });

  test("that nobody answers is no contact", async () => {
    const dead = contactWith(async () => Promise.reject(new TypeError("failed to fetch")));
    await expect(send(dead, "/x", {})).rejects.toMatchObject({ slug: "no-contact" });
  });

  test("has patience for a slow network: a chunk of 256 KiB may take three minutes", () => {
    expect(patienceFor(0)).toBe(60_000);
    expect(patienceFor(256 * 1024)).toBe(188_000);
  });
});
