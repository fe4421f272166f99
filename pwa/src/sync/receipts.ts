/**
 * Receipts: the server's signed word that it holds something. Nothing else lets a report leave the phone.
 * Pure verification; what follows from it is written by settle.ts.
 */
import type { AttachmentFact, OutboxRow, Transport } from "../vault/schema";
import { verifyCompact, verifyingKey } from "../wire/jws";

const receiptType = "steppe-receipt+jws";

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

/** The entries of a list this mission's server signed; undefined for anything else. */
export async function verifiedEntries(jws: unknown, transport: Transport): Promise<ReceiptEntry[] | undefined> {
  const payload = await signedPayload(jws, transport);
  if (payload?.mission !== transport.mission || !Array.isArray(payload.items)) return undefined;
  return payload.items.filter(isEntry);
}

/** When this mission's server signed a list, by its own clock; undefined for what it did not sign. */
export async function signedAt(jws: unknown, transport: Transport): Promise<string | undefined> {
  const payload = await signedPayload(jws, transport);
  return payload?.mission === transport.mission && typeof payload.at === "string" ? payload.at : undefined;
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

/** Whether the server signed that it holds this attachment whole. */
export async function attachmentHeld(jws: unknown, transport: Transport, fact: AttachmentFact): Promise<boolean> {
  const held = await receiptedFile(jws, transport);
  return held?.sha256 === fact.sha256 && held.size === fact.size;
}

/** The attachment that the server signed to hold whole; undefined for what it did not sign. */
export async function receiptedFile(jws: unknown, transport: Transport): Promise<AttachmentFact | undefined> {
  const payload = await signedPayload(jws, transport);
  if (payload?.mission !== transport.mission) return undefined;
  const { sha256, size, at } = payload;
  return typeof sha256 === "string" && typeof size === "number" && typeof at === "string"
    ? { sha256, size }
    : undefined;
}

async function signedPayload(jws: unknown, transport: Transport): Promise<Record<string, unknown> | undefined> {
  if (typeof jws !== "string") return undefined;
  const payload = await verifyCompact(jws, receiptType, await verifyingKey(transport.receiptKey));
  return typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : undefined;
}

function isEntry(entry: unknown): entry is ReceiptEntry {
  if (typeof entry !== "object" || entry === null) return false;
  const { seq, at } = entry as Partial<ReceiptEntry>;
  return typeof seq === "number" && typeof at === "string";
}
