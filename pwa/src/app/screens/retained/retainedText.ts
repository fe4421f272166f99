import { m } from "../../../i18n/paraglide/messages";
import type { OutboxItem } from "../../../submissions/outbox";
import type { SyncStatus } from "../../../sync/status";

/** For how long a received report stays on the phone, sealed. Without a word from the server the mission has no copies. */
export function retainedText(retained: OutboxItem["retained"], safety: SyncStatus["safety"]): string | undefined {
  if (!retained) return undefined;
  if (retained === "always") return m.outbox_retained_always();
  return typeof safety?.safeSeq === "number" ? m.outbox_retained() : m.outbox_retained_days();
}
