"""A critic of screens: takes the pictures, asks axe in light and dark, and measures what a thumb and old eyes need."""

from playwright.sync_api import Page

from tests.e2e.screens import picture, violations

# Width a phone screen may take, and the least side of what is pressed (WCAG 2.5.5; we aim at 48).
PHONE_WIDTH = 360
LEAST_TARGET = 44
# Text sizes at which nothing may stick out: as it is, the app's own "Large", and the browser's at 200 %.
TEXT_SIZES = {"normal": ("", ""), "large": ("large", ""), "200 %": ("", "200%")}

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


def report(faults: dict[str, list[str]]) -> str:
    """Return what is wrong, one fault a line."""
    return "\n".join(["", *(f"{name}: {line}" for name, lines in faults.items() for line in lines)])


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
        wrong += self._measures() if self.thumb else self.page.evaluate(STICKING_OUT, 0)
        if wrong:
            self.faults[name] = wrong

    def _measures(self) -> list[str]:
        wrong: list[str] = self.page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        # The app's own setting is put back as the page had it.
        before = self.page.evaluate("[document.documentElement.dataset.text ?? '', '']")
        for size, setting in TEXT_SIZES.items():
            self.page.evaluate(SET_TEXT, setting)
            wrong += [f"text {size}: {line}" for line in self.page.evaluate(STICKING_OUT, PHONE_WIDTH)]
        self.page.evaluate(SET_TEXT, before)
        return wrong
