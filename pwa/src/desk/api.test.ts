import { expect, test } from "vitest";
import { problemOf, read, slugOf } from "./api.ts";

const problem = (slug: string) => ({ type: `urn:steppe:problem:${slug}` });

test.each([
  [401, problem("sign-in-needed"), "signed-out"],
  [401, problem("wrong-password"), "wrong-password"],
  [404, problem("not-found"), "not-found"],
  [429, problem("too-many-tries"), "too-many-tries"],
  [502, "<html>", "no-contact"],
  [500, undefined, "failed"],
])("status %i with %j is %s", (status, body, slug) => {
  expect(problemOf(status, body).slug).toBe(slug);
});

test("no network and an answer that is not ours are both no contact", async () => {
  for (const failure of [new TypeError("Failed to fetch"), new SyntaxError("Unexpected token <")]) {
    await expect(read(Promise.reject(failure))).rejects.toMatchObject({ slug: "no-contact" });
  }
});

test("a fault of our own is not taken for the server's", async () => {
  await expect(read(Promise.reject(new RangeError("ours")))).rejects.toBeInstanceOf(RangeError);
  expect(slugOf(new RangeError("ours"))).toBe("failed");
});
