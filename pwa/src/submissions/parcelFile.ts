/**
 * The file in which sealed reports travel without a network (protocol.md §8): lines of JSON, so that it can be written and
 * read piece by piece and what is whole in a file cut short is still of use. Text with the ending .txt: browsers hand only
 * a few kinds of file to other apps, and this is one of them. It holds no token and nothing that can be read.
 */
import { PUSH_BYTES } from "../engine/functions/limits";
import { type Bytes, b64u, concat, fromB64u, hex, sha256 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { mostSealedBytes } from "./batches";

const format = "parcels";
const version = 1;
/** Bytes of an attachment in one line. */
const pieceBytes = 192 * 1024;
/** Characters: a sealed report fits in a push, and nothing longer is a line of ours. */
const longestLine = 2 * PUSH_BYTES;
const mostFileBytes = 20 * 1024 * 1024;
const mostReports = 10_000;

/** A sealed report as the file tells of it. Only `sealed` is sure: the rest are the words of whoever wrote the file. */
export interface FiledReport {
  revision: string;
  hash: string;
  deviceSeq: number;
  /** JWE, compact. */
  sealed: string;
  attachments: { sha256: string; size: number }[];
}

/** What a file can hold besides its first line. */
export type FilePart =
  | { report: FiledReport }
  /** Whole, and its hash is the one it is named by. */
  | { file: { sha256: string; bytes: Bytes } }
  /** A signed list (protocol.md §4). */
  | { receipts: string }
  /** An attachment's receipt (protocol.md §5). */
  | { fileReceipt: string };

export class ParcelFileWriter {
  readonly #parts: Blob[] = [];
  #reports = 0;
  #files = 0;

  constructor(mission: string, madeAt: Date = new Date()) {
    this.#line({ steppe: format, version, mission, made_at: madeAt.toISOString() });
  }

  report({ revision: id, hash, deviceSeq: device_seq, attachments, sealed }: FiledReport): void {
    this.#reports++;
    const facts = attachments.map(({ sha256: address, size }) => ({ sha256: address, size }));
    this.#line({ report: { id, hash, device_seq, attachments: facts }, sealed });
  }

  /** `address`: hex SHA-256 of the bytes. */
  file(address: string, bytes: Bytes): void {
    this.#files++;
    for (let offset = 0; offset < bytes.length; offset += pieceBytes)
      this.#line({
        file: address,
        size: bytes.length,
        offset,
        bytes: b64u(bytes.subarray(offset, offset + pieceBytes)),
      });
  }

  receipts(list: string): void {
    this.#line({ receipts: list });
  }

  fileReceipt(receipt: string): void {
    this.#line({ file_receipt: receipt });
  }

  /** The whole file. */
  end(): Blob {
    this.#line({ end: { reports: this.#reports, files: this.#files } });
    return new Blob(this.#parts, { type: "text/plain" });
  }

  /** A blob a line: the browser may keep them on disk, where a string would stay in memory. */
  #line(content: unknown): void {
    this.#parts.push(new Blob([`${JSON.stringify(content)}\n`]));
  }
}

/** What is known of a file once it is read. */
export interface FileReading {
  mission: string;
  /** Its last line was there. If not, the file was cut short: what was whole has been handed on. */
  isWhole: boolean;
}

/**
 * Reads a file part by part; `take` is awaited for each. Rejects with `parcels-foreign` for what is no such file and
 * `parcels-newer` for one of a later version: then nothing was handed on. `begin` hears the mission first and may reject.
 */
export async function readParcelFile(
  file: Blob,
  begin: (mission: string) => Promise<void> | void,
  take: (part: FilePart) => Promise<void> | void,
): Promise<FileReading> {
  const lines = linesOf(file);
  const head = (await lines.next()).value;
  if (head?.steppe !== format || typeof head.mission !== "string") throw new FieldProblem("parcels-foreign");
  if (head.version !== version) throw new FieldProblem("parcels-newer");
  const { mission } = head;
  await begin(mission);
  const assembly = new FileAssembly();
  let reports = 0;
  for await (const line of lines) {
    if (typeof line.end === "object" && line.end !== null) return { mission, isWhole: true };
    const part = await partOf(line, assembly);
    if (!part || ("report" in part && ++reports > mostReports)) continue;
    await take(part);
  }
  return { mission, isWhole: false };
}

type Line = Record<string, unknown>;

/** Yields the objects of a file until its end, or until a line that is none: the file is damaged or cut short there. */
async function* linesOf(file: Blob): AsyncGenerator<Line, undefined> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const text of lines.filter((each) => each.trim() !== "")) {
        const line = objectOf(text);
        if (!line) return undefined;
        yield line;
      }
      if (done || rest.length > longestLine) return undefined;
    }
  } finally {
    // Left early: the rest of the file is not read.
    await reader.cancel();
  }
}

function objectOf(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined;
    throw failure;
  }
}

/** A line of a kind this version does not know is passed over, as is one whose facts are of the wrong kind. */
async function partOf(line: Line, assembly: FileAssembly): Promise<FilePart | undefined> {
  if (typeof line.receipts === "string") return { receipts: line.receipts };
  if (typeof line.file_receipt === "string") return { fileReceipt: line.file_receipt };
  if (typeof line.file === "string") return assembly.add(line.file, line);
  const report = reportOf(line);
  return report && { report };
}

const jwe = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/;
const address = /^[0-9a-f]{64}$/;

function reportOf({ report, sealed }: Line): FiledReport | undefined {
  if (typeof report !== "object" || report === null || typeof sealed !== "string") return undefined;
  const { id: revision, hash, device_seq: deviceSeq, attachments } = report as Line;
  if (typeof revision !== "string" || typeof hash !== "string" || !Number.isSafeInteger(deviceSeq)) return undefined;
  if (!jwe.test(sealed) || sealed.length > mostSealedBytes || !Array.isArray(attachments)) return undefined;
  if (!attachments.every(isFact)) return undefined;
  const facts = attachments.map(({ sha256: name, size }) => ({ sha256: name, size }));
  return { revision, hash, deviceSeq: deviceSeq as number, sealed, attachments: facts };
}

function isFact(fact: unknown): fact is { sha256: string; size: number } {
  if (typeof fact !== "object" || fact === null) return false;
  const { sha256: name, size } = fact as Line;
  return typeof name === "string" && address.test(name) && isSize(size);
}

const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && (size as number) > 0;

/** The attachment whose pieces are coming in; they come one after another. */
class FileAssembly {
  #name = "";
  #pieces: Bytes[] = [];
  #length = 0;

  /** The file, once a piece completes what its name promises. */
  async add(name: string, { size, offset, bytes: encoded }: Line): Promise<FilePart | undefined> {
    if (!address.test(name) || typeof encoded !== "string" || !isSize(size) || size > mostFileBytes) return undefined;
    if (name !== this.#name || offset === 0) {
      this.#name = name;
      this.#pieces = [];
      this.#length = 0;
    }
    const piece = bytesOf(encoded);
    if (!piece || offset !== this.#length || this.#length + piece.length > size) return undefined;
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length < size) return undefined;
    const bytes = concat(...this.#pieces.splice(0));
    return hex(await sha256(bytes)) === name ? { file: { sha256: name, bytes } } : undefined;
  }
}

function bytesOf(encoded: string): Bytes | undefined {
  try {
    return fromB64u(encoded);
  } catch (failure) {
    if (failure instanceof DOMException) return undefined;
    throw failure;
  }
}
