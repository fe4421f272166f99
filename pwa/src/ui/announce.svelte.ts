let text = $state("");

/** The latest announcement, for the one live region of the app. */
export function spoken(): string {
  return text;
}

/** Has a screen reader say something when it is convenient. Saying the same twice in a row needs a changed text to be heard. */
export function announce(words: string): void {
  text = words === text ? `${words}\u00a0` : words;
}
