/** Resolves once the browser has drawn what is on the page now: whatever can wait for the first screen waits for this. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    // A frame that is being made, then the task after it. A hidden page makes no frames.
    if (document.visibilityState === "hidden") setTimeout(resolve);
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
