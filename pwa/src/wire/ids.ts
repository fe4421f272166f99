/**
 * Ids, made by whoever makes the thing. Those that lie in clear on a locked phone are UUIDv4, which tells nothing; the others
 * UUIDv7 (RFC 9562 §5.7), rising even within one millisecond and when the clock steps back.
 */
import { hex, randomBytes } from "./bytes";

let lastTime = 0;
let lastCounter = 0;

/** 48 bits of milliseconds, 12 bits of counter (method 1 of §6.2), 62 bits of chance. */
export function uuid7(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    // The upper bit stays free so that 2,048 more ids fit into this millisecond.
    lastCounter = (randomBytes(2)[0] as number) << 3;
  } else {
    lastCounter += 1;
    if (lastCounter > 0xfff) {
      lastTime += 1;
      lastCounter = 0;
    }
  }
  const bytes = randomBytes(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(lastTime / 0x10000));
  view.setUint16(4, lastTime % 0x10000);
  view.setUint16(6, 0x7000 | lastCounter);
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const digits = hex(bytes);
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    "-",
  );
}

/** 122 bits of chance: when the thing was made cannot be read from it. */
export const timelessId = (): string => crypto.randomUUID();

/** Whether an id holds the time it was made (RFC 9562: versions 1 and 7), as those of earlier apps do. */
export const tellsTime = (id: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[17]/.test(id);
