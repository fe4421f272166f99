/**
 * DPoP (RFC 9449): each request for mission data proves that it comes from the device the token was given to.
 * Freshness is the server's nonce, so a phone with a wrong clock works.
 */

import { b64u, sha256, utf8 } from "../wire/bytes";
import { type Contact, problemOf, send } from "../wire/contact";
import { uuid7 } from "../wire/ids";
import { signCompact } from "../wire/jws";
import { type DeviceKey, deviceSigner, publicHalf } from "./device";

export interface Credentials {
  device: DeviceKey;
  accessToken: string;
}

/** The nonce that an answer brings for the next proof (RFC 9449 §8.2). */
export const nonceOf = (response: Response): string | undefined => response.headers.get("DPoP-Nonce") ?? undefined;

/** Sends requests with proofs; remembers the latest nonce while it lives. */
export class ProvingContact {
  readonly #contact: Contact;
  readonly #credentials: Credentials;
  #signer: Promise<CryptoKey> | undefined;
  #nonce: string | undefined;

  /** `nonce`: one that the server gave already, with the answer to the enrolment. */
  constructor(contact: Contact, credentials: Credentials, nonce?: string) {
    this.#contact = contact;
    this.#credentials = credentials;
    this.#nonce = nonce;
  }

  /** Posts JSON; asked for a fresh nonce, it tries once more. */
  post(path: string, body: unknown): Promise<Response> {
    return this.#send("POST", path, JSON.stringify(body), 0);
  }

  /** Fetches an immutable file of about this many bytes. */
  get(path: string, bytes: number): Promise<Response> {
    return this.#send("GET", path, undefined, bytes);
  }

  async #send(method: string, path: string, body: string | undefined, expected: number): Promise<Response> {
    const first = await this.#attempt(method, path, body, expected);
    if (first.status !== 401) return first;
    const problem = await problemOf(first.clone());
    return problem.slug === "use-dpop-nonce" ? this.#attempt(method, path, body, expected) : first;
  }

  async #attempt(method: string, path: string, body: string | undefined, expected: number): Promise<Response> {
    const headers: Record<string, string> = {
      Authorization: `DPoP ${this.#credentials.accessToken}`,
      DPoP: await this.#proof(method, path),
    };
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = body;
    }
    const response = await send(this.#contact, path, init, expected);
    this.#nonce = nonceOf(response) ?? this.#nonce;
    return response;
  }

  async #proof(method: string, path: string): Promise<string> {
    const { device, accessToken } = this.#credentials;
    this.#signer ??= deviceSigner(device);
    const claims = {
      jti: uuid7(),
      htm: method,
      htu: `${this.#contact.server}/api/v1${path}`,
      iat: Math.floor(Date.now() / 1000),
      ath: b64u(await sha256(utf8(accessToken))),
      ...(this.#nonce === undefined ? {} : { nonce: this.#nonce }),
    };
    const header = { alg: "ES256", typ: "dpop+jwt", jwk: publicHalf(device.privateJwk) } as const;
    return signCompact(header, claims, await this.#signer);
  }
}
