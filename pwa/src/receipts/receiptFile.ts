/**
 * What a receipt file proves to whoever trusts its mission's key, or which part of it does not fit (protocol.md §10, §11).
 * `backend/steppe/backup/receipts/receipt_check.py` does the same; `tests/vectors/receipts.json` is run by both. Asks nobody: no network,
 * no storage.
 */
import canonicalize from "canonicalize";
import { SIGNED_BYTES } from "../engine/functions/limits";
import { isAmong, nextList } from "../people/keyList";
import { contentHash, type Revision, splitSigned } from "../submissions/revision";
import { type Bytes, b64u, fromB64u, utf8 } from "../wire/bytes";
import { verifyCompact, verifyDetached, verifyingKey } from "../wire/jws";
import { thumbprint } from "../wire/thumbprint";
import { leafHash, rootByPath } from "./merkle";

const proofType = "steppe-proof+jws";
const checkpointType = "steppe-checkpoint+jws";
const mostBytes = 4 * 1024 * 1024;

const ofCheckpoints = ["checkpoint", "key", "keys", "steppe", "version"];
const ofReceipts = ["key", "keys", "proof", "report", "steppe", "version"];
const ofCovered = [...ofReceipts, "checkpoint", "entry", "path", "place"].sort();

/** The first thing that does not fit, in the order in which it is looked at. */
export type ReceiptFault =
  | "too-large"
  | "no-receipt"
  | "not-as-written"
  | "other-key"
  | "keys"
  | "proof"
  | "report"
  | "content"
  | "device"
  | "names"
  | "checkpoint"
  | "entry"
  | "path"
  | "kept"
  | "kept-other-key"
  | "uncovered"
  | "other-checkpoint"
  | "two-pasts";

/** A receipt file that proves nothing. */
export class BadReceiptFile extends Error {
  constructor(
    readonly fault: ReceiptFault,
    /** `other-checkpoint`: the one the file stands under, and the one that was kept. */
    readonly heads?: { file: Head; kept: Head },
  ) {
    super(fault);
    this.name = "BadReceiptFile";
  }
}

/** What a checkpoint says of the receipts of a mission: when, how many there were, and the root of their tree. */
export interface Head {
  mission: string;
  at: string;
  size: number;
  root: string;
}

/** What a file proves, of the mission whose key is `key`. */
export interface Proven {
  /** The thumbprint (RFC 7638) of the key all of it rests on: the mission's root, or its receipt key. */
  key: string;
  mission: string;
  report: string;
  hash: string;
  device: string;
  deviceSeq: number;
  seq: number;
  epoch: number;
  receivedAt: string;
  signedAt: string;
  /** The checkpoint it stands under; without one the time rests on the mission's word alone. */
  coveredBy: Head | undefined;
  /** Whether it stands under the checkpoint that the reader kept. */
  isHeld: boolean;
  /** What the phone signed. */
  revision: Revision;
}

interface Trust {
  /** The thumbprint that the reader was told by another way; without it the file's own key is taken, and named. */
  key?: string | undefined;
  /** A file with a checkpoint that the reader kept since it was made. */
  kept?: Bytes | undefined;
}

type Members = Record<string, unknown>;

/** Rejects with `BadReceiptFile` when the file proves nothing. */
export async function checkReceiptFile(content: Bytes, trust: Trust = {}): Promise<Proven> {
  if (content.length > mostBytes) throw new BadReceiptFile("too-large");
  const told = await or("no-receipt", () => parsed(content));
  const isCovered = told.version === 2;
  must(told.version === 1 || isCovered, "no-receipt");
  must(isOf(told, "receipt", isCovered ? ofCovered : ofReceipts), "no-receipt");
  const keys = await keysToldBy(told, content, trust.key);
  const proof = await signed(told.proof, proofType, keys.receipt, "proof");
  must(keys.mission === undefined || keys.mission === proof.mission, "keys");
  const revision = await receiptedReport(told.report, proof);
  const coveredBy = isCovered ? await covering(told, proof, keys) : undefined;
  if (trust.kept) compare(coveredBy, await keptHead(trust.kept, keys.trusted));
  return {
    key: keys.trusted,
    mission: proof.mission as string,
    report: revision.id,
    hash: proof.hash as string,
    device: revision.device,
    deviceSeq: revision.device_seq,
    seq: proof.seq as number,
    epoch: proof.epoch as number,
    receivedAt: proof.received_at as string,
    signedAt: proof.at as string,
    coveredBy,
    isHeld: trust.kept !== undefined,
    revision,
  };
}

