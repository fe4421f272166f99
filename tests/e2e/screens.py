"""What a person sees: pictures of a page for looking at, and axe-core's opinion of it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 AA, and what axe calls best practice on top of it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Those among them that answer differently when only the colours change.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
ALL, COLOURS = {"type": "tag", "values": RULES}, {"type": "rule", "values": COLOUR_RULES}
# Fetching the style sheets again and describing what is right would double the time; none of these rules needs it.
# What a sticky bar half covers can be scrolled clear of it: the bars are laid where they belong meanwhile.
RUN = """async only => {
  const bars = [...document.querySelectorAll("body *")].filter((one) => getComputedStyle(one).position === "sticky");
  for (const bar of bars) bar.style.position = "static";
  try {
    return await axe.run(document, {
      runOnly: only, resultTypes: ["violations"], preload: false, iframes: false,
    });
  } finally {
    for (const bar of bars) bar.style.position = "";
  }
}"""


def picture(page: Page, name: str) -> list[Path]:
    """Save the page, light and dark, as `var/screenshots/NAME-WIDTH-SCHEME.png`; returns the two paths."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    paths = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        path = SCREENSHOTS / f"{name}-{width}-{scheme}.png"
        # In pixels of the page: sharper ones take four times as long.
        page.screenshot(path=path, animations="disabled", scale="css")
        paths.append(path)
    page.emulate_media(color_scheme="light")
    return paths


def violations(page: Page, *, of_colours: bool = False) -> list[str]:
    """Accessibility rules the page breaks in its present state, one line each with the first element at fault.

    `of_colours` asks only what a second colour scheme can answer differently: a third of the time.
    """
    # Evaluated by the debugger, so that the page's own content security policy stays in force.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    answer: dict[str, Any] = page.evaluate(RUN, COLOURS if of_colours else ALL)
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {found['nodes'][0]['html'][:200]}"
        for found in answer["violations"]
    ]
