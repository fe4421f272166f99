/**
 * What becomes of a phone that has not heard headquarters for longer than its mission allows (protocol.md §9): at a start of
 * the app it does what an order to wipe does, with no contact at all.
 */
import { graceMs, isOver, type Silence } from "../people/silence";
import type { Rounds } from "../sync/rounds";
import type { Database } from "../vault/database";

/** How long a start waits for headquarters before it wipes: who was told to find a network has just opened the app with one. */
const askingMs = 15_000;

/**
 * The first start that finds the days over notes it, and screens say so from then on: the phone's clock may have been set
 * wrong. A start a day later, which has asked headquarters once more, calls `wipe`. A clock that was set back to where the days
 * are not over has the note forgotten.
 */
export async function lockOut({
  database,
  rounds,
  wipe,
}: {
  database: Database;
  rounds: Pick<Rounds, "run" | "recount" | "status">;
  wipe: () => Promise<unknown>;
}): Promise<void> {
  const { silence } = rounds.status;
  if (!silence) return;
  const now = Date.now();
  const isNoted = silence.found !== undefined && silence.found <= now;
  if (isOver(silence) && isNoted) {
    if (!isToWipe(silence, now)) return;
    await Promise.race([rounds.run(), new Promise((resolve) => setTimeout(resolve, askingMs))]);
    await rounds.recount();
    if (isToWipe(rounds.status.silence, Date.now())) await wipe();
    return;
  }
  if (isOver(silence)) await note(database, now);
  else if (silence.found !== undefined) await note(database, undefined);
  await rounds.recount();
}

const isToWipe = (silence: Silence | undefined, now: number): boolean =>
  silence?.found !== undefined && isOver(silence) && now - silence.found >= graceMs;

/** Writes down that a start at `found` found the days over; undefined: that they are not. */
const note = (database: Database, found: number | undefined): Promise<unknown> =>
  database.write(["transport", "safety"], async (t) => {
    const transport = await t.objectStore("transport").get("this");
    const word = transport && (await t.objectStore("safety").get(transport.mission));
    if (!transport || !word) return;
    const { silence: _, ...other } = transport;
    const noted = found === undefined ? {} : { silence: { found, heard: word.at } };
    await t.objectStore("transport").put({ ...other, ...noted }, "this");
  });
