/** The way to the server's process: requests of phones, and what the schedule does to the server. */
import { Buffer } from "node:buffer";
import process from "node:process";
import { clock } from "./world";

export interface Header {
  [name: string]: unknown;
}
export interface Message {
  header: Header;
  body: Uint8Array<ArrayBuffer>;
}

const waiting = new Map<number, (message: Message) => void>();
let last = 0;

/** Begins to listen; `take` gets what is no answer. */
export function listen(take: (header: Header) => void): void {
  let held: Buffer = Buffer.alloc(0);
  process.stdin.on("data", (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    for (;;) {
      if (held.length < 8) return;
      const [head, length] = [held.readUInt32BE(0), held.readUInt32BE(4)];
      const end = 8 + head + length;
      if (held.length < end) return;
      const header = JSON.parse(held.subarray(8, 8 + head).toString()) as Header;
      const body = new Uint8Array(held.subarray(8 + head, end));
      held = held.subarray(end);
      const answer = waiting.get(header.id as number);
      waiting.delete(header.id as number);
      if (answer) answer({ header, body });
      else take(header);
    }
  });
  process.stdin.on("end", () => process.exit(0));
}

export function tell(header: Header, body: Uint8Array = new Uint8Array()): void {
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  process.stdout.write(Buffer.concat([lengths, head, body]));
}

/** Asks something of the server's process, at the schedule's time. */
export function order(header: Header, body?: Uint8Array): Promise<Message> {
  const id = ++last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    tell({ ...header, id, now: clock.now / 1000 }, body);
  });
}

/** The same, for its answer alone. */
export async function done<T>(what: string, more: Header = {}): Promise<T> {
  return (await order({ what, ...more })).header.answer as T;
}
