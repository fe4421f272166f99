/** A revision: the immutable fact an observer makes by tapping Finish (protocol.md §3). */

import canonicalize from "canonicalize";
import { CompactEncrypt } from "jose/jwe/compact/encrypt";
import type { RevisionAttachment } from "../attachments/attachments";
import type { Patch } from "../engine/answers";
import { PUSH_BYTES, SIGNED_BYTES } from "../engine/functions/limits";
import { type DeviceKey, deviceSigner } from "../people/device";
import type { MissionKey } from "../people/missionKeys";
import { type Bytes, b64u, concat, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { signDetached } from "../wire/jws";
import { FieldProblem } from "../wire/problem";
import type { ChangeReason } from "./draft";

export interface Revision {
  id: string;
  submission: string;
  base: string[];
  checklist_version: string;
  patch: Patch;
  state: "finished";
  attachments: RevisionAttachment[];
  team: string;
  author: string;
  device: string;
  device_seq: number;
  made_at: string;
  tz: string;
  prev_hash: string;
  /** Why it changes what its base says; only for a server that reads it. */
  reason?: ChangeReason;
  /** How the phone's clock stood to headquarters', in ms; only for a server that reads it. */
  clock?: { ahead: number; within: number };
}

export interface SealedRevision {
  /** b64u SHA-256 of the canonical bytes. */
  hash: string;
  /** The JWE text as bytes; once made it never changes. */
  sealed: Bytes;
  /** b64u SHA-256 of the JWE text. */
  sealedHash: string;
}

/**
 * RFC 8785. Half a surrogate pair, which a keyboard can leave behind, and U+0000 become U+FFFD: no JSON carries the first and
 * no PostgreSQL the second, and one odd character must not keep a whole report from being read.
 */
export function canonicalBytes(made: object): Bytes {
  return utf8(canonicalize(wellFormed(made)) as string);
}

export const contentHash = async (canonical: Bytes): Promise<string> => b64u(await sha256(canonical));

/** `<protected>..<signature>\n` and the canonical bytes. */
export async function signRevision(canonical: Bytes, device: DeviceKey): Promise<Bytes> {
  const jws = await signDetached(device.id, canonical, await deviceSigner(device));
  return concat(utf8(`${jws}\n`), canonical);
}

/** Deflates and encrypts to the mission: after this the phone cannot read it again. */
export async function sealSigned(signed: Bytes, missionKey: MissionKey): Promise<Bytes> {
  // Raw deflate exists in Chromium ≥ 103, Firefox ≥ 113, Safari ≥ 16.4: the floor of what the app supports anyway.
  const packed = await throughStream(signed, new CompressionStream("deflate-raw"));
  const header = { alg: "ECDH-ES", enc: "A256GCM", kid: missionKey.kid, typ: "steppe-rev+jwe" };
  const { kty, crv, x, y } = missionKey;
  const recipient = await crypto.subtle.importKey(
    "jwk",
    { kty, crv, x, y } as JsonWebKey,
    { name: "ECDH", namedCurve: "P-256" },
    false,
    [],
  );
  return utf8(await new CompactEncrypt(packed).setProtectedHeader(header).encrypt(recipient));
}

/** Bytes of a push that are not its items. */
const pushFrame = 8 * 1024;

/** Signs and seals a revision, or another fact of the same chain: the three facts the outbox keeps. Rejects with `report-too-large` for what could not be received. */
export async function sealRevision(made: object, device: DeviceKey, missionKey: MissionKey): Promise<SealedRevision> {
  const canonical = canonicalBytes(made);
  const signed = await signRevision(canonical, device);
  if (signed.byteLength >= SIGNED_BYTES) throw new FieldProblem("report-too-large");
  const sealed = await sealSigned(signed, missionKey);
  // What packs badly may fit unsealed and not sealed.
  if (sealed.byteLength > PUSH_BYTES - pushFrame) throw new FieldProblem("report-too-large");
  return { hash: await contentHash(canonical), sealed, sealedHash: b64u(await sha256(sealed)) };
}

/** What a device signed, taken apart again: for the readable proof of a revision, and for tests. */
export function splitSigned(signed: Bytes): { jws: string; canonical: Bytes } {
  const at = signed.indexOf(0x0a);
  return { jws: text(signed.slice(0, at)), canonical: signed.slice(at + 1) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is exactly what is meant.
const unwritable = /[\u0000\p{Surrogate}]/gu;

function wellFormed<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(unwritable, "\ufffd") as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wellFormed(inner)])) as T;
}
