/**
 * Whether the end of a picture's file is there. Browsers draw what they have of a picture that was cut off and leave the
 * rest grey or black, and say nothing.
 */
import type { Bytes } from "../wire/bytes";

const word = (bytes: Bytes, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
const number32 = (bytes: Bytes, at: number, isLittle: boolean) =>
  at + 4 > bytes.length
    ? Number.POSITIVE_INFINITY
    : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, isLittle);

/** True when a JPEG, PNG or WebP file ends before its picture does. Of other kinds nothing is claimed. */
export function isCutOff(bytes: Bytes): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return !hasJpegEnd(bytes);
  if (word(bytes, 0) === "\u0089PNG") return !hasPngEnd(bytes);
  if (word(bytes, 0) === "RIFF" && word(bytes, 8) === "WEBP") return number32(bytes, 4, true) + 8 > bytes.length;
  return false;
}

/**
 * Goes from segment to segment (ITU-T T.81 annex B): a preview inside has an end mark of its own, and phones write more
 * behind the last one.
 */
function hasJpegEnd(bytes: Bytes): boolean {
  let at = 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) {
      at += 1;
      continue;
    }
    const mark = bytes[at + 1] ?? 0;
    if (mark === 0xd9) return true;
    // Fill bytes, a stuffed 0xFF of the picture's data, and marks that stand alone.
    const isAlone = mark === 0x00 || mark === 0x01 || (mark >= 0xd0 && mark <= 0xd8);
    if (mark === 0xff) at += 1;
    else if (isAlone) at += 2;
    else at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return false;
}

/** Chunks are length, name, data, checksum (PNG §5.3); the last one is called IEND. */
function hasPngEnd(bytes: Bytes): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + number32(bytes, at, false)) {
    if (word(bytes, at + 4) === "IEND") return true;
  }
  return false;
}
