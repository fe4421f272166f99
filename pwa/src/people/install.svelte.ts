/** The browser's own offer to install the app, which Chromium makes once and only as an event. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

let offer = $state.raw<InstallEvent>();

/** Keeps the offer for when the person is ready for it. Call before the first screen is drawn. */
export function awaitInstallOffer(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallEvent;
  });
  addEventListener("appinstalled", () => {
    offer = undefined;
  });
}

/** Asks the browser to install; undefined where it made no offer. */
export function installer(): (() => Promise<void>) | undefined {
  const current = offer;
  return (
    current &&
    (async () => {
      await current.prompt();
      offer = undefined;
    })
  );
}
