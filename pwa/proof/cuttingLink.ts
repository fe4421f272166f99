/** A link between a phone and a real server on this machine that is cut at a byte, of what goes up or of what comes down. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export type Direction = "up" | "down";

export interface Cut {
  direction: Direction;
  /** So many bytes pass, over all connections since the link was armed, and none after them. */
  at: number;
  /** Closed in good order, or with a reset, as by a middlebox that has forgotten the connection. */
  how: "closed" | "reset";
}

/** Until both ends hang up: what was passed on shall have been read before, or nobody would be at this byte. */
const settleMs = 2;

export class CuttingLink {
  /** Bytes that passed since the link was armed. */
  readonly passed = { up: 0, down: 0 };
  /** Answers of status 5xx that passed since it was made. */
  failures = 0;
  /** How often it was cut since it was made. */
  cuts = 0;
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #cut: Cut | undefined;
  /** What arrives in the moment before both ends hang up goes nowhere. */
  #isBroken = false;

  private constructor(serverPort: number) {
    this.#server = createServer((phone) => {
      const server = connect(serverPort, "127.0.0.1");
      this.#pass(phone, server, "up");
      this.#pass(server, phone, "down");
    });
  }

  static async to(serverPort: number): Promise<CuttingLink> {
    const link = new CuttingLink(serverPort);
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Counts from here on; without `cut` everything passes. */
  arm(cut?: Cut): void {
    this.#cut = cut;
    this.passed.up = 0;
    this.passed.down = 0;
  }

  #pass(source: Socket, sink: Socket, direction: Direction): void {
    this.#ends.add(source);
    source.on("data", (piece) => this.#take(piece as Buffer, sink, direction));
    // Whoever was cut off says so; what it was about is told by the phone and by the server's log.
    source.on("error", () => undefined);
    source.on("close", () => {
      this.#ends.delete(source);
      sink.destroySoon();
    });
  }

  #take(piece: Buffer, sink: Socket, direction: Direction): void {
    if (direction === "down" && piece.subarray(0, 10).toString("latin1").startsWith("HTTP/1.1 5")) this.failures++;
    if (this.#isBroken) return;
    const cut = this.#cut;
    const left = cut?.direction === direction ? cut.at - this.passed[direction] : Number.POSITIVE_INFINITY;
    const passing = piece.subarray(0, Math.min(left, piece.length));
    this.passed[direction] += passing.length;
    this.#isBroken = passing.length === left;
    sink.write(passing);
    if (cut && this.#isBroken) setTimeout(() => this.#hangUp(cut.how), settleMs);
  }

  #hangUp(how: Cut["how"]): void {
    this.#cut = undefined;
    this.#isBroken = false;
    this.cuts++;
    for (const end of this.#ends) {
      if (how === "reset") end.resetAndDestroy();
      else end.destroySoon();
    }
  }
}
