/** What the page and the service worker say to each other; both import the words from here. */

/** Background Sync's tag. */
export const syncTag = "steppe-push";
/** The Web Lock held by whoever pushes. */
export const pushLock = "steppe-push";
/** A `BroadcastChannel`: something in the outbox moved. */
export const outboxChannel = "steppe-outbox";
/** The person tapped "update": the waiting worker takes over. */
export const isSkipWaiting = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "type" in message && message.type === "SKIP_WAITING";
