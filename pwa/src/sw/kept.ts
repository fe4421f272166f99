/** Whether the app itself lies on this phone, so that it opens without a network. */

import { registerServiceWorker } from "../ui/serviceWorker";

/** Waits while it is being fetched. False: a file could not be fetched, or this browser keeps no apps; asking again tries again. */
export async function appIsKept(container: ServiceWorkerContainer | undefined): Promise<boolean> {
  let registration: ServiceWorkerRegistration | undefined;
  try {
    registration = container && (await registerServiceWorker(container));
  } catch (failure) {
    // No network for the worker itself, or service workers are switched off.
    if (!(failure instanceof TypeError || failure instanceof DOMException)) throw failure;
  }
  if (registration?.active) return true;
  const worker = registration?.installing ?? registration?.waiting;
  if (!worker) return false;
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === "activated") resolve(true);
      else if (worker.state === "redundant") resolve(false);
    };
    worker.addEventListener("statechange", look);
    look();
  });
}
