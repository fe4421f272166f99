/**
 * A server for tests that keeps protocol.md's promises to a phone, in memory, as a `fetch`.
 * `intercept` stands between: a captive portal, a lost answer, a forged receipt.
 */
import { compactDecrypt, importJWK } from "jose";
import type { Revision } from "../submissions/revision";
import type { PhoneNews } from "../sync/phoneNews";
import { b64u, fromB64u, hex, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { signCompact, signingKey } from "../wire/jws";

export type Intercept = (request: Request, next: () => Promise<Response>) => Promise<Response>;

interface Stored {
  hash: string;
  seq: number;
  at: string;
  revision: Revision;
}

export interface ServerCopy {
  stored: [string, Stored][];
  blobs: (readonly [string, { size: number; bytes: Uint8Array<ArrayBuffer> }])[];
  completed: [string, number][];
  seq: number;
}

export const missionId = "0190aaaa-0000-7000-8000-000000000001";
const receiptHeader = { alg: "ES256", typ: "steppe-receipt+jws", kid: "receipt" } as const;

export class TestServer {
  readonly origin = "https://hq.test";
  pushToken = "push";
  readonly stored = new Map<string, Stored>();
  readonly blobs = new Map<string, { size: number; bytes: Uint8Array<ArrayBuffer> }>();
  readonly requests: { method: string; path: string }[] = [];
  readonly changes: { n: number; kind: string; id: string; data: unknown }[] = [];
  readonly files = new Map<string, unknown>();
  localCopy = "keep";
  /** After how many days without contact its phones wipe themselves; most missions do not say. */
  lockOutDays: number | undefined;
  /** A list of what others brought for the phone that pulls. */
  receiptsByPull: string | undefined;
  /** What it says of the enrolment code. */
  codeState: "open" | "used" = "open";
  intercept: Intercept = (_request, next) => next();
  /** By how much the phone's clock runs ahead of this server's, in ms. */
  behind = 0;
  /** What it says that a revision may carry; earlier servers say nothing. */
  reads: readonly string[] | undefined = ["clock"];
  /** Devices it was never told of: it keeps their sealed text, unread. */
  readonly unknownDevices = new Set<string>();
  /** What it signs of its epoch and of what is safe; servers of earlier versions say nothing. */
  safety: { epoch: number; safe_seq: number | null } | undefined;
  /** Signed orders that come with the answer to each push. */
  orders: string[] = [];
  /** What it says of orders to whoever is set up. */
  ordersOver: number | null = null;
  /** Signed lists of its keys, the first of serial 1: a push gets those that its phone does not hold. */
  keyLists: string[] = [];
  /** The key that receipts are signed with, where it is not the one of the enrolment. */
  signingKey: JsonWebKey | undefined;
  /** The serial of the list that each push said its phone holds. */
  readonly keySerials: number[] = [];
  /** What each push said of the phone itself, beside its outbox. */
  readonly saidOfPhone: PhoneNews[] = [];
  readonly #completed = new Map<string, number>();
  #seq = 0;

  private constructor(
    readonly transport: JsonWebKey,
    readonly receipt: JsonWebKey,
    readonly mission: string,
  ) {}

  static async start(mission = missionId): Promise<TestServer> {
    return new TestServer(await newKey(["deriveBits"], "ECDH"), await newKey(["sign"], "ECDSA"), mission);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    this.requests.push({ method: request.method, path: new URL(request.url).pathname.slice("/api/v1".length) });
    return this.intercept(request.clone(), () => this.#answer(request));
  };

  get policy(): object {
    return {
      local_copy: this.localCopy,
      ...(this.lockOutDays === undefined ? {} : { lock_out_days: this.lockOutDays }),
    };
  }

  /** The number of its last receipt. */
  get seq(): number {
    return this.#seq;
  }

  /** What a copy of the server holds, as it stands. */
  copy(): ServerCopy {
    const blobs = [...this.blobs].map(([name, { size, bytes }]) => [name, { size, bytes: bytes.slice() }] as const);
    return { stored: [...this.stored], blobs, completed: [...this.#completed], seq: this.#seq };
  }

  /** Becomes what a copy holds, in its next epoch, its numbers far ahead. */
  restore({ stored, blobs, completed, seq }: ServerCopy, epoch = (this.safety?.epoch ?? 1) + 1): void {
    for (const [now, then] of [
      [this.stored, stored],
      [this.blobs, blobs],
      [this.#completed, completed],
    ] as [Map<string, unknown>, [string, unknown][]][]) {
      now.clear();
      for (const [key, value] of then) now.set(key, value);
    }
    this.#seq = seq + 1_000_000;
    this.safety = { epoch, safe_seq: this.safety?.safe_seq == null ? null : seq };
  }

  /** Publishes a checklist definition under an id. */
  publish(id: string, definition: { id: string; version: string; title: unknown }): void {
    this.files.set(`/checklists/${id}`, definition);
    const data = {
      form: definition.id,
      version: definition.version,
      title: definition.title,
      status: "open",
      hash: id,
    };
    this.change("checklist", id, { ...data, bytes: 1000 });
  }

  change(kind: string, id: string, data: unknown): void {
    this.changes.push({ n: this.changes.length + 1, kind, id, data });
  }

  async signReceipt(payload: unknown, key: JsonWebKey = this.signingKey ?? this.receipt): Promise<string> {
    return signCompact(receiptHeader, payload, await signingKey(key));
  }

  async signOrder(
    device: string,
    serial: number,
    change: object = {},
    key: JsonWebKey = this.receipt,
  ): Promise<string> {
    const order = { mission: this.mission, device, serial, at: this.#now(), ...change };
    return signCompact({ ...receiptHeader, typ: "steppe-order+jws" }, order, await signingKey(key));
  }

  /** Signs a list of keys with one of them, or the root. */
  async signKeys(
    serial: number,
    key: JsonWebKey,
    said: { receipt: JsonWebKey[]; transport?: JsonWebKey; root?: JsonWebKey },
  ) {
    const receipt = said.receipt.map((one) => publicJwk(one, "receipt"));
    const transport = publicJwk(said.transport ?? this.transport, "transport");
    const root = said.root ? { root: publicJwk(said.root, "root") } : {};
    const list = { mission: this.mission, serial, at: this.#now(), receipt, transport, ...root };
    return signCompact({ alg: "ES256", typ: "steppe-keys+jws", kid: "any" }, list, await signingKey(key));
  }

  async #answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.slice("/api/v1".length);
    if (path === "/enrolments/keys") return json(200, { keys: this.#keys(), state: this.codeState });
    if (path === "/enrolments/redeem") return this.#redeem(await request.json());
    if (path === "/sync/push") return this.#push(new Uint8Array(await request.arrayBuffer()));
    if (path === "/sync/pull") return this.#proved(request, async () => this.#pull(await request.json()));
    if (path.startsWith("/attachments")) return this.#attachment(request, path);
    if (path === "/checklists") return this.#proved(request, async () => this.#checklists(new URL(request.url)));
    const file = this.files.get(path);
    if (file === undefined) return problem(404, "not-found");
    const isBytes = file instanceof Uint8Array;
    return this.#proved(request, async () => (isBytes ? new Response(new Uint8Array(file)) : json(200, file)));
  }

  #checklists({ searchParams }: URL): Response {
    const asked = searchParams.getAll("versions").map((id) => [id, this.files.get(`/checklists/${id}`)]);
    return json(200, Object.fromEntries(asked));
  }

  #keys() {
    return { transport: publicJwk(this.transport, "transport"), receipt: publicJwk(this.receipt, "receipt") };
  }

  #redeem(body: { device: { id: string } }): Response {
    return json(201, {
      device: { id: body.device.id, letter: "A" },
      team: { code: "LTO05", name: "Almaty", regions: ["KZ-ALA"] },
      person: { id: "0190aaaa-0000-7000-8000-000000000002", function: "LTO" },
      mission: { id: this.mission, code: "KZ2021", policy: this.policy, name: { en: "Mission" } },
      keys: this.#keys(),
      push_token: this.pushToken,
      access_token: "access",
      orders_over: this.ordersOver,
    });
  }

  async #proved(request: Request, answer: () => Promise<Response>): Promise<Response> {
    const [, claims = ""] = (request.headers.get("DPoP") ?? "").split(".");
    const { nonce } = JSON.parse(text(fromB64u(claims))) as { nonce?: string };
    return nonce === "fresh" ? answer() : problem(401, "use-dpop-nonce", { "DPoP-Nonce": "fresh" });
  }

  async #pull({ cursor, limit }: { cursor: string | null; limit: number }): Promise<Response> {
    const from = Number(cursor ?? 0);
    const changes = this.changes.slice(from, from + limit);
    const end = from + changes.length;
    const empty = { mission: this.mission, device: "device", at: this.#now(), items: [], ...this.safety };
    const receipts = this.receiptsByPull ?? (this.safety && (await this.signReceipt(empty)));
    const heard = receipts ? { receipts } : {};
    return json(200, { changes, next_cursor: String(end), more: end < this.changes.length, ...heard });
  }

  async #push(body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const unpacked = text(await throughStream(body, new DecompressionStream("gzip")));
    const { items, outbox, keys, ...said } = JSON.parse(unpacked) as { items: string[]; outbox: unknown; keys: number };
    this.keySerials.push(keys);
    this.saidOfPhone.push(said);
    const results: unknown[] = [];
    const receipts: unknown[] = [];
    for (const sealed of items) {
      const { revision, hash } = await this.read(sealed);
      if (this.unknownDevices.has(revision.device)) {
        const name = b64u(await sha256(utf8(sealed)));
        results.push({ status: "quarantined", reason: "unknown_device" });
        receipts.push({ sealed: name, seq: ++this.#seq, at: this.#now(), reason: "unknown_device" });
        continue;
      }
      const known = this.stored.get(revision.id);
      const fact = known ?? { hash, seq: ++this.#seq, at: this.#now(), revision };
      this.stored.set(revision.id, fact);
      // Other facts of the chain name none.
      const needs = (revision.attachments ?? []).map((a) => a.sha256).filter((address) => !this.#isWhole(address));
      results.push({ status: known ? "duplicate" : "stored", needs });
      receipts.push({ id: revision.id, hash, seq: fact.seq, device_seq: revision.device_seq, at: fact.at });
    }
    const list = { mission: this.mission, device: "device", at: this.#now(), items: receipts, ...this.safety };
    const contact = { server_time: this.#now(), ...(this.reads ? { reads: this.reads } : {}) };
    const receipted = results.length > 0 || this.safety ? { receipts: await this.signReceipt(list) } : {};
    const lists = keys < this.keyLists.length ? { keys: this.keyLists.slice(keys) } : {};
    return json(200, { results, ...receipted, ...contact, ...lists, orders: this.orders });
  }

  #now(): string {
    return new Date(Date.now() - this.behind).toISOString();
  }

  /** Opens a sealed report as the real server would. */
  async read(sealed: string): Promise<{ revision: Revision; hash: string }> {
    const { plaintext } = await compactDecrypt(sealed, await importJWK(this.transport, "ECDH-ES"));
    const signed = await throughStream(new Uint8Array(plaintext), new DecompressionStream("deflate-raw"));
    const canonical = signed.slice(signed.indexOf(0x0a) + 1);
    return { revision: JSON.parse(text(canonical)) as Revision, hash: b64u(await sha256(canonical)) };
  }

  #isWhole(address: string): boolean {
    const blob = this.blobs.get(address);
    return blob !== undefined && blob.bytes.length === blob.size;
  }

  async #attachment(request: Request, path: string): Promise<Response> {
    const address = request.method === "POST" ? metadata(request) : path.slice("/attachments/".length);
    const named = [...this.stored.values()].flatMap(({ revision }) => revision.attachments);
    const fact = named.find((attachment) => attachment.sha256 === address);
    if (!fact) return problem(409, "attachment-unknown");
    const blob = this.blobs.get(address) ?? { size: fact.size, bytes: new Uint8Array() };
    this.blobs.set(address, blob);
    if (request.method === "PATCH") {
      const refused = await this.#append(request, blob);
      if (refused) return refused;
    }
    const headers: Record<string, string> = { "Upload-Offset": String(blob.bytes.length) };
    if (this.#isWhole(address)) {
      if (hex(await sha256(blob.bytes)) !== address) {
        blob.bytes = new Uint8Array();
        headers["Upload-Offset"] = "0";
      } else {
        const about = { mission: this.mission, sha256: address, size: blob.size, at: this.#now() };
        const number = this.#completed.get(address) ?? ++this.#seq;
        this.#completed.set(address, number);
        const held = this.safety ? { ...about, seq: number, ...this.safety } : about;
        headers["Steppe-Receipt"] = await this.signReceipt(held);
      }
    }
    const status = { POST: 201, PATCH: 204 }[request.method] ?? 200;
    return new Response(null, { status, headers });
  }

  async #append(request: Request, blob: { bytes: Uint8Array<ArrayBuffer> }): Promise<Response | undefined> {
    if (Number(request.headers.get("Upload-Offset")) !== blob.bytes.length) return problem(409, "wrong-offset");
    const chunk = new Uint8Array(await request.arrayBuffer());
    const [, claimed = ""] = (request.headers.get("Upload-Checksum") ?? "").split(" ");
    if (hex(await sha256(chunk)) !== hex(Uint8Array.from(atob(claimed), (c) => c.charCodeAt(0)))) {
      return problem(460, "checksum-mismatch");
    }
    blob.bytes = new Uint8Array([...blob.bytes, ...chunk]);
    return undefined;
  }
}

const metadata = (request: Request): string => atob((request.headers.get("Upload-Metadata") ?? "").split(" ")[1] ?? "");

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

export const problem = (status: number, slug: string, headers: Record<string, string> = {}): Response =>
  new Response(utf8(JSON.stringify({ type: `urn:steppe:problem:${slug}`, title: slug, status })), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });

/** What a café's network answers to anything. */
export const captivePortal = (): Response =>
  new Response("<html>Welcome! Accept the terms.</html>", { status: 200, headers: { "Content-Type": "text/html" } });

export async function newKey(usages: KeyUsage[], name: "ECDH" | "ECDSA"): Promise<JsonWebKey> {
  const pair = (await crypto.subtle.generateKey({ name, namedCurve: "P-256" }, true, usages)) as CryptoKeyPair;
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { kty, crv, x, y, d } as JsonWebKey;
}

function publicJwk({ kty, crv, x, y }: JsonWebKey, kid: string) {
  return { kty, crv, x, y, kid };
}
