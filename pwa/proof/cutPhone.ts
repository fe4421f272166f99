/** A phone behind a link that is cut: after each cut it tries again, and must stand where it stands without one. */

import { deviceKey } from "../src/people/device";
import { ProvingContact } from "../src/people/dpop";
import { enrol, enrolmentOf } from "../src/people/enrolment";
import { pull } from "../src/sync/pull";
import { pushOutbox } from "../src/sync/push";
import { FieldProblem } from "../src/wire/problem";
import { type Cut, CuttingLink, type Direction } from "./cuttingLink";
import { ProofPhone, server } from "./phone";

/** Enough that of a chunk whose line broke the server keeps what came (docs/protocol.md §5: from 4 KiB on). */
const photoBytes = 5_000;
const mostRounds = 5;
/** What grows with every report, and is not what is asked here. */
const grown = ["retained", "received", "receiptLists", "copies", "labels", "ledger", "attachments", "photos"] as const;

export class CutPhone {
  /** `[revision, content hash]` of each report that was finished here. */
  readonly finished: [revision: string, hash: string][] = [];
  /** What passed the link in the last trial. */
  bytes: Record<Direction, number> = { up: 0, down: 0 };
  #reports = 0;
  /** How many of the finished ones were looked for. */
  #sent = 0;
  #checklist = "";
  /** The link counts from the next request on to this path. */
  #waiting: { path: string; cut: Cut | undefined } | undefined;
  #beforePull: [key: IDBValidKey, value: unknown][] = [];
  #pulled = "";

  private constructor(
    readonly link: CuttingLink,
    readonly phone: ProofPhone,
  ) {}

  static async enrolled(name: string, serverPort: number, code: string): Promise<CutPhone> {
    const link = await CuttingLink.to(serverPort);
    const phone: CutPhone = new CutPhone(
      link,
      new ProofPhone(name, "", { fetchOf: () => phone.fetch }, () => undefined),
    );
    await phone.phone.start();
    await phone.#enrol(code);
    return phone;
  }

  /** The machine's own, through the link. */
  readonly fetch: typeof fetch = (input, init) => {
    const address = String(input).replace(server, this.link.address);
    if (this.#waiting && address.endsWith(this.#waiting.path)) {
      this.link.arm(this.#waiting.cut);
      this.#waiting = undefined;
    }
    return globalThis.fetch(address, init);
  };

  async #enrol(code: string): Promise<void> {
    const { vault, database, rounds } = this.phone.parts;
    await enrol(vault, database, { server, fetch: this.fetch }, code);
    await rounds.run();
    const [held] = await vault.all<unknown>("checklists");
    if (!held) throw new Error(`no checklist came: ${JSON.stringify(rounds.status)}`);
    this.#checklist = held.id;
  }

  /** Notes what a pull begins with, and lets it bring three reports: from here on nobody may bring headquarters another. */
  async preparePull(): Promise<void> {
    await this.#pullAll();
    this.#beforePull = (await this.phone.readRows()).get("feed") ?? [];
    for (let report = 0; report < 3; report++) await this.finish(0);
    await this.#pushAll();
    this.#sent = this.finished.length;
  }

  async finish(bytes: number): Promise<void> {
    const { drafts, attachments, outbox, database } = this.phone.parts;
    const draft = await drafts.start(this.#checklist);
    const picture = new Blob([crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536)))]);
    const whole = new Blob(Array.from({ length: Math.ceil(bytes / 65_536) }, () => picture)).slice(
      0,
      bytes,
      "image/jpeg",
    );
    const photo = bytes ? await attachments.add(draft.submission, whole, { as: "picture" }) : undefined;
    const remarks = `${this.phone.name}-${++this.#reports}`;
    const answers = { station: "101", remarks, ...(photo ? { photo: photo.sha256 } : {}) };
    const { revision } = await outbox.finish(await drafts.save({ ...draft, answers }), answers, undefined);
    const row = await database.read(["outbox"], (t) => t.objectStore("outbox").get(revision));
    if (!row) throw new Error("a finished report does not wait");
    this.finished.push([revision, row.hash]);
  }

  /** Three reports, pushed over a link that is cut; gives in how many rounds they went. */
  async push(cut: Cut | undefined): Promise<number> {
    for (let report = 0; report < 3; report++) await this.finish(0);
    return this.#send("/sync/push", cut);
  }

  /** A report's photo, the report before it unharmed. */
  async upload(cut: Cut | undefined): Promise<number> {
    await this.finish(photoBytes);
    return this.#send("/attachments", cut);
  }

  /** What three reports of its own have become at headquarters. */
  async pull(cut: Cut | undefined): Promise<number> {
    await this.phone.disk.write(["feed"], async (t) => {
      await t.objectStore("feed").clear();
      for (const [key, value] of this.#beforePull) await t.objectStore("feed").put(value as never, key as never);
    });
    this.#waiting = { path: "/sync/pull", cut };
    const rounds = await this.#pullAll();
    this.#disarm();
    const rows = await this.phone.parts.vault.all<unknown>("feed");
    const pulled = JSON.stringify(rows.sort((a, b) => (a.id < b.id ? -1 : 1)));
    // The first is the one that nobody cut.
    this.#pulled ||= pulled;
    if (pulled !== this.#pulled) throw new Error("another cursor or other rows than without a cut");
    return rounds;
  }

  async #send(path: string, cut: Cut | undefined): Promise<number> {
    this.#waiting = { path, cut };
    const rounds = await this.#pushAll();
    this.#disarm();
    const { disk } = this.phone;
    const received = await disk.read(["received"], (t) => t.objectStore("received").getAllKeys());
    const sent = this.finished.slice(this.#sent);
    this.#sent = this.finished.length;
    if (sent.some(([revision]) => !received.includes(revision))) throw new Error("no receipt is kept of what was sent");
    await disk.write([...grown], async (t) => {
      for (const store of grown) await t.objectStore(store).clear();
    });
    return rounds;
  }

  #disarm(): void {
    this.bytes = { ...this.link.passed };
    this.link.arm();
  }

  async #pushAll(): Promise<number> {
    const { database } = this.phone.parts;
    for (let rounds = 1; rounds <= mostRounds; rounds++) {
      const { left, problem } = await pushOutbox({ database, fetch: this.fetch }, false);
      if (left === 0 && problem === undefined) return rounds;
      if (problem !== "no-contact" && problem !== "not-the-server") throw new Error(`round ${rounds} says ${problem}`);
    }
    throw new Error(`not all went in ${mostRounds} rounds`);
  }

  async #pullAll(): Promise<number> {
    const { vault, database } = this.phone.parts;
    const enrolment = await enrolmentOf(vault);
    if (!enrolment) throw new Error("not enrolled");
    const credentials = { device: await deviceKey(vault), accessToken: enrolment.accessToken };
    const proving = new ProvingContact({ server, fetch: this.fetch }, credentials, enrolment.nonce);
    for (let rounds = 1; rounds <= mostRounds; rounds++) {
      try {
        await pull({ vault, database, proving, progress: () => undefined });
        return rounds;
      } catch (failure) {
        if (!(failure instanceof FieldProblem && failure.slug === "no-contact")) throw failure;
      }
    }
    throw new Error(`no pull came through in ${mostRounds} rounds`);
  }
}

/** What still waits on a phone when it should not, and what failed on it in a way that nobody foresaw. */
export async function isWhole({ phone }: CutPhone): Promise<string[]> {
  const waiting = await phone.disk.read(["outbox"], (t) => t.objectStore("outbox").count());
  return [...phone.faults, ...(waiting > 0 ? [`${waiting} reports wait on ${phone.name}`] : [])];
}
