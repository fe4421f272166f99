/** The network of a schedule: every request waits here until the schedule says what becomes of it. */
import { gunzipSync } from "node:zlib";
import { text, utf8 } from "../src/wire/bytes";
import type { Draws } from "./draws";
import type { Life } from "./life";
import { order } from "./pipe";
import { clock } from "./world";

export interface Packet {
  /** Of the phone. */
  name: string;
  method: string;
  path: string;
  headers: [string, string][];
  body: Uint8Array;
  answer(response: Response): void;
  /** Nobody answered, as far as the phone can know. */
  lose(): void;
}

/** What the server answered; undefined when it is away, or died over it. */
interface Answer {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

/** Where the server dies: at which of its steps that last, before it or right after it. */
export interface Death {
  step: number;
  after: boolean;
}

const bodiless = new Set([204, 205, 304]);

export class Network {
  readonly waiting: Packet[] = [];
  /** Given up by their phones, and still on the way. */
  readonly late: Packet[] = [];
  /** True lists of receipts that somebody on the way has seen. */
  readonly lists: string[] = [];
  /** True receipts of files. */
  readonly fileReceipts: string[] = [];
  /** How often something reached the server of which somebody has to hear. */
  news = 0;
  #ordered = 0;

  fetchOf(name: string, life: Life, ahead: () => number): typeof fetch {
    return (input, init) => {
      const { pathname, search } = new URL(String(input));
      // A dead process asks nothing more, and what it asked for comes back to nobody.
      if (life.isDead) return new Promise(() => undefined);
      return new Promise((resolve, reject) => {
        life.outstanding++;
        const over = (end: () => void) => () => {
          clock.ahead = ahead();
          life.outstanding--;
          if (!life.isDead) end();
        };
        this.waiting.push({
          name,
          method: init?.method ?? "GET",
          path: pathname + search,
          headers: Object.entries((init?.headers ?? {}) as Record<string, string>),
          body: bytesOf(init?.body),
          answer: (response) => over(() => resolve(response))(),
          lose: over(() => reject(new TypeError("nobody answered"))),
        });
      });
    };
  }

  /** Puts what was asked since the last time in an order that no machine decides. */
  inOrder(): void {
    const asked = this.waiting.splice(this.#ordered);
    asked.sort((a, b) => (`${a.name} ${a.path}` < `${b.name} ${b.path}` ? -1 : 1));
    this.waiting.push(...asked);
    this.#ordered = this.waiting.length;
  }

  /** Takes one of those that wait, if there are any. */
  take(at: number): Packet | undefined {
    const [packet] = this.waiting.splice(at, 1);
    this.#ordered = this.waiting.length;
    return packet;
  }

  /** Brings a request to the server, `cut` bytes of its body, and gives its answer. */
  async bring(packet: Packet, more: { cut?: number; die?: Death } = {}): Promise<Answer | undefined> {
    const { method, path, headers } = packet;
    const { header, body } = await order({ what: "ask", method, path, headers, ...more }, packet.body);
    if (header.status === 0) return undefined;
    const answer = { status: header.status as number, headers: header.headers as [string, string][], body };
    const receipt = answer.headers.find(([name]) => name === "steppe-receipt")?.[1];
    if (receipt) this.fileReceipts.push(receipt);
    if (path.includes("/enrolments/")) this.news++;
    if (path.endsWith("/sync/push") && answer.status === 200) this.#overhear(answer);
    return answer;
  }

  #overhear({ body }: Answer): void {
    const { receipts, results } = JSON.parse(text(body)) as { receipts?: string; results: unknown[] };
    if (receipts !== undefined) this.lists.push(receipts);
    if (results.length > 0) this.news++;
  }
}

export function respond(packet: Packet, answer: Answer | undefined): void {
  if (!answer) packet.lose();
  else packet.answer(responseOf(packet, answer));
}

function responseOf({ method }: Packet, { status, headers, body }: Answer): Response {
  const isEmpty = method === "HEAD" || bodiless.has(status);
  return new Response(isEmpty ? null : body, { status, headers });
}

function bytesOf(body: BodyInit | null | undefined): Uint8Array {
  if (body === null || body === undefined) return new Uint8Array();
  if (typeof body === "string") return utf8(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  return body as Uint8Array;
}

/** What may become of a request; gives how to call it. The first does no harm. */
export type Fate = (network: Network, packet: Packet, draws: Draws) => Promise<string>;

export const delivered: Fate = async (network, packet) => {
  const answer = await network.bring(packet);
  respond(packet, answer);
  return answer ? String(answer.status) : "away";
};

const dropped: Fate = async (_network, packet) => {
  packet.lose();
  return "dropped";
};

const unanswered: Fate = async (network, packet) => {
  const answer = await network.bring(packet);
  packet.lose();
  return `done, answer lost (${answer?.status})`;
};

const doubled: Fate = async (network, packet, draws) => {
  const answers = [await network.bring(packet), await network.bring(packet)];
  const heard = draws.below(2);
  respond(packet, answers[heard]);
  return `twice, answer ${heard + 1} heard (${answers.map((answer) => answer?.status).join(", ")})`;
};

const delayed: Fate = async (network, packet) => {
  packet.lose();
  network.late.push(packet);
  return "given up, still on its way";
};

const cutThere: Fate = async (network, packet, draws) => {
  const [cut, where] = draws.place(packet.body.length);
  await network.bring(packet, { cut });
  packet.lose();
  return `cut ${where}`;
};

const cutBack: Fate = async (network, packet, draws) => {
  const answer = await network.bring(packet);
  if (!answer || packet.method === "HEAD" || answer.body.length === 0) {
    packet.lose();
    return "answer cut before its first byte";
  }
  const [at, where] = draws.place(answer.body.length);
  const isClean = draws.chance(50);
  const part = answer.body.slice(0, at);
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(part),
    pull: (controller) => controller.error(new TypeError("terminated")),
  });
  packet.answer(new Response(isClean ? part : broken, { status: answer.status, headers: answer.headers }));
  return `answer ${isClean ? "ends" : "cut"} ${where}`;
};

