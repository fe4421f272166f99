"""`python -m tests.bench.browsers [KILLS]`: the field app in a browser that is killed again and again.

A real Chromium with the built app, one enrolled phone and a server. An observer types reports key by key, finishes
them, has a network and has none; `kill -9` of the browser and all its processes at random moments, also while it
starts, unlocks and finishes; then the browser is started again on the same profile. Prints how much of what was typed
was gone each time, and what came of the finished reports at headquarters. Asserts nothing; each figure stands beside
its must.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Timer
from typing import Final

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, sync_playwright
from sqlmodel import select

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.submissions.models import Submission
from tests.bench.stage import TEAM, load_mission
from tests.e2e.chromium import Phone
from tests.e2e.field_app import PATIENCE_MS, FieldApp
from tests.e2e.server import Server

TITLE: Final = "Diary"
QUESTION: Final = "words"
FORM: Final = f"""
| survey |
| | type | name | label |
| | begin_group | all | All |
| | text | {QUESTION} | Words |
| | end_group |

| settings |
| | form_title | form_id | version |
| | {TITLE} | diary | 1 |
"""
LETTERS: Final = "abcdefghij klmnopqrst uvwxyz "
LONGEST: Final = 5.0
"""Seconds from the first thing the observer does until the browser is killed, at most."""
EARLY: Final = 0.2
"""Share of kills that come while the browser starts, the app opens or unlocks."""
SHORTEST_REPORT: Final = 20
FINISHING: Final = 0.05
SWITCHING: Final = 0.03
MOST_LOST: Final = 1.0
"""Seconds of typing that a kill may cost."""


@dataclass
class Typed:
    """A report as it was typed: each key, and the moment at which the browser had taken it (none for the last one)."""

    address: str
    text: str = ""
    taken: list[float] = field(default_factory=list)
    killed_at: float = 0.0
    """When the browser was killed, until somebody has looked what is left."""

    is_tapped: bool = False
    is_finished: bool = False


@dataclass
class Figures:
    """What was seen over all kills."""

    kills: Counter[str] = field(default_factory=Counter)
    keys: int = 0
    losses: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Observer:
    """Somebody who types reports on a phone whose browser is killed now and then."""

    def __init__(self, phone: Phone, app: FieldApp, seed: int) -> None:
        """Begin with an enrolled phone whose browser is closed; the same `seed` draws the same moves."""
        self.phone = phone
        self.app = app
        self.chance = Random(seed)
        self.figures = Figures()
        self.reports: list[Typed] = []
        self.draft: Typed | None = None
        self.doing = "starting"
        self.killed_at = 0.0

    def live_through(self) -> None:
        """Go on where the last kill left off, until the next."""
        timer = Timer(self.chance.random() * LONGEST, self._kill)
        is_early, before = self.chance.random() < EARLY, self.killed_at
        self.doing = "starting"
        try:
            self.phone.start()
            self.app.page = self.phone.page
            if is_early:
                timer.start()
            self.begin()
            while True:
                self.move()
                if timer.ident is None:
                    timer.start()
        except (PlaywrightError, AssertionError):
            if timer.ident is not None:
                timer.join()
            if self.killed_at == before:
                raise
        if self.draft and not self.draft.killed_at:
            self.draft.killed_at = self.killed_at
        with suppress(PlaywrightError):
            self.phone.close()

    def begin(self) -> None:
        """Open the app and unlock it, and look at the draft that was being typed."""
        self._switch()
        if self.draft is None:
            self.app.open()
            self.app.unlock()
            return
        self.app.page.goto(self.draft.address)
        self.app.unlock()
        gone = self.app.page.get_by_text("This draft is no longer on this phone")
        self._field.or_(gone).first.wait_for(timeout=PATIENCE_MS)
        if gone.is_visible():
            self._look_at("", self.draft)
            self.draft = None
            # That screen has no bar of tabs.
            self.app.page.goto(f"{self.app.address}/#/today")
        else:
            self._look_at(self._field.input_value(), self.draft)
            self._field.press("End")

    def move(self) -> None:
        """Do the next thing: a key, or something rarer."""
        if self.draft is None:
            self.doing = "beginning"
            self.app.begin(TITLE)
            self._field.focus()
            self.draft = Typed(self.app.page.url)
            self.reports.append(self.draft)
            self._type(f"R{len(self.reports)} ")
        elif len(self.draft.text) > SHORTEST_REPORT and self.chance.random() < FINISHING:
            self.finish()
        elif self.chance.random() < SWITCHING:
            self._switch()
        else:
            self.doing = "typing"
            self._type(self.chance.choice(LETTERS))

    def finish(self) -> None:
        """Finish the report that is being typed."""
        assert self.draft is not None
        self._type(".")
        self.doing = "finishing"
        self.app.next()
        self.draft.is_tapped = True
        self.app.finish()
        self.draft.is_finished = True
        self.draft = None

    @property
    def _field(self) -> Locator:
        return self.app.card(QUESTION).locator("input, textarea").first

    def _type(self, text: str) -> None:
        assert self.draft is not None
        for key in text:
            self.draft.text += key
            self.app.page.keyboard.type(key)
            self.draft.taken.append(time.monotonic())
            self.figures.keys += 1
            self.app.page.wait_for_timeout(self.chance.choice((30, 60, 90, 120, 700)))

    def _switch(self) -> None:
        self.phone.context.set_offline(self.chance.random() < 0.5)

    def _look_at(self, shown: str, draft: Typed) -> None:
        """Compare what the draft shows after a kill with what was typed."""
        if not shown and draft.is_tapped:
            # Finished, though nobody has seen it: headquarters will tell.
            draft.is_finished = True
            return
        if not draft.text.startswith(shown):
            self.figures.faults.append(f"typed {draft.text!r}, found {shown!r}")
        missing = draft.taken[len(shown) :]
        self.figures.losses.append(draft.killed_at - missing[0] if missing else 0.0)
        draft.text, draft.taken = shown, draft.taken[: len(shown)]
        # A key that the kill overtook may have arrived.
        draft.taken += [draft.killed_at] * (len(shown) - len(draft.taken))
        draft.is_tapped, draft.killed_at = False, 0.0

    def _kill(self) -> None:
        pid = browser_of(self.phone.profile)
        # Killed with it: renderers, the network, the storage.
        group = os.getpgid(pid)
        assert group == pid, "the browser shares its process group"
        self.killed_at = time.monotonic()
        self.figures.kills[self.doing] += 1
        os.killpg(group, signal.SIGKILL)


def browser_of(profile: Path) -> int:
    """Return the process of the browser on this profile. Raises LookupError when there is none."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if f"--user-data-dir={profile}".encode() in words and not any(one.startswith(b"--type=") for one in words):
                return int(folder.name)
    raise LookupError(profile)


