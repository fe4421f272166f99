/** What a server of today does beside `TestServer` for the phones of one team (protocol.md §13), as an `intercept` of it. */
import { CompactEncrypt, importJWK } from "jose";
import type { Revision } from "../submissions/revision";
import { b64u, concat, fromB64u, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { signCompact, signingKey } from "../wire/jws";
import type { Intercept, TestServer } from "./server";

interface Asked {
  reports: { submission: string; held: string[] }[];
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const payload = (jws: string) => JSON.parse(text(fromB64u(jws.split(".")[1] ?? "")));

export class TeamContent {
  /** Content keys by the device that registered them. */
  readonly keys = new Map<string, JsonWebKey>();
  /** Everything it sent, as text. */
  readonly sent: string[] = [];
  readonly asked: Asked[] = [];
  /** Device by its key, as proofs carry it. */
  readonly #devices = new Map<string, string>();
  /** In how many revisions an answer ends. */
  most = 200;
  /** What it says and signs, changed on the way. */
  forge = (said: { device: string; sha256: string }): object => said;

  constructor(readonly server: TestServer) {
    server.reads = ["clock", "reason", "content_key"];
    server.intercept = this.intercept;
  }

  readonly intercept: Intercept = async (request, next) => {
    const path = new URL(request.url).pathname.slice("/api/v1".length);
    if (path !== "/enrolments/content-key" && path !== "/sync/team-reports") return next();
    const proof = request.headers.get("DPoP") ?? "";
    if (payload(proof).nonce !== "fresh") {
      const headers = { "Content-Type": "application/problem+json", "DPoP-Nonce": "fresh" };
      return new Response(JSON.stringify({ type: "urn:steppe:problem:use-dpop-nonce" }), { status: 401, headers });
    }
    const { jwk } = JSON.parse(text(fromB64u(proof.split(".")[0] ?? "")));
    if (path === "/sync/team-reports") return this.#reports(this.#devices.get(jwk.x) ?? "", await request.json());
    const said = payload(((await request.json()) as { statement: string }).statement);
    this.#devices.set(jwk.x, said.device);
    this.keys.set(said.device, said.key);
    return json(200, { kid: "any" });
  };

  /** Tells every phone how a report stands: with the revisions that no other was made from. */
  tell(submission: string, change: object = {}): void {
    const revisions = this.#revisions().filter((revision) => revision.submission === submission);
    const bases = new Set(revisions.flatMap(({ base }) => base));
    const heads = revisions.map(({ id }) => id).filter((id) => !bases.has(id));
    const told = { code: "LTO05-A001", checklist_version: revisions[0]?.checklist_version, team: "LTO05", heads };
    this.server.change("submission", submission, {
      ...{ ...told, status: "received", received_at: "2021-01-10T12:00:00.000Z", ...change },
    });
  }

  #revisions(): Revision[] {
    return [...this.server.stored.values()].map(({ revision }) => revision);
  }

  async #reports(device: string, asked: Asked): Promise<Response> {
    this.asked.push(asked);
    const key = this.keys.get(device);
    if (!key) {
      const headers = { "Content-Type": "application/problem+json" };
      return new Response(JSON.stringify({ type: "urn:steppe:problem:no-content-key" }), { status: 409, headers });
    }
    const lacking = this.#revisions().filter(({ id, submission }) =>
      asked.reports.some((report) => report.submission === submission && !report.held.includes(id)),
    );
    if (lacking.length === 0) return json(200, { sealed: null, more: false });
    const told = lacking.slice(0, this.most).map(({ attachments, ...revision }) => ({
      ...revision,
      letter: "A",
      received_at: "2021-01-10T12:00:00.000Z",
      files: Object.fromEntries(attachments.map(({ path, plain_sha256: plain }) => [path, plain])),
    }));
    const content = utf8(JSON.stringify(told));
    const said = this.forge({ device, sha256: b64u(await sha256(content)) });
    const header = { alg: "ES256", typ: "steppe-reports+jws", kid: "receipt" } as const;
    const jws = await signCompact(
      header,
      { mission: this.server.mission, ...said },
      await signingKey(this.server.receipt),
    );
    const plain = await throughStream(concat(utf8(`${jws}\n`), content), new CompressionStream("deflate-raw"));
    const sealed = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: "steppe-reports+jwe" })
      .encrypt(await importJWK(key, "ECDH-ES"));
    this.sent.push(sealed);
    return json(200, { sealed, more: lacking.length > this.most });
  }
}