const stripped: Fate = async (network, packet) => {
  const answer = await network.bring(packet);
  respond(packet, answer && { ...answer, headers: [] });
  return "done, headers of the answer lost";
};

const pages: [number, string, string][] = [
  [200, "text/html", "<html>Welcome! Accept the terms.</html>"],
  [302, "text/html", ""],
  [511, "text/html", "<html>Sign in</html>"],
  [502, "text/html", "<html>Bad gateway</html>"],
  [404, "text/plain", "nothing here"],
  [200, "application/json", "{}"],
];

const portal: Fate = async (_network, packet, draws) => {
  const [status, type, page] = pages[draws.below(pages.length)] as [number, string, string];
  respond(packet, { status, headers: [["Content-Type", type]], body: utf8(page) });
  return `a portal's ${status} ${type}`;
};

/** JSON of somebody who knows the protocol and holds no key: with a status they like, and at most a receipt they overheard. */
const forged: Fate = async (network, packet, draws) => {
  if (packet.path.endsWith("/sync/push")) return forgedPush(network, packet, draws);
  if (!packet.path.includes("/attachments")) return portal(network, packet, draws);
  const length = packet.headers.find(([name]) => name === "Upload-Length")?.[1] ?? "0";
  const overheard = draws.pick([undefined, network.lists, network.fileReceipts, network.fileReceipts])?.at(-1);
  const headers: [string, string][] = [["Upload-Offset", length]];
  if (overheard) headers.push(["Steppe-Receipt", overheard]);
  const status = { POST: 201, PATCH: 204 }[packet.method] ?? 200;
  respond(packet, { status, headers, body: new Uint8Array() });
  return `forged ${status}`;
};

async function forgedPush(network: Network, packet: Packet, draws: Draws): Promise<string> {
  const status = draws.pick(["stored", "duplicate", "quarantined"]);
  const overheard = network.lists[draws.below(Math.max(network.lists.length, 1))];
  const receipts = draws.chance(60) ? overheard : undefined;
  const results = Array.from({ length: mostItems }, () => ({
    status,
    ...(status === "quarantined" ? { reason: "x" } : {}),
  }));
  const items = itemsOf(packet);
  const forgery = { results: results.slice(0, items), receipts, server_time: new Date(clock.now).toISOString() };
  respond(packet, {
    status: 200,
    headers: [["Content-Type", "application/json"]],
    body: utf8(JSON.stringify(forgery)),
  });
  return `forged: ${items} × ${status}${receipts ? ", with a list of others" : ""}`;
}

const mostItems = 50;

/** How many reports a push holds. */
function itemsOf({ body }: Packet): number {
  return (JSON.parse(text(gunzipped(body))) as { items: unknown[] }).items.length;
}

/** Faults of the network by name: a schedule has some of them. */
export const fates = {
  dropped,
  unanswered,
  doubled,
  delayed,
  cutThere,
  cutBack,
  stripped,
  portal,
  forged,
} satisfies Record<string, Fate>;

const gunzipped = (body: Uint8Array) => new Uint8Array(gunzipSync(body));
