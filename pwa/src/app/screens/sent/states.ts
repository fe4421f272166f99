import { formatMoment } from "../../../i18n/dates";
import { m } from "../../../i18n/paraglide/messages";
import { problemText } from "../../../i18n/problems";
import type { OutboxItem } from "../../../submissions/outbox";
import type { SyncStatus } from "../../../sync/status";
import type { IconName } from "../../../ui/icons";

/** What an outbox item's state is called; a person reads it aloud to a colleague, so it is a sentence and not a colour. */
export function stateText(item: OutboxItem, language: string, zone: string): string {
  switch (item.state) {
    case "waiting":
      return m.outbox_waiting();
    case "sending":
      return m.outbox_sending({ percent: Math.round(item.progress * 100) });
    case "received":
      return m.outbox_received({ when: item.receivedAt ? formatMoment(item.receivedAt, language, zone) : "" });
    case "quarantined":
      return m.outbox_kept({ when: item.receivedAt ? formatMoment(item.receivedAt, language, zone) : "" });
  }
}

export const stateIcon: Record<OutboxItem["state"], IconName> = {
  waiting: "clock",
  sending: "sync",
  received: "good",
  quarantined: "news",
};

/**
 * How the phone and headquarters stand, as last known: what is being tried has no outcome yet, and a line that comes and goes
 * with every try would move what stands below it. Never alarming because there is no network.
 */
export function contactText(status: SyncStatus, language: string, zone: string): string {
  if (status.problem && !status.lastContactAt) return problemText(status.problem, "contact");
  const last = status.lastContactAt
    ? m.contact_last({ when: formatMoment(status.lastContactAt, language, zone) })
    : m.contact_never();
  return status.problem ? `${problemText(status.problem, "contact")} ${last}` : last;
}

/** Reports that headquarters does not have yet. */
export function waitingItems(items: readonly OutboxItem[]): OutboxItem[] {
  return items.filter(({ state }) => state === "waiting" || state === "sending");
}
