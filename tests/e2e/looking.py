"""A critic of screens: takes the pictures, asks axe in light and dark, and measures what a thumb and old eyes need."""

from playwright.sync_api import Page, ViewportSize

from tests.e2e.screens import picture, violations

# Width a phone screen may take, and the least side of what is pressed (WCAG 2.5.5; we aim at 48).
PHONE_WIDTH = 360
LEAST_TARGET = 44
# Text sizes at which nothing may stick out: as it is, the app's own "Large", and the browser's at 200 %.
TEXT_SIZES = {"normal": ("", ""), "large": ("large", ""), "200 %": ("", "200%")}

TEXT = "[document.documentElement.dataset.text ?? '', document.documentElement.style.fontSize]"
SET_TEXT = """([size, root]) => {
  const html = document.documentElement;
  if (size) html.dataset.text = size; else delete html.dataset.text;
  html.style.fontSize = root;
}"""

# The page, and every box that scrolls up and down, must not scroll sideways; named with what sticks out of it.
STICKING_OUT = """(width) => {
  const found = [];
  const tell = (box, least) => {
    if (box.scrollWidth <= least + 1) return;
    const edge = box.getBoundingClientRect().left + least;
    const out = [...box.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge + 1);
    const leaves = out.filter((one) => !out.some((other) => other !== one && one.contains(other)));
    const name = (one) => `${one.tagName}.${one.className} "${one.textContent.trim().slice(0, 30)}"`;
    const names = leaves.slice(0, 3).map(name);
    found.push(`${box.tagName}.${box.className} is ${box.scrollWidth} px wide in ${least}: ${names.join(", ")}`);
  };
  tell(document.documentElement, Math.max(width, document.documentElement.clientWidth));
  for (const box of document.querySelectorAll("body *"))
    if (["auto", "scroll"].includes(getComputedStyle(box).overflowY) && box.clientWidth > 0) tell(box, box.clientWidth);
  return found;
}"""

# What a label encloses is pressed by the label. Invisible and inert things are pressed by nobody.
SMALL_TARGETS = """(least) => {
  const top = document.querySelector("dialog[open]") ?? document.body;
  const found = [];
  for (const control of top.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    const pressed = control.matches("input") ? (control.closest("label") ?? control) : control;
    if (!pressed.checkVisibility({ visibilityProperty: true })) continue;
    const { width, height } = pressed.getBoundingClientRect();
    if (width >= least && height >= least) continue;
    const words = (control.getAttribute("aria-label") ?? pressed.textContent ?? "").trim().slice(0, 40);
    found.push(`${control.tagName} "${words}": ${Math.round(width)} × ${Math.round(height)}`);
  }
  return found;
}"""


# At 320 px and 200 % of the usual text: every word on one line, and the bars together on half of the screen at most.
NARROW = ViewportSize(width=320, height=568)
LARGE_TEXT = "200%"
_LOOKS = 20
_LOOK_MS = 50
CRAMPED = """() => {
  const top = document.querySelector("dialog[open]") ?? document.body;
  const found = [];
  const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.checkVisibility({ visibilityProperty: true })) continue;
    for (const match of text.data.matchAll(/[\\p{L}\\p{M}]{2,}/gu)) {
      range.setStart(text, match.index);
      range.setEnd(text, match.index + match[0].length);
      const pieces = [...range.getClientRects()].filter(({ width }) => width > 0);
      if (pieces.some((piece) => Math.abs(piece.top - pieces[0].top) > 2)) found.push(`broken word: ${match[0]}`);
    }
  }
  // A sheet's bars are its heading and the search below it.
  const bars = [...top.querySelectorAll("*")].filter((one) => {
    const stays = ["sticky", "fixed"].includes(getComputedStyle(one).position) || one.matches("dialog .sheet > header");
    return stays && one.checkVisibility();
  });
  const taken = bars.reduce((sum, bar) => sum + bar.getBoundingClientRect().height, 0);
  if (taken > innerHeight / 2) found.push(`bars take ${Math.round(taken)} of ${innerHeight} px`);
  return found;
}"""


def report(faults: dict[str, list[str]]) -> str:
    """Return what is wrong, one fault a line."""
    return "\n".join(["", *(f"{name}: {line}" for name, lines in faults.items() for line in lines)])


def cramped(page: Page) -> list[str]:
    """Return what is wrong with a page in its present size: broken words, bars without measure, what sticks out of it.

    The app fits its words once it has noticed how large the text is, and fetches the way to do so the first time: it
    gets a second for that.
    """
    wrong: list[str] = []
    for _ in range(_LOOKS):
        wrong = page.evaluate(CRAMPED) + page.evaluate(STICKING_OUT, NARROW["width"])
        if not wrong:
            break
        page.wait_for_timeout(_LOOK_MS)
    return wrong


class Critic:
    """Looks at screens one by one and keeps what is wrong with each, by its name."""

    def __init__(self, page: Page, *, thumb: bool) -> None:
        """Look at this page; `thumb` also measures targets and larger text, as a phone needs."""
        self.page = page
        self.thumb = thumb
        self.faults: dict[str, list[str]] = {}
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        """Save the present screen as pictures under this name and judge it."""
        self.seen.append(name)
        picture(self.page, name)
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        wrong = [f"dark: {line}" for line in violations(self.page, of_colours=True)]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        wrong += [f"light: {line}" for line in violations(self.page)]
        wrong += [*self._measures(), *self._cramped(name)] if self.thumb else self.page.evaluate(STICKING_OUT, 0)
        if wrong:
            self.faults[name] = wrong

    def look_cramped(self, name: str) -> None:
        """Judge the present screen on the narrowest phone with text twice as large, and nothing else about it."""
        self.seen.append(name)
        if wrong := self._cramped(name):
            self.faults[name] = wrong

    def _cramped(self, name: str) -> list[str]:
        before = self.page.evaluate(TEXT)
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size(NARROW)
        self.page.evaluate(SET_TEXT, ["", LARGE_TEXT])
        if wrong := cramped(self.page):
            picture(self.page, f"{name}-200")
        self.page.evaluate(SET_TEXT, before)
        self.page.set_viewport_size(size)
        return [f"320 px, text 200 %: {line}" for line in wrong]

    def _measures(self) -> list[str]:
        wrong: list[str] = self.page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        # The app's own setting is put back as the page had it.
        before = self.page.evaluate(TEXT)
        for size, setting in TEXT_SIZES.items():
            self.page.evaluate(SET_TEXT, setting)
            wrong += [f"text {size}: {line}" for line in self.page.evaluate(STICKING_OUT, PHONE_WIDTH)]
        self.page.evaluate(SET_TEXT, before)
        return wrong
