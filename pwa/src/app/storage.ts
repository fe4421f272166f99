/** How safe data is on this phone, as far as the browser tells. */
import { keepAll, syncTag } from "../sync/bridge";

export interface StorageHealth {
  persisted: boolean;
  usedBytes?: number;
  quotaBytes?: number;
  backgroundSync: boolean;
  standalone: boolean;
}

/** Background Sync, Chromium only, unknown to TypeScript's library. */
interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** Asks the browser not to clear our data when the disk fills up. Whether it agrees is its own affair. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.();
}

export async function storageHealth(): Promise<StorageHealth> {
  const estimate = (await navigator.storage?.estimate?.()) ?? {};
  return {
    persisted: (await navigator.storage?.persisted?.()) ?? false,
    ...(estimate.usage === undefined ? {} : { usedBytes: estimate.usage }),
    ...(estimate.quota === undefined ? {} : { quotaBytes: estimate.quota }),
    backgroundSync: "SyncManager" in globalThis,
    standalone: globalThis.matchMedia?.("(display-mode: standalone)").matches ?? false,
  };
}

/** Asks the browser to wake the service worker when there is a network. Where it cannot, the timers of the open app remain. */
export async function requestBackgroundSync(): Promise<void> {
  const registration: SyncRegistration | undefined = await navigator.serviceWorker?.getRegistration();
  try {
    await registration?.sync?.register(syncTag);
  } catch (failure) {
    // Switched off by the person, or forbidden by the platform.
    if (!(failure instanceof DOMException)) throw failure;
  }
}

/** Has the service worker keep what the first visit did without, as soon as it is in charge. */
export async function keepWholeApp(): Promise<void> {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage(keepAll);
}
