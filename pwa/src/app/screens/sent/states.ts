import { changeText } from "../../../fill/correction/changeText";
import { formatMoment } from "../../../i18n/dates";
import { m } from "../../../i18n/paraglide/messages";
import { problemText } from "../../../i18n/problems";
import type { OutboxItem } from "../../../submissions/outbox";
import type { SyncStatus } from "../../../sync/status";
import type { IconName } from "../../../ui/icons";

/** What an outbox item's state is called; a person reads it aloud to a colleague, so it is a sentence and not a colour. */
export function stateText(item: OutboxItem, language: string, zone: string): string {
  const what = item.withdraws ? m.withdrawal_name() : item.change && changeText(item.change);
  const when = item.receivedAt ? formatMoment(item.receivedAt, language, zone) : "";
  switch (item.state) {
    case "waiting":
      return what ? m.change_waiting({ what }) : m.outbox_waiting();
    case "sending":
      return m.outbox_sending({ percent: Math.round(item.progress * 100) });
    case "received":
      if (item.decided) return what ? m.change_taken({ what, when }) : m.outbox_taken({ when });
      return what ? m.change_received({ what, when }) : m.outbox_received({ when });
    case "quarantined":
      if (item.decided) return what ? m.change_apart({ what, when }) : m.outbox_apart({ when });
      return what ? m.change_kept({ what, when }) : m.outbox_kept({ when });
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
export function waitingItems<Item extends OutboxItem>(items: readonly Item[]): Item[] {
  return items.filter(({ state }) => state === "waiting" || state === "sending");
}
