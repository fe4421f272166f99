/**
 * `digest()` and `base64-decode()`. The twin of `backend/steppe/checklists/expressions/digests.py`. Expressions are evaluated at once,
 * so the browser's digests, which answer later, are of no use here.
 */

import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

const ALGORITHMS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  md5,
  "sha-1": sha1,
  "sha-256": sha256,
  "sha-384": sha384,
  "sha-512": sha512,
};

/** The digest of a text's UTF-8 bytes in `base64` or `hex`; empty for an unknown algorithm or encoding. */
export function digest(text: string, algorithm: string, encoding = "base64"): string {
  const hash = ALGORITHMS[algorithm.toLowerCase()];
  if (hash === undefined) return "";
  const found = hash(new TextEncoder().encode(text));
  if (encoding.toLowerCase() === "hex") return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return encoding.toLowerCase() === "base64" ? btoa(String.fromCharCode(...found)) : "";
}

/** The UTF-8 text behind Base64; bytes that are none become U+FFFD, text that is no Base64 the empty string. */
export function base64Decoded(text: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return "";
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
