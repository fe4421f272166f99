/** How many sealed reports go in one request, and what to do when the server does not take them together. */
import { PUSH_BYTES } from "../engine/functions/limits";

export const mostItems = 50;
/** Of sealed text in one request: under the server's bound by what surrounds the items. */
export const mostSealedBytes = PUSH_BYTES - 8 * 1024;

/**
 * Sends a batch. Answered `halve`, it goes in halves, down to single items: one report that the server cannot take must
 * not hold up the others. What stands alone is not halved; it is for `send` to pass it by.
 */
export async function sendHalving<Item>(
  batch: readonly Item[],
  send: (items: readonly Item[]) => Promise<"done" | "halve">,
): Promise<void> {
  if ((await send(batch)) === "done" || batch.length < 2) return;
  const half = batch.length >> 1;
  await sendHalving(batch.slice(0, half), send);
  await sendHalving(batch.slice(half), send);
}
