import { CompactSign, compactVerify, FlattenedSign, importJWK } from "jose";
import { describe, expect, test } from "vitest";
import { newKey } from "../testing/server";
import { b64u, concat, utf8 } from "./bytes";
import { signCompact, signDetached, signingKey, verifyCompact, verifyDetached, verifyingKey } from "./jws";

const jwk = await newKey(["sign"], "ECDSA");
const key = await signingKey(jwk);
const publicKey = await verifyingKey(jwk);
const joseKey = await importJWK(jwk, "ES256");

const byJose = (header: Record<string, unknown>, payload: string) =>
  new CompactSign(utf8(payload)).setProtectedHeader({ alg: "ES256", ...header }).sign(joseKey);

describe("a compact JWS", () => {
  test("of ours is read by another library, and the other way round", async () => {
    const ours = await signCompact({ alg: "ES256", typ: "t" }, { text: "Ертең" }, key);
    const { payload } = await compactVerify(ours, publicKey);
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ text: "Ертең" });
    const theirs = await byJose({ typ: "t" }, '{"text":"Ертең"}');
    expect(await verifyCompact(theirs, "t", publicKey)).toEqual({ text: "Ертең" });
  });

  test.each([
    [
      "signed by another key",
      async () => signCompact({ alg: "ES256", typ: "t" }, {}, await signingKey(await newKey(["sign"], "ECDSA"))),
    ],
    ["of another type", () => signCompact({ alg: "ES256", typ: "other" }, {}, key)],
    ["with an extension we do not know", () => signCompact({ alg: "ES256", typ: "t", crit: ["exp"] }, {}, key)],
    ["with algorithm none", async () => `${b64u(utf8('{"alg":"none","typ":"t"}'))}.${b64u(utf8("{}"))}.AA`],
    [
      "with a payload swapped after signing",
      async () => {
        const [header, , signature] = (await signCompact({ alg: "ES256", typ: "t" }, { n: 1 }, key)).split(".");
        return `${header}.${b64u(utf8('{"n":2}'))}.${signature}`;
      },
    ],
    ["with a payload that is no JSON", () => byJose({ typ: "t" }, "{")],
    ["with a null header", async () => `${b64u(utf8("null"))}.${b64u(utf8("{}"))}.AA`],
    ["that is an empty text", async () => ""],
    ["that is not base64url", async () => "é.é.é"],
    ["with four parts", async () => `${await signCompact({ alg: "ES256", typ: "t" }, {}, key)}.x`],
  ])("%s is refused", async (_how, make) => {
    expect(await verifyCompact(await make(), "t", publicKey)).toBeUndefined();
  });
});

test("a detached JWS over bytes is what RFC 7797 says", async () => {
  const payload = concat(utf8('{"a":"'), utf8('Ертең"}'));
  const theirs = await new FlattenedSign(payload)
    .setProtectedHeader({ alg: "ES256", b64: false, crit: ["b64"], kid: "d" })
    .sign(joseKey);
  expect(await verifyDetached(`${theirs.protected}..${theirs.signature}`, payload, publicKey)).toBe(true);
  const ours = await signDetached("d", payload, key);
  expect(await verifyDetached(ours, payload, publicKey)).toBe(true);
  expect(await verifyDetached(ours, utf8("other"), publicKey)).toBe(false);
});
