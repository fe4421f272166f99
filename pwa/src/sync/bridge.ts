/** What the page and the service worker say to each other; both import the words from here. */

/** Background Sync's tag. */
export const syncTag = "steppe-push";
/** The Web Lock held by whoever pushes. */
export const pushLock = "steppe-push";
/** A `BroadcastChannel`: something in the outbox moved. */
export const outboxChannel = "steppe-outbox";
/** A `BroadcastChannel`: the phone was wiped, and whatever a window holds in memory has to go too. */
export const wipedChannel = "steppe-wiped";
/** The person tapped "update": the waiting worker takes over. */
export const isSkipWaiting = (message: unknown): boolean => isOfType(message, "SKIP_WAITING");
/** The vault is open: the worker keeps what the first visit did without. Saying it again costs nothing. */
export const keepAll = { type: "KEEP_ALL" };
export const isKeepAll = (message: unknown): boolean => isOfType(message, keepAll.type);

const isOfType = (message: unknown, type: string): boolean =>
  typeof message === "object" && message !== null && "type" in message && message.type === type;
