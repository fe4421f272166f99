/**
 * Locks the vault when nobody has used the app for a while (the person's setting, usually 5 minutes: `ui/settings.ts`), or
 * it was out of sight for long.
 */

/** A phone put away is more likely to be in other hands; but taking a photograph hides the app for a minute or two. */
const hiddenMinutes = 5;

export interface AutoLock {
  touch(): void;
  stop(): void;
}

/** Timers freeze while a phone sleeps, so the clock is asked again at every tick and at every return to sight. */
export function autoLock(
  lock: () => void,
  idleMinutes: () => number,
  page: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener"> = document,
  clock: () => number = Date.now,
): AutoLock {
  let touched = clock();
  let hiddenSince: number | undefined;

  const check = () => {
    const minutes = (since: number) => (clock() - since) / 60_000;
    const outOfSight = hiddenSince !== undefined && minutes(hiddenSince) >= Math.min(hiddenMinutes, idleMinutes());
    if (outOfSight || minutes(touched) >= idleMinutes()) lock();
  };
  const sight = () => {
    if (page.visibilityState === "hidden") hiddenSince ??= clock();
    else {
      check();
      hiddenSince = undefined;
    }
  };
  page.addEventListener("visibilitychange", sight);
  const timer = setInterval(check, 5_000);

  return {
    touch() {
      // A touch after the time is up, on a phone that slept, must not revive the key.
      check();
      touched = clock();
    },
    stop() {
      clearInterval(timer);
      page.removeEventListener("visibilitychange", sight);
    },
  };
}