/** The report that the phone signed, when it is the one that was receipted. */
async function receiptedReport(report: unknown, proof: Members): Promise<Revision> {
  const { jws, kid, canonical } = await or("report", () => {
    const raw = fromB64u(report as string);
    const { jws, canonical } = splitSigned(raw);
    const [, header = ""] = /^([\w-]{1,400})\.\.[\w-]{86}$/.exec(jws) ?? [];
    const { kid, ...rest } = JSON.parse(strictText(fromB64u(header))) as Members;
    const isWritten = b64u(raw) === report && isSpelled(jws.slice(header.length + 2)) && raw.length < SIGNED_BYTES;
    must(isWritten && typeof kid === "string" && canonicalize(rest) === signedHeader, "report");
    return { jws, kid, canonical };
  });
  must((await contentHash(canonical)) === proof.hash, "content");
  const isSigned = await or("device", async () =>
    verifyDetached(jws, canonical, await verifyingKey(proof.device_jwk as JsonWebKey)),
  );
  must(isSigned, "device");
  const said = await or("names", () => parsed(canonical));
  must(said.id === proof.id && said.device === proof.device && said.device_seq === proof.device_seq, "names");
  must(kid === proof.device, "names");
  return said as unknown as Revision;
}

const signedHeader = canonicalize({ alg: "ES256", b64: false, crit: ["b64"] });

/** The checkpoint under which the file shows the receipt to stand. */
async function covering({ entry, path, place, checkpoint }: Members, proof: Members, keys: Keys): Promise<Head> {
  const head = await headOf(checkpoint, keys, "checkpoint");
  const shown = ["mission", "id", "hash", "device_seq", "seq", "outcome"];
  const isItsOwn = await or("entry", () => {
    const of = entry as Members;
    return shown.every((member) => of[member] === proof[member]) && of.at === proof.received_at;
  });
  must(isItsOwn, "entry");
  const root = await or("path", async () => {
    const steps = (path as string[]).map(fromHex);
    must(typeof place === "number", "path");
    return rootByPath(await leafHash(utf8(canonicalize(entry) as string)), place as number, head.size, steps);
  });
  must(root === head.root && (entry as Members).mission === head.mission, "path");
  return head;
}

async function keptHead(content: Bytes, trusted: string): Promise<Head> {
  const told = await or("kept", () => parsed(content));
  must(told.version === 1 && isOf(told, "checkpoint", ofCheckpoints), "kept");
  const keys = await keysToldBy(told, content, trusted).catch((failure: unknown) => {
    const isOther = failure instanceof BadReceiptFile && failure.fault === "other-key";
    throw new BadReceiptFile(isOther ? "kept-other-key" : "kept");
  });
  const head = await headOf(told.checkpoint, keys, "kept");
  must(keys.mission === undefined || keys.mission === head.mission, "kept");
  return head;
}

function compare(file: Head | undefined, kept: Head): void {
  if (!file || file.mission !== kept.mission) throw new BadReceiptFile("uncovered");
  if (file.size !== kept.size) throw new BadReceiptFile("other-checkpoint", { file, kept });
  must(file.root === kept.root, "two-pasts");
}

interface Keys {
  /** The thumbprint of the key that all of it rests on. */
  trusted: string;
  receipt: JsonWebKey[];
  /** The mission they are listed for; undefined where no list leads to them. */
  mission: string | undefined;
}

