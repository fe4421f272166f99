let text = $state("");
let timer: ReturnType<typeof setTimeout> | undefined;

/** Long enough to be heard; after that it would only be met again by whoever walks through the page. Milliseconds. */
export const heardMs = 10_000;

/** The latest announcement, for the one live region of the app. */
export function spoken(): string {
  return text;
}

/**
 * Has a screen reader say something when it is convenient; it is gone once it was heard, for it may not stay true. Saying
 * the same twice in a row needs a changed text to be heard.
 */
export function announce(words: string): void {
  text = words === text ? `${words}\u00a0` : words;
  clearTimeout(timer);
  timer = setTimeout(hush, heardMs);
}

/** Takes back what was announced: on a locked screen it would tell of the work behind it. */
export function hush(): void {
  clearTimeout(timer);
  text = "";
}
