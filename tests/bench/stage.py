"""A phone on the bench: the real app in a real browser on a real server, with the browser's own clocks at hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from playwright.sync_api import CDPSession, Page, Playwright, expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import FieldApp
from tests.e2e.server import PACK, Server

TEAM: Final = "LTO05"
# Wall time of a key: from its event until a frame with its effect has been handed to the compositor.
_WATCH_KEYS: Final = """() => {
  globalThis.keys = [];
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => {
    const now = performance.now();
    while (waiting.length > 0) globalThis.keys.push(now - waiting.shift());
  };
  addEventListener("input", (event) => {
    waiting.push(event.timeStamp);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, { capture: true });
}"""
_PAINTED: Final = """(selector) => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    if (!document.querySelector(selector)) { setTimeout(look, 4); return; }
    requestAnimationFrame(() => { setTimeout(() => done(performance.now() - began)); });
  };
  look();
})"""


def load_mission(data: Path, forms: list[Path]) -> Server:
    """Return a started server with the demonstration's mission and these forms beside its checklists."""
    server = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    server.command("migrate")
    server.command("mission", "load", PACK)
    for form in forms:
        server.command("publish", form)
    server.start()
    return server


class Stage:
    """One enrolled phone and its measuring instruments."""

    def __init__(self, phone: Phone, server: Server) -> None:
        """Enrol the phone."""
        self.phone = phone
        self.server = server
        self.app = FieldApp(phone.page, server.url)
        self.app.enrol(server.json("enrol", "--team", TEAM)["code"])

    @property
    def page(self) -> Page:
        """The app's page."""
        return self.app.page

    def fresh(self) -> None:
        """Start the browser anew, open the app and unlock it: nothing is warm."""
        self.phone.restart()
        self.app.page = self.phone.page
        self.app.open()
        self.app.unlock()
        self.cdp: CDPSession = self.page.context.new_cdp_session(self.page)
        self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu_ms(self) -> float:
        """Milliseconds the main thread has worked so far."""
        metrics = {one["name"]: one["value"] for one in self.cdp.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"]) * 1000

    def settle(self, milliseconds: int = 700) -> None:
        """Let what is still under way end: autosave, later chunks."""
        self.page.wait_for_timeout(milliseconds)

    @contextmanager
    def slowed(self, times: int) -> Iterator[None]:
        """Run the page's processor this many times slower."""
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": times})
        yield
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})

    def tap_tile(self, title: str, shown: str = "main article.card") -> float:
        """Begin a report; returns the milliseconds from the tap until its first section is painted."""
        self.app.go("New")
        tile = self.page.locator("main li button").filter(has=self.page.get_by_text(title, exact=True)).first
        expect(tile).to_be_visible()
        self.settle()
        tile.evaluate("tile => { tile.click(); }")
        return float(self.page.evaluate(_PAINTED, shown))

    def cpu_of_keys(self, text: str, *, pause: int = 60) -> float:
        """Type into the focused field; returns the main thread's milliseconds a key, what idling costs taken off."""
        self.settle()
        before = self.cpu_ms()
        self.page.wait_for_timeout(pause * len(text))
        idle = self.cpu_ms() - before
        before = self.cpu_ms()
        self.page.keyboard.type(text, delay=pause)
        # An autosave that the last keys caused belongs to them.
        self.settle()
        return max(0.0, self.cpu_ms() - before - idle) / len(text)

    def wall_of_keys(self, text: str, *, pause: int = 150) -> list[float]:
        """Type into the focused field; returns the milliseconds from each key to the frame that shows it."""
        self.page.evaluate(_WATCH_KEYS)
        self.page.keyboard.type(text, delay=pause)
        self.settle()
        taken: list[float] = self.page.evaluate("globalThis.keys")
        return taken

    def heap_mb(self) -> float:
        """Megabytes of the page's JavaScript heap after a collection."""
        self.cdp.send("HeapProfiler.collectGarbage")
        return float(self.cdp.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def p50(values: list[float]) -> float:
    """The median."""
    return round(median(values), 2)


def p95(values: list[float]) -> float:
    """The value nineteen of twenty stay under."""
    return round(quantiles(values, n=20)[-1] if len(values) > 1 else values[0], 2)


@contextmanager
def stage(playwright: Playwright, folder: Path, forms: list[Path]) -> Iterator[Stage]:
    """Set the stage up in `folder`, and take it down."""
    server = load_mission(folder / "data", forms)
    phone = Phone(playwright, folder / "phone")
    phone.start()
    try:
        yield Stage(phone, server)
    finally:
        phone.close()
        server.stop()
        shutil.rmtree(folder / "phone", ignore_errors=True)