/** The receipt keys to which a file leads from the one that is trusted. */
async function keysToldBy(told: Members, content: Bytes, expected: string | undefined): Promise<Keys> {
  const key = told.key as JsonWebKey;
  await or("not-as-written", async () => {
    must(
      canonicalize(Object.keys(key).sort()) === '["crv","kty","x","y"]' && Array.isArray(told.keys),
      "not-as-written",
    );
    must(isSpelled(key.x as string) && isSpelled(key.y as string), "not-as-written");
    const written = utf8(`${canonicalize(told)}\n`);
    must(written.length === content.length && written.every((byte, at) => byte === content[at]), "not-as-written");
    await verifyingKey(key);
  });
  const trusted = await thumbprint(key);
  must(expected === undefined || trusted === expected, "other-key");
  let keys: Keys & { serial: number } = { trusted, receipt: [key], mission: undefined, serial: 0 };
  for (const [at, statement] of (told.keys as unknown[]).entries()) keys = await withList(keys, statement, at === 0);
  return keys;
}

/** The keys with one list more believed: the first is the whole truth, as the root says it; a receipt key only adds. */
async function withList(
  keys: Keys & { serial: number },
  statement: unknown,
  isFirst: boolean,
): Promise<Keys & { serial: number }> {
  const list = await or("keys", async () => {
    const signer = await named(statement, keys.receipt);
    const { serial } = keys;
    const held = isFirst ? { root: signer, receipt: [] } : { receipt: [signer] };
    return nextList(statement as string, { serial, rootSerial: serial, ...held });
  });
  if (!list || !(isFirst || list.mission === keys.mission)) throw new BadReceiptFile("keys");
  const added = list.receipt.filter((one) => isFirst || !isAmong(one, keys.receipt));
  return {
    ...keys,
    receipt: isFirst ? added : [...keys.receipt, ...added],
    mission: list.mission,
    serial: list.serial,
  };
}

/** What one of these keys signed as `typ`: the one that it names. */
async function signed(
  token: unknown,
  typ: string,
  receipt: readonly JsonWebKey[],
  fault: ReceiptFault,
): Promise<Members> {
  return or(fault, async () => {
    const payload = await verifyCompact(token as string, typ, await verifyingKey(await named(token, receipt)));
    must(typeof payload === "object" && payload !== null && !Array.isArray(payload), fault);
    return payload as Members;
  });
}

/** The key that a signature names. Throws for a text that is not in the one form of a signature, and for another key. */
async function named(token: unknown, keys: readonly JsonWebKey[]): Promise<JsonWebKey> {
  const parts = (token as string).split(".");
  const { kid } = parsed(fromB64u(parts[0] as string));
  for (const key of keys) if (parts.every(isSpelled) && (await thumbprint(key)) === kid) return key;
  throw new Error("signed by none of these keys");
}

async function headOf(checkpoint: unknown, { receipt }: Keys, fault: ReceiptFault): Promise<Head> {
  const { mission, at, receipts } = await signed(checkpoint, checkpointType, receipt, fault);
  return or(fault, () => {
    const { size, root } = receipts as { size: number; root: string };
    return { mission: mission as string, at: at as string, size, root };
  });
}

function isOf(told: Members, what: string, members: readonly string[]): boolean {
  return told.steppe === what && Object.keys(told).sort().join() === members.join();
}

/** Whether base64url is written without need: two texts may stand for the same bytes, and only this one counts. */
const isSpelled = (encoded: string): boolean => b64u(fromB64u(encoded)) === encoded;

// Anything that is no UTF-8 is no JSON, and a mark at its beginning would be another file's.
const strictText = (bytes: Bytes): string => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

/** A JSON object. Throws for anything else. */
function parsed(bytes: Bytes): Members {
  const told: unknown = JSON.parse(strictText(bytes));
  if (typeof told !== "object" || told === null || Array.isArray(told)) throw new SyntaxError("no object");
  return told as Members;
}

function fromHex(step: string): Bytes {
  if (!/^(?:[\da-f]{2})*$/.test(step)) throw new SyntaxError("no hex");
  return Uint8Array.from(step.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** Names what cannot be read, or is not there, as this fault: who made the file decides what is thrown on the way. */
async function or<T>(fault: ReceiptFault, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (failure) {
    throw failure instanceof BadReceiptFile ? failure : new BadReceiptFile(fault);
  }
}

function must(holds: boolean, fault: ReceiptFault): void {
  if (!holds) throw new BadReceiptFile(fault);
}
