"""`make budgets`, second half: what the field app costs on the wire, each figure beside what it must stay under.

A real browser visits a real server through a relay that counts bytes, headers included: bytes are no timings, so a slow
machine measures the same, and more than the budget fails. The one time among them, of an enrolment over a slow line,
depends on the machine and is only said.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.relay import Exchange, Relay, SlowLine
from tests.bench.stage import TEAM, load_mission
from tests.e2e.chromium import Phone
from tests.e2e.field_app import PASSPHRASE, PATIENCE_MS
from tests.e2e.processes import ROOT
from tests.e2e.server import Server

PWA: Final = ROOT / "pwa"
# A module in the chunk on which every other stands: the dearest place to correct a mistake in.
CHANGED: Final = "src/ui/Button.svelte"
LINE_BYTES: Final = 50_000.0
"""A second, each way: 400 kbit/s."""
LINE_DELAY: Final = 0.2
"""Seconds, each way."""
SLOW_PHONE: Final = 6
QUIET_SECONDS: Final = 1.5
QUIET_WITHIN_SECONDS: Final = 60
# On this machine they arrive at once, so that some are on the way when the phone says that it is ready; nothing waits
# for them. The first list of places is that of the team's own regions.
_LATER: Final = re.compile("/places/|/checklists/files/")
# When the first heading is on the page, and what had been asked for by then.
_WATCH: Final = """new MutationObserver((_, watch) => {
  if (!document.querySelector("#app h1")) return;
  globalThis.firstScreenAt = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });"""
_BEFORE_THE_FIRST_SCREEN: Final = """() => ["/", ...performance.getEntriesByType("resource")
  .filter(({ startTime }) => startTime < globalThis.firstScreenAt)
  .map(({ name }) => new URL(name).pathname)]"""
_ASK_FOR_UPDATE: Final = """async () => {
  const registration = await navigator.serviceWorker.ready;
  await registration.update();
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside its budget."""

    what: str
    figure: float
    must: float
    unit: str
    fails: bool = True
    """Whether more than the budget is an error; of a time it is only said."""

    @property
    def is_over(self) -> bool:
        """Whether the budget is spent."""
        return self.figure > self.must

    def __str__(self) -> str:
        mark = "OVER" if self.is_over else "ok  "
        figure = f"{self.figure:.1f}" if self.unit in {"kB", "s"} else f"{self.figure:.0f}"
        return f"{mark}  {figure:>6} {self.unit:<8} of {self.must:g}".ljust(30) + f" {self.what}"


def kilobytes(exchanges: list[Exchange]) -> float:
    """Return what they took, both ways, headers included."""
    return sum(exchange.bytes for exchange in exchanges) / 1000


def first_screen(page: Page, relay: Relay) -> list[Exchange]:
    """Return what was asked for before the first screen was drawn."""
    wanted = page.evaluate(_BEFORE_THE_FIRST_SCREEN)
    found: dict[str, Exchange] = {}
    for exchange in relay.exchanges:
        found.setdefault(exchange.path, exchange)
    return [found[path] for path in wanted if path in found]


def settle(page: Page, relay: Relay) -> None:
    """Wait until nothing travels any more. Raises AssertionError when it never ends."""
    deadline = time.monotonic() + QUIET_WITHIN_SECONDS
    while not relay.quiet_for(QUIET_SECONDS):
        assert time.monotonic() < deadline, "the app never stops talking"
        page.wait_for_timeout(100)


def visit(phone: Phone, relay: Relay, code: str) -> Iterator[Row]:
    """Open an enrolment link, wait, enrol until the phone can work offline."""
    page = phone.page
    page.add_init_script(_WATCH)
    page.goto(f"http://127.0.0.1:{relay.port}/#enrol={code}")
    expect(page.get_by_role("button", name="Next")).to_be_visible(timeout=PATIENCE_MS)
    first = first_screen(page, relay)
    yield Row("first screen of an enrolment link", kilobytes(first), 80, "kB")
    yield Row("  requests", len(first), 8, "requests")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    settle(page, relay)
    yield Row(
        "whole first visit, until the app is on the phone and the line quiet", kilobytes(relay.exchanges), 250, "kB"
    )
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_role("button", name="Use this passphrase").click()
    expect(page.get_by_text("Ready to work offline")).to_be_visible(timeout=PATIENCE_MS)
    waited_for = [exchange for exchange in relay.exchanges if not _LATER.search(exchange.path)]
    lists = [exchange for exchange in relay.exchanges if "/places/" in exchange.path][:1]
    yield Row("until ready to observe: enrolled, with checklists", kilobytes(waited_for + lists), 400, "kB")
    settle(page, relay)


def start_again(phone: Phone, relay: Relay) -> list[Exchange]:
    """Open the app as its icon does, wait until nothing travels, and return what did."""
    relay.exchanges.clear()
    phone.restart()
    phone.page.goto(f"http://127.0.0.1:{relay.port}/")
    expect(phone.page.get_by_role("button", name="Unlock")).to_be_visible(timeout=PATIENCE_MS)
    phone.page.evaluate(_ASK_FOR_UPDATE)
    settle(phone.page, relay)
    return list(relay.exchanges)


def enrol_over_a_slow_line(phone: Phone, port: int, code: str) -> Iterator[Row]:
    """Yield the seconds from an enrolment link to the first question, on a slow phone in a quick hand."""
    with Relay(port, SlowLine(LINE_BYTES, LINE_DELAY), SlowLine(LINE_BYTES, LINE_DELAY)) as relay:
        page = phone.page
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
        began = time.monotonic()
        page.goto(f"http://127.0.0.1:{relay.port}/#enrol={code}")
        page.get_by_role("button", name="Next").click(timeout=PATIENCE_MS)
        page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE, timeout=PATIENCE_MS)
        page.get_by_label("The same again").fill(PASSPHRASE)
        page.get_by_role("button", name="Use this passphrase").click()
        expect(page.get_by_text("Ready to work offline")).to_be_visible(timeout=PATIENCE_MS)
        ready = time.monotonic() - began
        page.get_by_role("button", name="Start").click()
        page.goto(f"http://127.0.0.1:{relay.port}/#/new")
        page.get_by_role("button", name="Voting").first.click()
        page.locator("main article.card").first.wait_for()
        total = time.monotonic() - began
    line = f"{LINE_BYTES * 8 / 1000:.0f} kbit/s, {LINE_DELAY * 2000:.0f} ms, {SLOW_PHONE} × slower"
    yield Row(f"enrolment link to the first question, {line} ({ready:.1f} s to ready)", total, 12, "s", fails=False)


def corrected(folder: Path) -> Path:
    """Return the build in which one module differs."""
    built = folder / "corrected"
    for command in (["build/changed.js", str(built), CHANGED], ["build/precompress.js", str(built)]):
        subprocess.run(["node", *command], cwd=PWA, check=True, stdout=subprocess.DEVNULL)
    return built


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Server, Callable[[Path], None]]]:
    """Serve a mission, and let a caller put another build in its place."""
    dist = folder / "dist"
    shutil.copytree(PWA / "dist", dist)
    os.environ["STEPPE_PWA_DIST"] = str(dist)
    server = load_mission(folder / "data", [])

    def release(build: Path) -> None:
        server.stop()
        shutil.rmtree(dist)
        shutil.copytree(build, dist)
        server.start()

    try:
        yield server, release
    finally:
        server.stop()


def measure(folder: Path) -> Iterator[Row]:
    """Yield every figure, in the order in which a phone meets them."""
    with serving(folder) as (server, release), Relay(server.port) as relay, sync_playwright() as playwright:
        phone = Phone(playwright, folder / "phone")
        phone.start()
        try:
            yield from visit(phone, relay, server.json("enrol", "--team", TEAM)["code"])
            # The only question of a start: whether there is a newer version.
            yield Row("a later start", kilobytes(start_again(phone, relay)), 5, "kB")
            release(corrected(folder))
            yield Row(f"update that changes one file ({CHANGED})", kilobytes(start_again(phone, relay)), 60, "kB")
            assert any("/assets/" in exchange.path for exchange in relay.exchanges), "no update came"
        finally:
            phone.close()
        far = Phone(playwright, folder / "far-phone")
        far.start()
        try:
            yield from enrol_over_a_slow_line(far, server.port, server.json("enrol", "--team", TEAM)["code"])
        finally:
            far.close()


def main() -> int:
    """Print the figures; 1 when one is over a budget that must hold."""
    with tempfile.TemporaryDirectory(prefix="steppe-budgets-") as made:
        rows = []
        for row in measure(Path(made)):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
            rows.append(row)
    return int(any(row.is_over and row.fails for row in rows))


if __name__ == "__main__":
    sys.exit(main())
