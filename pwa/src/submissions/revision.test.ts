/**
 * The shared vectors: fixed keys and one revision with awkward answers, read by the server's tests too.
 * `WRITE_VECTORS=1` makes signature and sealed text anew (both contain chance); everything else must come out the same.
 */
/// <reference types="node" />
import { readFileSync, writeFileSync } from "node:fs";
import { compactDecrypt, importJWK } from "jose";
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { verifyDetached, verifyingKey } from "../wire/jws";
import {
  canonicalBytes,
  contentHash,
  type Revision,
  sealRevision,
  sealSigned,
  signRevision,
  splitSigned,
} from "./revision";

interface Vectors {
  about: string;
  device: { id: string; private_jwk: JsonWebKey };
  transport: { kid: string; private_jwk: JsonWebKey };
  cases: { name: string; revision: Revision; canonical: string; hash: string; signed: string; sealed: string }[];
}

const path = new URL("../../../tests/vectors/revisions.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;
const device = { id: vectors.device.id, privateJwk: vectors.device.private_jwk };
const { d: _private, ...publicPart } = vectors.transport.private_jwk;
const missionKey = { ...publicPart, kid: vectors.transport.kid };

async function unseal(sealed: string) {
  const opened = await compactDecrypt(sealed, await importJWK(vectors.transport.private_jwk, "ECDH-ES"));
  const signed = await throughStream(new Uint8Array(opened.plaintext), new DecompressionStream("deflate-raw"));
  return { header: opened.protectedHeader, signed };
}

if (process.env.WRITE_VECTORS) {
  for (const one of vectors.cases) {
    const canonical = canonicalBytes(one.revision);
    const signed = await signRevision(canonical, device);
    one.canonical = text(canonical);
    one.hash = await contentHash(canonical);
    one.signed = b64u(signed);
    one.sealed = text(await sealSigned(signed, missionKey));
  }
  writeFileSync(path, `${JSON.stringify(vectors, null, 2)}\n`);
}

describe.each(vectors.cases)("vector $name", (one) => {
  test("the canonical bytes and their hash are the same on every machine", async () => {
    const canonical = canonicalBytes(one.revision);
    expect(text(canonical)).toBe(one.canonical);
    expect(await contentHash(canonical)).toBe(one.hash);
  });

  test("the signed bytes carry a signature of the device over the canonical bytes", async () => {
    const { jws, canonical } = splitSigned(fromB64u(one.signed));
    expect(text(canonical)).toBe(one.canonical);
    const [header = ""] = jws.split(".");
    expect(JSON.parse(text(fromB64u(header)))).toEqual({ alg: "ES256", b64: false, crit: ["b64"], kid: device.id });
    const key = await verifyingKey(device.privateJwk);
    expect(await verifyDetached(jws, canonical, key)).toBe(true);
    canonical[10] = (canonical[10] as number) ^ 1;
    expect(await verifyDetached(jws, canonical, key)).toBe(false);
  });

  test("the sealed text opens to the signed bytes", async () => {
    const { header, signed } = await unseal(one.sealed);
    expect(header).toMatchObject({ alg: "ECDH-ES", enc: "A256GCM", kid: missionKey.kid, typ: "steppe-rev+jwe" });
    expect(b64u(signed)).toBe(one.signed);
  });
});

test("a report sealed now opens, and its hashes are those of what was sent", async () => {
  const revision = (vectors.cases[0] as Vectors["cases"][number]).revision;
  const { hash, sealed, sealedHash } = await sealRevision(revision, device, missionKey);
  const { signed } = await unseal(text(sealed));
  const { jws, canonical } = splitSigned(signed);
  expect(await verifyDetached(jws, canonical, await verifyingKey(device.privateJwk))).toBe(true);
  expect(hash).toBe(await contentHash(canonical));
  expect(sealedHash).toBe(b64u(await sha256(utf8(text(sealed)))));
});

test("half an emoji or a zero character does not stop a report", () => {
  const revision = (vectors.cases[0] as Vectors["cases"][number]).revision;
  const odd = { ...revision, patch: { note: "a\ud83db\u0000", whole: "😀" } };
  expect(JSON.parse(text(canonicalBytes(odd))).patch).toEqual({ note: "a\ufffdb\ufffd", whole: "😀" });
});