async def held(server: Server) -> Counter[str]:
    """Return how often each text is at headquarters."""
    database = Database(Settings(data=server.data, database_url=server.database_url))
    async with database.read() as session:
        found = (await session.exec(select(Submission.answers))).all()
    await database.close()
    return Counter(str(answers.get(QUESTION, "")) for answers in found)


def run(folder: Path, kills: int, seed: int) -> tuple[Observer, Counter[str]]:
    """Kill so often, then let everything be sent; returns the observer and the texts at headquarters."""
    form = folder / "diary.md"
    form.write_text(FORM)
    server = load_mission(folder / "data", [form])
    with sync_playwright() as playwright:
        phone = Phone(playwright, folder / "phone")
        try:
            phone.start()
            app = FieldApp(phone.page, server.url)
            app.enrol(server.json("enrol", "--team", TEAM)["code"])
            phone.close()
            observer = Observer(phone, app, seed)
            for number in range(kills):
                observer.live_through()
                sys.stderr.write(f"\r{number + 1} kills")
            phone.start()
            app.page = phone.page
            observer.begin()
            phone.context.set_offline(False)
            if observer.draft:
                observer.finish()
            app.go("Outbox")
            deadline = time.monotonic() + PATIENCE_MS / 1000
            while app.raw_storage()["outbox"] and time.monotonic() < deadline:
                app.page.wait_for_timeout(500)
            if app.raw_storage()["outbox"]:
                observer.figures.faults.append("the outbox is not empty")
        finally:
            with suppress(PlaywrightError):
                phone.close()
            server.stop()
    observer.figures.faults += server.logged_errors()
    return observer, asyncio.run(held(server))


def lines(observer: Observer, stored: Counter[str]) -> list[str]:
    """Return each figure beside its must."""
    figures = observer.figures
    finished = [one.text for one in observer.reports if one.is_finished]
    worst, losses = max(figures.losses, default=0.0), sorted(figures.losses)
    over = sum(loss > MOST_LOST for loss in losses)
    while_doing = ", ".join(f"{doing} {many}" for doing, many in figures.kills.most_common())
    return [
        f"kill -9 of the browser: {figures.kills.total()} ({while_doing})",
        f"{figures.keys} keys; a draft looked at after {len(losses)} kills",
        f"  typing lost, at worst, s: {worst:.2f} (must: ≤ {MOST_LOST:.0f}); more than that: {over} times",
        f"  half of the kills lost no more than, s: {losses[len(losses) // 2] if losses else 0:.2f}",
        f"{len(finished)} reports finished, {stored.total()} at headquarters",
        f"  finished and not there: {sum(text not in stored for text in finished)} (must: 0)",
        f"  there twice: {sum(many > 1 for many in stored.values())} (must: 0)",
        f"  there and never finished: {len(stored.keys() - set(finished))} (must: 0)",
        f"  other faults: {len(figures.faults)} (must: 0)",
        *figures.faults[:5],
    ]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.browsers", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=1, help="other moves and moments")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="steppe-browsers-", ignore_cleanup_errors=True) as name:
        said = lines(*run(Path(name), options.kills, options.seed))
    sys.stdout.write("\n".join(["", *said, f"{time.monotonic() - began:.0f} s", ""]))


if __name__ == "__main__":
    main()
