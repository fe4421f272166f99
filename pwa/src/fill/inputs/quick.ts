/** After a quick answer: the next question of the screen comes under the thumb. */
export function bringNext(from: HTMLElement): void {
  const card = from.closest("article");
  // What follows may come or go with the answer: it is looked for when the screen has been drawn anew.
  requestAnimationFrame(() => {
    const cards = [...document.querySelectorAll<HTMLElement>("main article.card")];
    const next = card ? cards[cards.indexOf(card) + 1] : undefined;
    next?.scrollIntoView({ block: "start" });
    next?.focus({ preventScroll: true });
  });
}
