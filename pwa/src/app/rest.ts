/** A page that is never idle begins what it needs next after this; milliseconds. */
const longest = 500;

/** Resolves once the browser has drawn what is on the page now and has nothing else to do: what can wait waits for this. */
export function rested(): Promise<void> {
  return new Promise((resolve) => {
    // Safari knows no idle times: there it is the second task after a frame.
    const idle = globalThis.requestIdleCallback ?? ((next: () => void) => setTimeout(() => setTimeout(next)));
    const rest = () => idle(() => resolve(), { timeout: longest });
    // A hidden page makes no frames.
    if (document.visibilityState === "hidden") rest();
    else requestAnimationFrame(() => setTimeout(rest));
  });
}
