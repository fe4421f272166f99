"""Every screen, looked at: pictures in `var/screenshots/`, axe in light and dark, room for thumbs and for large text.

Two long walks instead of a test per screen: what a screen shows needs the reports, drafts and receipts of those before.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chromium import PHONE, Phone
from tests.e2e.desk_app import PASSWORD, USERNAME, DeskApp
from tests.e2e.field_walk import LANGUAGES, LONG_WORDS, MEETING, VOTING, FieldWalk
from tests.e2e.looking import Critic, report
from tests.e2e.pictures import camera_photo
from tests.e2e.server import Server
from tests.e2e.sheets import close_sheet

TEAMS = ("LTO01", "LTO05", "LTO09")
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def peopled(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with some reports of three teams, photos among them."""
    data = tmp_path_factory.mktemp("peopled") / "data"
    shutil.copytree(loaded_sqlite, data)
    running = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    running.start()
    codes = "\n".join(running.json("enrol", "--team", team)["code"] for team in TEAMS)
    running.command(
        "simulate", "--codes", "-", "--server", running.url, "--submissions", "14", "--photos", "0.4", piped=codes
    )
    yield running
    running.stop()


@contextmanager
def away(server: Server) -> Iterator[None]:
    """Kill the server, and start it again afterwards."""
    server.stop()
    try:
        yield
    finally:
        server.start()


CARELESS = """<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>
  <button style="width: 43px; height: 60px">a</button> <a href="#" style="display: none">hidden</a>
  <label style="display: block; height: 48px"><input type="checkbox">as large as its label</label>
  <p style="color: #bbb; background: #fff">pale</p><p style="min-width: 12rem; padding-right: 100px">long</p>
  <p style="inline-size: 60px; overflow-wrap: anywhere">unbreakable</p>
  <style>nav { position: sticky; bottom: 0; min-height: 15rem }</style><nav></nav>"""


