/** What an entry of the journal says: which rows of the database were put or deleted, their bytes as they lie there. */
import { type Bytes, concat, text, utf8 } from "../../wire/bytes";
import type { RowChange } from "../schema";

/** Where bytes lie that JSON cannot hold. */
interface Placed {
  "~": [offset: number, length: number];
}

const isPlaced = (value: unknown): value is Placed => typeof value === "object" && value !== null && "~" in value;

/** Buffers go behind the JSON as they are: in base64 a sealed report would take a third more. */
export function entryOf(changes: readonly RowChange[]): Bytes {
  const buffers: Bytes[] = [];
  let offset = 0;
  const json = utf8(
    JSON.stringify(changes, (_key, value: unknown) => {
      if (!(value instanceof ArrayBuffer)) return value;
      const placed: Placed = { "~": [offset, value.byteLength] };
      buffers.push(new Uint8Array(value));
      offset += value.byteLength;
      return placed;
    }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length);
  return concat(length, json, ...buffers);
}

/** The other way; throws a `SyntaxError` or `RangeError` when the bytes are no entry. */
export function changesOf(entry: Bytes): RowChange[] {
  const length = new DataView(entry.buffer, entry.byteOffset, entry.byteLength).getUint32(0);
  const buffers = entry.subarray(4 + length);
  return JSON.parse(text(entry.subarray(4, 4 + length)), (_key, value: unknown) => {
    if (!isPlaced(value)) return value;
    const [offset, size] = value["~"];
    return buffers.slice(offset, offset + size).buffer;
  }) as RowChange[];
}
