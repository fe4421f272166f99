/**
 * One request to the server, told apart from everything else that may answer on its address.
 * A captive portal answers 200 with a web page, or 302, or 511: that is `not-the-server`. A proxy in front of a server that
 * rests answers 502 with one: that is `try-later`. Either way nothing moves.
 */
import { FieldProblem } from "./problem";

export interface Contact {
  /** Origin of the server, without a trailing slash. */
  server: string;
  fetch: typeof fetch;
}

/** What the server says when it refuses a whole request (RFC 9457). */
interface WireProblem {
  type: string;
  detail?: string;
}

const apiPath = "/api/v1";
/** A phone on a bad network must give up some day, or the round never ends; seconds. */
const patience = 60;
/** On the slowest network we still want to get through, GPRS in a valley; bytes a second. */
const slowest = 2048;

/** When to give up on moving this many bytes; milliseconds. */
export const patienceFor = (bytes: number): number => (patience + Math.ceil(bytes / slowest)) * 1000;

/**
 * Sends one request and gives the answer, whatever its status. `expected`: bytes of a long answer, to have patience with it.
 * Rejects with `no-contact` when nobody answered.
 */
export async function send(contact: Contact, path: string, init: RequestInit, expected = 0): Promise<Response> {
  const url = path.startsWith(apiPath) ? path : apiPath + path;
  const { body } = init;
  const length = body instanceof ArrayBuffer || body instanceof Uint8Array ? body.byteLength : 0;
  try {
    return await contact.fetch(contact.server + url, {
      cache: "no-store",
      credentials: "omit",
      // A portal's redirect is seen as one, not followed to a page that answers 200.
      redirect: "manual",
      signal: AbortSignal.timeout(patienceFor(length + expected)),
      ...init,
    });
  } catch (failure) {
    throw new FieldProblem("no-contact", String(failure));
  }
}

/** The JSON of an answer with status 2xx; rejects with the server's own problem, or `not-the-server`. */
export async function answerOf(response: Response): Promise<unknown> {
  if (!response.ok) throw await problemOf(response);
  if (!mediaType(response).endsWith("json")) throw new FieldProblem("not-the-server");
  return parse(response);
}

/** The problem an answer carries. `…/problems/code-used` and `code-used` are the same slug. */
export async function problemOf(response: Response): Promise<FieldProblem> {
  const patienceAsked = Number(response.headers.get("Retry-After")) || undefined;
  if (mediaType(response) === "application/problem+json") {
    const { type, detail } = (await parse(response)) as Partial<WireProblem>;
    const slug = typeof type === "string" ? type.split(/[/:#]/).at(-1) : undefined;
    // Whoever asks is a phone with tokens: they hold no longer.
    if (slug === "sign-in-needed") return new FieldProblem("device-revoked", detail);
    if (slug) return new FieldProblem(isHeadquartersAway(response.status) ? "try-later" : slug, detail, patienceAsked);
  }
  // A proxy in front of a resting server speaks HTML, but says the same thing.
  if (isHeadquartersAway(response.status) || response.status === 429)
    return new FieldProblem("try-later", undefined, patienceAsked);
  return new FieldProblem("not-the-server", `status ${response.status}`);
}

/** Whether headquarters failed, or a proxy on its behalf; 511 is a network that wants one to sign in (RFC 6585 §6). */
const isHeadquartersAway = (status: number): boolean => status >= 500 && status <= 599 && status !== 511;

const mediaType = (response: Response): string =>
  (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";

async function parse(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (failure) {
    if (failure instanceof SyntaxError) throw new FieldProblem("not-the-server");
    throw new FieldProblem("no-contact", String(failure));
  }
}
