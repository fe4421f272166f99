/**
 * Receipts: the server's signed word that it holds something, and how far what it holds is safe. Nothing else lets a report
 * leave the phone. Pure verification; what follows from it is written by settle.ts.
 */
import type { AttachmentFact, OutboxRow, SafetyWord, Transport } from "../vault/schema";
import { verifyCompact, verifyingKey } from "../wire/jws";

const receiptType = "steppe-receipt+jws";
const orderType = "steppe-order+jws";

/** One entry of a receipt list: by id and hash, or by the sealed text when the server could not read it. */
export interface ReceiptEntry {
  id?: string;
  hash?: string;
  sealed?: string;
  seq: number;
  at: string;
  /** Why a person has to look at it; servers of earlier versions say so only beside the list. */
  reason?: string;
}

/** Anything that a mission's server signed. */
export interface Signed extends SafetyWord {
  mission: string;
  /** As it came: what is kept of it, and handed on. */
  jws: string;
}

export interface ReceiptList extends Signed {
  entries: ReceiptEntry[];
}

/** Of an attachment that the server holds whole. `at`: when it had become so. */
export interface FileReceipt extends Signed {
  sha256: string;
  size: number;
  /** The mission's number of its completion; servers of earlier versions give none. */
  seq?: number;
}

/** The list, when this mission's server signed it; undefined for anything else. */
export async function verifiedList(jws: unknown, transport: Transport): Promise<ReceiptList | undefined> {
  const payload = await serverSaid(jws, receiptType, transport);
  if (!Array.isArray(payload?.items)) return undefined;
  return { ...wordOf(payload, jws as string), entries: payload.items.filter(isEntry) };
}

/** The entry that is about exactly this report: same id and content, or the same sealed text. */
export function entryFor(
  row: Pick<OutboxRow, "revision" | "hash" | "sealedHash">,
  entries: readonly ReceiptEntry[],
): ReceiptEntry | undefined {
  return entries.find(
    ({ id, hash, sealed }) => (id === row.revision && hash === row.hash) || sealed === row.sealedHash,
  );
}

/** The receipt of exactly this attachment; undefined for what this mission's server did not sign. */
export async function attachmentReceipt(
  jws: unknown,
  transport: Transport,
  fact: AttachmentFact,
): Promise<FileReceipt | undefined> {
  const held = await fileReceipt(jws, transport);
  return held?.sha256 === fact.sha256 && held.size === fact.size ? held : undefined;
}

/** The receipt of whichever attachment the server signed to hold whole; undefined for what it did not sign. */
export async function fileReceipt(jws: unknown, transport: Transport): Promise<FileReceipt | undefined> {
  const payload = await serverSaid(jws, receiptType, transport);
  const { sha256, size, at, seq } = payload ?? {};
  return payload && typeof sha256 === "string" && typeof size === "number" && typeof at === "string"
    ? { ...wordOf(payload, jws as string), sha256, size, ...(typeof seq === "number" ? { seq } : {}) }
    : undefined;
}

/**
 * The serial of an order to this very device to wipe itself that is neither obeyed nor over (protocol.md §9); undefined for
 * anything else: another device's or mission's, one of before it was set up again, what this server did not sign.
 */
export async function orderIn(orders: unknown, transport: Transport): Promise<number | undefined> {
  for (const jws of Array.isArray(orders) ? orders : []) {
    const { device, serial } = (await serverSaid(jws, orderType, transport)) ?? {};
    const known = Math.max(transport.ordersOver ?? 0, transport.wiped ?? 0);
    if (device === transport.device && typeof serial === "number" && serial > known) return serial;
  }
  return undefined;
}

/** Servers of earlier versions say nothing of safety: theirs is the first epoch, and no copy of it is known. */
function wordOf({ mission, epoch, safe_seq, at }: Record<string, unknown>, jws: string): Signed {
  return {
    mission: mission as string,
    jws,
    epoch: typeof epoch === "number" ? epoch : 1,
    safeSeq: typeof safe_seq === "number" ? safe_seq : null,
    at: typeof at === "string" ? at : "",
  };
}

/** What this mission's server signed, as `typ`, with a key that is held: the one place that believes it. Undefined: it did not. */
export async function serverSaid(
  jws: unknown,
  typ: string,
  transport: Transport,
): Promise<Record<string, unknown> | undefined> {
  if (typeof jws !== "string") return undefined;
  for (const key of transport.keys?.receipt ?? [transport.receiptKey]) {
    const payload = (await verifyCompact(jws, typ, await verifyingKey(key))) as
      | Record<string, unknown>
      | null
      | undefined;
    if (payload?.mission === transport.mission) return payload;
  }
  return undefined;
}

function isEntry(entry: unknown): entry is ReceiptEntry {
  if (typeof entry !== "object" || entry === null) return false;
  const { seq, at } = entry as Partial<ReceiptEntry>;
  return typeof seq === "number" && typeof at === "string";
}
