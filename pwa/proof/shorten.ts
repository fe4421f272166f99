/** Makes a failing schedule short: what can go without the failure going with it, goes. */
import type { Script } from "./draws";
import type { Outcome } from "./schedule";

/** Plays at most `runs` times. Any broken promise counts: the shortest way to break one tells most. */
export async function shortened(
  outcome: Outcome,
  play: (script: Script) => Promise<Outcome>,
  runs: number,
): Promise<Outcome> {
  let best = outcome;
  if (outcome.broken.length === 0) return best;
  let left = runs;
  const isBetter = async (script: Script): Promise<boolean> => {
    if (left-- <= 0) return false;
    const tried = await play(script);
    if (tried.broken.length === 0) return false;
    best = tried;
    return true;
  };
  for (let size = best.script.length >> 1; size > 0 && left > 0; size >>= 1) {
    // From the end: what came last is most often idle. The first draws set the schedule up, and stay.
    for (let at = best.script.length - size; at > 0 && left > 0; at -= size) {
      await isBetter([...best.script.slice(0, at), ...best.script.slice(at + size)]);
    }
  }
  return best;
}
