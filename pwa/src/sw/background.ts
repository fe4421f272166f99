/** Sends the outbox while no window is open, with the vault locked: everything needed lies in the clear stores. */
import { outboxChannel, pushLock, wipedChannel } from "../sync/bridge";
import { countWaiting, pushOutbox } from "../sync/push";
import { type Database, openDatabase } from "../vault/database";
import { alone } from "../wire/alone";

function tell(name: string): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage("changed");
  channel.close();
}

/** Rejects while something is left, so that the browser tries again later. `wipe`: by the order with this serial. */
export async function sendOutbox(wipe: (database: Database, serial: number) => Promise<unknown>): Promise<void> {
  const database = openDatabase();
  try {
    const obey = async (serial: number) => {
      await wipe(database, serial);
      tell(wipedChannel);
    };
    const outcome = await alone(pushLock, () =>
      pushOutbox({ database, obey, fetch: (...args) => fetch(...args) }, false),
    );
    tell(outboxChannel);
    const problem = outcome?.problem ?? outcome?.earlierProblem;
    if (problem) throw new Error(problem);
    // A window is at it, and may fail or be closed.
    if (!outcome && (await countWaiting(database)) > 0) throw new Error("busy");
  } finally {
    database.close();
  }
}