def test_the_critic_sees_small_targets_pale_and_broken_words_and_what_takes_too_much_room(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    page.set_content(CARELESS)
    critic = Critic(page, thumb=True)
    critic.look("careless")
    faults = critic.faults["careless"]
    assert [line for line in faults if "×" in line] == ['BUTTON "a": 43 × 60']
    assert {line.split(" (")[0] for line in faults if "color-contrast" in line} == {
        "light: color-contrast",
        "dark: color-contrast",
    }
    assert [line.split(":")[0] for line in faults if "px wide" in line] == ["text 200 %", "320 px, text 200 %"]
    assert [line.split(": ", 1)[1] for line in faults if "broken" in line or "bars" in line] == [
        "broken word: unbreakable",
        "bars take 480 of 568 px",
    ]
    page.close()


def test_every_screen_of_the_field_app(peopled: Server, phone: Phone, tmp_path: Path) -> None:
    walk = FieldWalk(phone.page, peopled)
    page = walk.page
    walk.enrol()
    for language in reversed(LANGUAGES):
        walk.speak(language)
        walk.look_at_tabs("empty")

    with away(peopled):
        photo = camera_photo(tmp_path / "IMG_0001.jpg")
        walk.voting(photo)
        walk.app.finish()
        expect(page.get_by_text("LTO05-", exact=False).first).to_be_visible()
        page.get_by_role("link", name="LTO05-").click()
        expect(page.locator("main h2").first).to_be_visible()
        sent = page.url.split("#")[1]
        walk.visit("#/today")
        voting = walk.voting(photo)
        walk.visit("#/today")
        meeting = walk.meeting()
        for language in reversed(LANGUAGES):
            walk.speak(language)
            walk.look_at_tabs("waiting")
            walk.look_at_sections(meeting, MEETING)
            walk.look_at_sections(voting, VOTING)
            walk.look_at_pickers(district=meeting, station=voting)
            for name, address in {
                "review-blocked": f"#/review/{meeting}",
                "review-ready": f"#/review/{voting}",
                "sent-waiting": f"#{sent}",
                "draft-gone": f"#/fill/{NOWHERE}/0",
                "sent-gone": f"#/sent/{NOWHERE}",
            }.items():
                walk.visit(address)
                walk.look(name)

        walk.speak(LONG_WORDS)
        walk.look_at_tabs("waiting")
        for language in (LONG_WORDS, *reversed(LANGUAGES)):
            page.evaluate("code => localStorage.setItem('steppe-language', code)", language)
            page.reload()
            expect(page.locator("form")).to_be_visible()
            walk.look("unlock")
            page.locator("input[type=password]").fill("not the one")
            page.locator("button[type=submit]").click()
            expect(page.get_by_role("alert")).to_be_visible(timeout=60_000)
            walk.look("unlock-wrong")

    walk.app.unlock()
    walk.visit("#/outbox")
    expect(page.get_by_text("Photos and files received: 1 of 1")).to_be_visible(timeout=60_000)
    second = phone.context.new_page()
    other = FieldWalk(second, peopled)
    other.app.open()
    other.app.unlock()
    other.look("second-tab")
    second.close()
    for language in reversed(LANGUAGES):
        walk.speak(language)
        for name, address in {"today-received": "#/today", "outbox-received": "#/outbox", "sent": f"#{sent}"}.items():
            walk.visit(address)
            walk.look(name)
    faults = {**walk.critic.faults, **other.critic.faults}
    assert not faults, report(faults)


DESK_PAGES = {
    "overview": "#/",
    "regions": "#/regions",
    "region": "#/regions/KZ-ZAP",
    "region-voting": "#/regions/KZ-ZAP?form=polling_station_voting",
    "region-all": "#/regions/all",
    "region-empty": "#/regions/none",
    "reports": "#/reports",
    "reports-none": "#/reports?q=nothing-like-this",
    "exports": "#/exports",
}


def say_at_the_desk(page: Page, language: str) -> None:
    """Choose the desk's language, as its select does for the next load."""
    page.evaluate("code => localStorage.setItem('steppe-language', code)", language)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", language)


def settled(page: Page) -> None:
    """Wait until the desk shows what it asked for."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_text(re.compile("^(Loading|Загрузка)…$"))).to_have_count(0)


def look_at_desk(critic: Critic, server: Server, language: str) -> None:
    """Look at every page of the signed-in desk in one language."""
    page = critic.page
    say_at_the_desk(page, language)
    for name, address in DESK_PAGES.items():
        page.goto(f"{server.url}/desk/{address}")
        settled(page)
        critic.look(f"desk-{name}-{language}")
    page.goto(f"{server.url}/desk/#/reports?severity=3")
    settled(page)
    page.keyboard.press("j")
    expect(page.locator("article h2")).to_be_visible()
    critic.look(f"desk-report-{language}")
    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    critic.look(f"desk-help-{language}")
    close_sheet(page)


def test_every_screen_of_the_desk(peopled: Server, desk: Page) -> None:
    critic = Critic(desk, thumb=False)
    desk.goto(f"{peopled.url}/desk/")
    for language in reversed(LANGUAGES):
        say_at_the_desk(desk, language)
        expect(desk.locator("input[type=password]")).to_be_visible()
        critic.look(f"desk-sign-in-{language}")
    desk.get_by_label("Name", exact=True).fill(USERNAME)
    desk.get_by_label("Password", exact=True).fill(PASSWORD.upper())
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    critic.look("desk-sign-in-wrong-en")
    DeskApp(desk, peopled)
    for language in reversed(LANGUAGES):
        look_at_desk(critic, peopled, language)
    with away(peopled):
        desk.goto(f"{peopled.url}/desk/#/regions/KZ-ALA")
        expect(desk.get_by_text("No contact with the server").first).to_be_visible()
        critic.look("desk-offline-en")
    assert not critic.faults, report(critic.faults)
