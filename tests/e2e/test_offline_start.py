"""After one online visit the app is on the phone: it starts without a server, and a newer build waits to be asked."""

import base64
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import PASSPHRASE, FieldApp
from tests.e2e.processes import ROOT
from tests.e2e.server import Server

STARTS = 10
WORDS = "typed before the new version came"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def build_of(page: Page) -> str | None:
    """Say which build the page comes from."""
    return page.locator("html").get_attribute("data-build")


def newer_build(dist: Path) -> None:
    """Turn a copy of a build into the next one: another index.html, named so in the service worker's list."""
    index = dist / "index.html"
    html = index.read_text()
    index.write_text(html.replace("<html ", '<html data-build="newer" ', 1))
    assert index.read_text() != html
    worker = dist / "sw.js"
    digest = base64.urlsafe_b64encode(hashlib.sha256(index.read_bytes()).digest()).decode()
    script, replaced = re.subn(
        r'"digest":"([^"]+)","revision":"[0-9a-f]+"(,"url":"index.html")',
        lambda found: f'"digest":"{digest[: len(found[1])]}","revision":"newer"{found[2]}',
        worker.read_text(),
    )
    assert replaced == 1, "the service worker's list of files looks different by now"
    worker.write_text(script)
    for page in (index, worker):
        # The packed twin would be sent in its place.
        page.with_name(f"{page.name}.br").unlink(missing_ok=True)


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the build, which the next server to start serves."""
    built = Path(os.environ.get("STEPPE_PWA_DIST", ROOT / "pwa" / "dist"))
    copy = tmp_path / "dist"
    shutil.copytree(built, copy)
    monkeypatch.setenv("STEPPE_PWA_DIST", str(copy))
    return copy


def test_it_starts_offline_ten_times_of_ten_after_one_visit(mission_server: Server, phone: Phone) -> None:
    app = FieldApp(phone.page, mission_server.url)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    icon = json.loads((ROOT / "pwa" / "public" / "manifest.webmanifest").read_text())["start_url"]
    assert icon == "/#/today"
    mission_server.stop()
    for start in range(STARTS):
        phone.restart()
        phone.page.goto(mission_server.url + (icon if start % 2 else "/"))
        expect(phone.page.get_by_role("heading", name="Steppe is locked")).to_be_visible()
    app.page = phone.page
    app.unlock()
    expect(app.page.get_by_role("link", name="Start a report")).to_be_visible()


def test_a_deep_link_opens_its_screen_offline(mission_server: Server, phone: Phone) -> None:
    app = FieldApp(phone.page, mission_server.url)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    app.begin("Voting")
    app.saved()
    draft = app.page.url
    mission_server.stop()
    for address, screen in ((f"{mission_server.url}/#/outbox", "Outbox"), (draft, "Section 1 of")):
        phone.restart()
        app.page = phone.page
        app.page.goto(address)
        app.unlock()
        expect(app.page.get_by_text(screen).first).to_be_visible()


def test_it_is_not_called_ready_while_a_file_of_the_app_is_missing(
    dist: Path, mission_server: Server, phone: Phone
) -> None:
    server, page = mission_server, phone.page
    [part] = (dist / "assets").glob("rare-inputs-*.js")
    kept = part.rename(dist / "taken-away.js")
    server.stop()
    server.start()
    page.goto(f"{server.url}/#enrol={server.json('enrol', '--team', 'LTO05')['code']}")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_role("button", name="Use this passphrase").click()
    expect(page.get_by_text("the app itself is not whole on this phone yet")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Ready to work offline")).to_be_hidden()

    kept.rename(part)
    server.stop()
    server.start()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Ready to work offline")).to_be_visible(timeout=60_000)
    server.stop()
    phone.restart()
    phone.page.goto(server.url)
    expect(phone.page.get_by_role("heading", name="Steppe is locked")).to_be_visible()


def test_a_newer_build_asks_before_it_takes_over(dist: Path, mission_server: Server, phone: Phone) -> None:
    server, app = mission_server, FieldApp(phone.page, mission_server.url)
    app.enrol(server.json("enrol", "--team", "LTO05")["code"])
    app.begin("Voting")
    server.stop()
    newer_build(dist)
    server.start()

    # The phone comes out of a pocket, which is when the app asks for a newer version.
    app.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    app.write("locality", WORDS)
    app.saved()
    app.page.get_by_role("link", name="Keep the draft and go to Today").click()
    restart = app.page.get_by_role("button", name="Restart now")
    expect(restart).to_be_visible(timeout=60_000)
    assert build_of(app.page) is None

    restart.click()
    expect(app.page.get_by_role("heading", name="Steppe is locked")).to_be_visible()
    assert build_of(app.page) == "newer"
    server.stop()
    phone.restart()
    app.page = phone.page
    app.open()
    app.unlock()
    assert build_of(app.page) == "newer"
    app.page.get_by_role("link", name="Polling station: voting").first.click()
    expect(app.card("locality").locator("input")).to_have_value(WORDS)
