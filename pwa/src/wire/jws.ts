/**
 * JWS ES256 by WebCrypto (RFC 7515, RFC 7518 §3.4, RFC 7797): proofs, revisions and receipts.
 * Of our own because receipts are verified in the service worker too, where a JOSE library costs more than its whole budget;
 * WebCrypto's signature is the r‖s form that JWS wants, so nothing but concatenation is left to do.
 */
import { type Bytes, b64u, concat, fromB64u, text, utf8 } from "./bytes";

const algorithm = { name: "ECDSA", hash: "SHA-256" };
const curve = { name: "ECDSA", namedCurve: "P-256" };

export interface JwsHeader {
  alg: "ES256";
  typ?: string;
  kid?: string;
  [parameter: string]: unknown;
}

const encodeJson = (value: unknown): string => b64u(utf8(JSON.stringify(value)));

/** Imports the private half for signing. */
export const signingKey = (jwk: JsonWebKey): Promise<CryptoKey> =>
  crypto.subtle.importKey("jwk", jwk, curve, false, ["sign"]);

/** Imports a public JWK for verifying; members other than the point are ignored. */
export const verifyingKey = ({ kty, crv, x, y }: JsonWebKey): Promise<CryptoKey> =>
  crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, curve, false, ["verify"]);

/** Signs a JSON payload: `<header>.<payload>.<signature>`. */
export async function signCompact(header: JwsHeader, payload: unknown, key: CryptoKey): Promise<string> {
  const input = `${encodeJson(header)}.${encodeJson(payload)}`;
  return `${input}.${b64u(new Uint8Array(await crypto.subtle.sign(algorithm, key, utf8(input))))}`;
}

/** Signs bytes that travel beside the JWS, unencoded (RFC 7797): `<header>..<signature>`. */
export async function signDetached(kid: string, payload: Bytes, key: CryptoKey): Promise<string> {
  const header = encodeJson({ alg: "ES256", b64: false, crit: ["b64"], kid });
  const signature = await crypto.subtle.sign(algorithm, key, concat(utf8(`${header}.`), payload));
  return `${header}..${b64u(new Uint8Array(signature))}`;
}

/** Whether a detached JWS signs exactly these bytes. */
export async function verifyDetached(jws: string, payload: Bytes, key: CryptoKey): Promise<boolean> {
  const [header = "", middle, signature] = jws.split(".");
  if (middle !== "" || !signature) return false;
  return crypto.subtle.verify(algorithm, key, fromB64u(signature), concat(utf8(`${header}.`), payload));
}

/**
 * The payload of a compact JWS of the expected `typ` that this key signed; undefined for anything else:
 * another key, another type, an unknown `crit`, or text that is no JWS at all.
 */
export async function verifyCompact(jws: string, typ: string, key: CryptoKey): Promise<unknown> {
  const parts = jws.split(".");
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return undefined;
  try {
    const declared = JSON.parse(text(fromB64u(header))) as Partial<JwsHeader> | null;
    if (declared?.alg !== "ES256" || declared.typ !== typ || declared.crit !== undefined) return undefined;
    const holds = await crypto.subtle.verify(algorithm, key, fromB64u(signature), utf8(`${header}.${payload}`));
    return holds ? JSON.parse(text(fromB64u(payload))) : undefined;
  } catch (failure) {
    // Not base64 (DOMException) or not JSON (SyntaxError): not a receipt, whoever sent it.
    if (failure instanceof DOMException || failure instanceof SyntaxError) return undefined;
    throw failure;
  }
}
