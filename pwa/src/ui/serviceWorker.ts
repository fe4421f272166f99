/** The service worker of the app: one address, a constant of ours, said so to browsers that ask (Trusted Types). */

const address = "/sw.js";

interface TrustedTypeFactory {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): unknown };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypeFactory };
// Whatever is asked of it, this policy gives the one address: it cannot be made to vouch for another.
const policy = trustedTypes?.createPolicy("steppe-service-worker", { createScriptURL: () => address });

/** Registers it, or finds it registered. Rejects as the browser does. */
export function registerServiceWorker(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
  // The types of the platform know only strings here; a browser that asks for more takes more.
  return container.register((policy?.createScriptURL(address) ?? address) as string);
}
