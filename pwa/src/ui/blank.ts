/**
 * Blanks the page while nobody looks at it: what a phone shows of its running apps is a picture taken as one is left.
 * Only the look changes (base.css); what is focused, typed and scrolled stays as it was.
 */

export function blankWhenHidden(
  page: Pick<Document, "visibilityState" | "addEventListener" | "documentElement">,
  view: Pick<Window, "addEventListener">,
  isFromHomeScreen: boolean,
): void {
  const blank = () => {
    page.documentElement.dataset.hidden = "";
  };
  const show = () => {
    if (page.visibilityState === "visible") delete page.documentElement.dataset.hidden;
  };
  page.addEventListener("visibilitychange", () => (page.visibilityState === "hidden" ? blank() : show()));
  view.addEventListener("pagehide", blank);
  view.addEventListener("pageshow", show);
  // An iPhone takes its picture when the app loses the focus, before it is hidden.
  if (!isFromHomeScreen) return;
  view.addEventListener("blur", blank);
  // Whatever takes the focus for a moment may give it back without a word.
  for (const sign of ["focus", "pointerdown", "keydown"]) view.addEventListener(sign, show);
}
