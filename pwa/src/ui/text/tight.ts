/** Below so many sizes of its text a screen may be too narrow for a word: 320 px are 20, and 10 with text at 200 %. */
const tightBelow = 21;

/** How wide the screen is, in sizes of the page's text. */
const widthInText = () => innerWidth / Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/**
 * Keeps words whole while the text is very large for the screen (fitWords.ts, fetched then): whenever what is on the
 * page, the size of the text or of the screen changes. Anywhere else it watches the two sizes and does nothing.
 */
export function keepWordsWhole(root: HTMLElement): void {
  let isTight = false;
  let isDue = false;

  async function look() {
    if (isDue || !(isTight || widthInText() < tightBelow)) return;
    isDue = true;
    const { fitWords } = await import("./fitWords");
    isDue = false;
    isTight = widthInText() < tightBelow;
    document.documentElement.toggleAttribute("data-whole-words", isTight);
    fitWords(root);
    if (isTight) content.observe(root, { subtree: true, childList: true, characterData: true });
    else content.disconnect();
  }

  const again = () =>
    void look().catch(() => {
      // Not at hand on a phone that has not fetched it yet: words stay broken where they must be.
      isDue = false;
    });
  const content = new MutationObserver(again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-text", "style"] });
  // Also what changes its height without a change of the page: a folded text that is opened, a picture that came.
  new ResizeObserver(again).observe(root);
  addEventListener("resize", again);
}
