"""How an enrolled phone begins on a slow processor and without a server: the start of the app, and unlocking it."""

from __future__ import annotations

from typing import Any, Final

from tests.bench.stage import Stage, p50
from tests.e2e.field_app import PASSPHRASE

STARTS: Final = 10
SLOWED: Final = 6
# A desktop's Chromium loads pages of its own when it begins (traced: two hundred scripts of its address bar), on the
# same two cores. On a phone all that is long there: what is measured begins when it has come to rest; milliseconds.
_RESTED: Final = 3000
# Milliseconds from the navigation to the frame that shows the field of the passphrase, by the page's own clock.
_SHOWN: Final = """() => new Promise((done) => {
  const look = () => {
    if (!document.querySelector("input[type=password]")) { setTimeout(look, 4); return; }
    requestAnimationFrame(() => { setTimeout(() => done(performance.now())); });
  };
  look();
})"""
# From the tap on Unlock to the frame that shows the bar of the first screen, milliseconds by the page's own clock. The
# page taps and looks by itself: a locator asks its main thread for every element's role and name, again and again, and
# at a sixth of the processor that was a good part of what was measured (traced).
_UNLOCKED: Final = """() => new Promise((done) => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (selector, name) => all(selector).find((one) => one.textContent.trim() === name);
  const began = performance.now();
  named("button", "Unlock").click();
  const look = () => {
    if (!named("nav a", "New")) { setTimeout(look, 4); return; }
    requestAnimationFrame(() => { setTimeout(() => done(performance.now() - began)); });
  };
  look();
})"""
_WATCH_TASKS: Final = """() => {
  globalThis.tasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.tasks.push(duration);
  }).observe({ type: "longtask" });
}"""


def measure(staged: Stage, starts: int) -> dict[str, Any]:
    """Start the app `starts` times from a browser that was closed, while the server is away, and unlock it each time.

    Returns milliseconds while the page has a sixth of the processor: to the field of the passphrase, from the tap on
    Unlock to the first screen, and of the main thread's longest task meanwhile (0 when none was over 50 ms). Chromium
    does not slow workers: stretching the passphrase runs in one, at a cost chosen for the phone.
    """
    staged.server.stop()
    shown, unlocked, longest = [], [], []
    for _ in range(starts):
        staged.phone.restart()
        page = staged.app.page = staged.phone.page
        staged.cdp = page.context.new_cdp_session(page)
        staged.settle(_RESTED)
        with staged.slowed(SLOWED):
            staged.app.open()
            shown.append(float(page.evaluate(_SHOWN)))
            page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
            staged.settle()
            page.evaluate(_WATCH_TASKS)
            unlocked.append(float(page.evaluate(_UNLOCKED)))
            longest.append(max(page.evaluate("globalThis.tasks"), default=0.0))
    staged.server.start()
    return {
        "starts": starts, "shown_6x_ms": p50(shown), "shown_6x_worst_ms": round(max(shown), 1),
        "unlock_6x_ms": p50(unlocked), "unlock_6x_longest_task_ms": round(max(longest), 1),
    }  # fmt: skip


def lines(figures: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Return rows of figure and must (design: cold offline start, unlock)."""
    shown = f"{figures['shown_6x_ms']} / {figures['shown_6x_worst_ms']}"
    return [
        (f"{figures['starts']} cold starts without a server, 6×: to the passphrase, p50 / worst, ms", shown, "≤ 750"),
        ("  unlock to the first screen, 6×, p50, ms", figures["unlock_6x_ms"], "≤ 1,500"),
        ("  main thread's longest task meanwhile, ms", figures["unlock_6x_longest_task_ms"], "≤ 200"),
    ]
