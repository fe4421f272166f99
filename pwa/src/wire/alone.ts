/** Windows and the service worker share one outbox; this keeps them out of each other's way. */

/**
 * Runs `work` unless another window or the service worker is running the same; then gives undefined.
 * Only spares traffic: two pushes at once are harmless.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

/**
 * Runs `work` after whoever is running the same: what they tried may have failed, and somebody asks now. After `patience`
 * milliseconds it runs beside them, since a suspended worker may hold its lock for as long as the system likes.
 */
export async function afterOthers<T>(name: string, work: () => Promise<T>, patience = 60_000): Promise<T> {
  if (!("locks" in navigator)) return work();
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  let isOurs = false;
  try {
    return await navigator.locks.request(name, { signal: waiting.signal }, () => {
      isOurs = true;
      clearTimeout(timer);
      return work();
    });
  } catch (failure) {
    if (isOurs || !waiting.signal.aborted) throw failure;
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
