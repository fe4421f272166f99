/** Sends the outbox while no window is open, with the vault locked: everything needed lies in the clear stores. */
import { alone } from "../sync/alone";
import { outboxChannel, pushLock } from "../sync/bridge";
import { countWaiting, pushOutbox } from "../sync/push";
import { openDatabase } from "../vault/database";

/** Rejects while something is left, so that the browser tries again later. */
export async function sendOutbox(): Promise<void> {
  const database = openDatabase();
  try {
    const outcome = await alone(pushLock, () => pushOutbox({ database, fetch: (...args) => fetch(...args) }, false));
    const channel = new BroadcastChannel(outboxChannel);
    channel.postMessage("changed");
    channel.close();
    const problem = outcome?.problem ?? outcome?.earlierProblem;
    if (problem) throw new Error(problem);
    // A window is at it, and may fail or be closed.
    if (!outcome && (await countWaiting(database)) > 0) throw new Error("busy");
  } finally {
    database.close();
  }
}
