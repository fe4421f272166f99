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
}

/** The entries of a list this mission's server signed; undefined for anything else. */
export async function verifiedEntries(jws: unknown, transport: Transport): Promise<ReceiptEntry[] | undefined> {
  const payload = await signedPayload(jws, transport);
  if (payload?.mission !== transport.mission || !Array.isArray(payload.items)) return undefined;
  return payload.items.filter(isEntry);
}

/** The entry that is about exactly this report: same id and content, or the same sealed text. */
export function entryFor(row: OutboxRow, entries: readonly ReceiptEntry[]): ReceiptEntry | undefined {
  return entries.find(
    ({ id, hash, sealed }) => (id === row.revision && hash === row.hash) || sealed === row.sealedHash,
  );
}

/** Whether the server signed that it holds this attachment whole. */
export async function attachmentHeld(jws: unknown, transport: Transport, fact: AttachmentFact): Promise<boolean> {
  const payload = await signedPayload(jws, transport);
  return (
    payload?.mission === transport.mission &&
    payload.sha256 === fact.sha256 &&
    payload.size === fact.size &&
    typeof payload.at === "string"
  );
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
