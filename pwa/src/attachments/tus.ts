/** Resumable upload, the phone's side of protocol.md §5. Runs in windows and in the service worker. */
import { type Bytes, base64, sha256, utf8 } from "../wire/bytes";
import { type Contact, problemOf, send } from "../wire/contact";
import { FieldProblem } from "../wire/problem";

/** The first piece: small enough that a bad network gets one through. */
export const leastChunkBytes = 64 * 1024;
/** What the server takes at once; each piece that got through makes the next four times as large, until here. */
const mostChunkBytes = 1024 * 1024;
/** Corrections in a row (wrong offset, damaged chunk, begun anew) before the phone leaves it for the next round. */
const corrections = 5;

export interface Upload {
  /** Hex, of `bytes`. */
  sha256: string;
  bytes: Bytes;
}

interface TusTarget {
  contact: Contact;
  /** What every request carries besides: a phone's push token, or the desk's session. */
  caller: Pick<RequestInit, "credentials"> & { headers: Record<string, string> };
}

/**
 * Sends what the server lacks of these bytes and gives its signed receipt (to be verified by the caller).
 * Rejects with `no-contact`, `attachment-unknown` (the report is not there yet), `upload-damaged`, or the server's problem;
 * asking again goes on where the server stopped.
 */
export async function upload(target: TusTarget, file: Upload, progress: (bytes: number) => void): Promise<string> {
  let state = await begin(target, file);
  let size = leastChunkBytes;
  for (let patience = corrections; patience > 0; ) {
    if (state.receipt) return state.receipt;
    progress(state.offset);
    const next = await patch(target, file, state.offset, size);
    size = next.offset > state.offset ? Math.min(size * 4, mostChunkBytes) : leastChunkBytes;
    // Only going forward renews the patience: a server that keeps sending us back must not hold the phone for ever.
    patience = next.offset > state.offset ? corrections : patience - 1;
    state = next;
  }
  throw new FieldProblem("upload-damaged", file.sha256);
}

interface State {
  offset: number;
  receipt: string | undefined;
}

const address = (file: Upload) => `/attachments/${file.sha256}`;

function request({ contact, caller }: TusTarget, path: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, ...caller.headers, "Tus-Resumable": "1.0.0" };
  return send(contact, path, { ...caller, ...init, headers });
}

async function begin(target: TusTarget, file: Upload): Promise<State> {
  const response = await request(target, "/attachments", {
    method: "POST",
    headers: {
      "Upload-Length": String(file.bytes.length),
      "Upload-Metadata": `sha256 ${base64(utf8(file.sha256))}`,
    },
  });
  if (response.status !== 201) throw await problemOf(response);
  return stateOf(response, file);
}

async function patch(target: TusTarget, file: Upload, offset: number, size: number): Promise<State> {
  const chunk = file.bytes.slice(offset, offset + size);
  const response = await request(target, address(file), {
    method: "PATCH",
    headers: {
      "Upload-Offset": String(offset),
      "Upload-Checksum": `sha256 ${base64(await sha256(chunk))}`,
      "Content-Type": "application/offset+octet-stream",
    },
    // An ArrayBuffer, never a Blob: Safari sends blobs that were stored with 0 bytes.
    body: chunk.buffer,
  });
  if (response.status === 204) return stateOf(response, file);
  // 409: somebody else sent meanwhile. 460: the chunk was damaged on the way. 404: it was cleared away.
  if (response.status === 409) return head(target, file);
  if (response.status === 460) return { offset, receipt: undefined };
  if (response.status === 404) return begin(target, file);
  throw await problemOf(response);
}

async function head(target: TusTarget, file: Upload): Promise<State> {
  const response = await request(target, address(file), { method: "HEAD" });
  if (!response.ok) throw await problemOf(response);
  return stateOf(response, file);
}

function stateOf(response: Response, file: Upload): State {
  const offset = Number(response.headers.get("Upload-Offset") ?? Number.NaN);
  const receipt = response.headers.get("Steppe-Receipt") ?? undefined;
  if (!Number.isInteger(offset) || offset < 0 || offset > file.bytes.length) throw new FieldProblem("not-the-server");
  return { offset, receipt };
}
