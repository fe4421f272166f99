/** Windows and the service worker share one outbox; this keeps them out of each other's way. */

/**
 * Runs `work` unless another window or the service worker is running the same; then gives undefined.
 * Only spares traffic: two pushes at once are harmless.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}
