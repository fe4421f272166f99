/**
 * One tab leads: it writes and syncs. Others may read.
 *
 * The lead follows the eye: a tab out of sight hands it to one in sight that asks, or a forgotten tab somewhere behind would
 * keep the app read-only for ever. Whoever gains or loses the lead must forget what it had read: another tab has written since.
 */

const lockName = "steppe-leader";
const channelName = "steppe-leader";
/** A reloaded page asks before the old one has let go: so long it waits for a lead that another tab holds; milliseconds. */
const grace = 1500;
/** A browser that says nothing for so long will not: whoever has drafts can read them at least; milliseconds. */
const patience = 15_000;
/** The asking tab's word may arrive before its place in the queue is known: stand back that long; milliseconds. */
const handover = 500;

export interface Leadership {
  readonly isLeader: boolean;
}

/** What the browser gives a tab to agree with others. */
export interface Tab {
  /** Undefined before Safari 15.4: then every tab leads; pushing is idempotent, so the price is traffic. */
  locks: LockManager | undefined;
  channel: Pick<BroadcastChannel, "postMessage" | "addEventListener">;
  page: Pick<Document, "visibilityState" | "addEventListener">;
}

const thisTab = (): Tab => ({
  locks: navigator.locks,
  channel: new BroadcastChannel(channelName),
  page: document,
});

/** Asks for the lead and waits a moment for it. `gained` and `lost` tell of every change, now and later. */
export async function lead(gained: () => void, lost: () => void, tab: Tab = thisTab()): Promise<Leadership> {
  const leadership = { isLeader: false };
  const { locks, channel, page } = tab;
  if (!locks) {
    leadership.isLeader = true;
    gained();
    return leadership;
  }
  let yieldLead: (() => void) | undefined;

  const ask = () => {
    if (!leadership.isLeader && page.visibilityState === "visible") channel.postMessage("in-sight");
  };
  channel.addEventListener("message", () => {
    if (page.visibilityState === "hidden") yieldLead?.();
  });
  page.addEventListener("visibilitychange", ask);

  let settled: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    settled = resolve;
  });
  const hold = async () => {
    leadership.isLeader = true;
    gained();
    const handedOver = new Promise<void>((resolve) => {
      yieldLead = resolve;
    });
    settled();
    await handedOver;
    yieldLead = undefined;
    leadership.isLeader = false;
    lost();
  };
  const holdIfFree = async (lock: Lock | null) => {
    if (lock) await hold();
    return lock !== null;
  };
  void (async () => {
    // However slow a phone is at the start of an app, the answer is waited for: a lead that came after the grace would lock
    // what a person has just unlocked. Only what another tab holds is worth no more than the grace.
    setTimeout(settled, patience);
    const wasFree = await locks.request(lockName, { ifAvailable: true }, holdIfFree);
    if (!wasFree) setTimeout(settled, grace);
    for (let isNext = !wasFree; ; isNext = false) {
      // Asked again after handing it over: this tab is next in line when the other goes.
      if (!isNext) await new Promise((resolve) => setTimeout(resolve, handover));
      await locks.request(lockName, hold);
    }
  })();
  ask();
  await first;
  return leadership;
}
