import { registerServiceWorker } from "./serviceWorker";

/** The app's own newer version: noticed, offered, and started only when the person says so. */
export class Update {
  /** A newer version is on the phone and waits. */
  ready = $state(false);
  #waiting: ServiceWorker | undefined;

  /** Registers the service worker that keeps the app on the phone; returns at once where there is none (development). */
  async start(): Promise<void> {
    if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
    const registration = await registerServiceWorker(navigator.serviceWorker);
    this.#offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const installing = registration.installing;
      installing?.addEventListener("statechange", () => {
        if (installing.state === "installed") this.#offer(installing);
      });
    });
    // An installed app is rarely loaded anew: ask when it comes back into view.
    document.addEventListener("visibilitychange", () => {
      // Without a network the question fails, and is asked again next time.
      if (document.visibilityState === "visible") registration.update().catch(() => undefined);
    });
  }

  #offer(worker: ServiceWorker | null): void {
    // The very first one has nothing to replace.
    if (!worker || !navigator.serviceWorker.controller) return;
    this.#waiting = worker;
    this.ready = true;
  }

  /** Restarts into the newer version. Call after saving: the vault locks. */
  apply(): void {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    this.#waiting?.postMessage({ type: "SKIP_WAITING" });
  }
}
