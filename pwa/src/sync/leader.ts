/** One tab leads: it writes and syncs. Others may read until it is gone. */

const lockName = "steppe-leader";
/** A reloaded page asks before the old one has let go; milliseconds. */
const grace = 1500;

export interface Leadership {
  isLeader: boolean;
}

/**
 * Asks for the lead and waits a moment for it. A follower becomes the leader when the leading tab goes; `onLead` tells.
 * Without Web Locks (Safari < 15.4) every tab leads: pushing is idempotent, so the price is traffic.
 */
export function lead(onLead: () => void, locks: LockManager | undefined = navigator.locks): Promise<Leadership> {
  const leadership: Leadership = { isLeader: locks === undefined };
  if (!locks) return Promise.resolve(leadership);
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(leadership), grace);
    void locks.request(lockName, () => {
      clearTimeout(patience);
      leadership.isLeader = true;
      resolve(leadership);
      onLead();
      // Held until the page is gone.
      return new Promise<never>(() => undefined);
    });
  });
}

/**
 * Runs `work` unless another window or the service worker is running the same; then gives undefined.
 * Only spares traffic: two pushes at once are harmless.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}
