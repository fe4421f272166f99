"""The desk in a real browser: nothing moves under the reader, everything can be reached and heard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.desk_app import DeskApp
from tests.e2e.screens import picture, violations
from tests.e2e.server import Server
from tests.e2e.sheets import back_closes_sheet

REGION = "KZ-ZAP"
PAGES = {
    "overview": "#/",
    "regions": "#/regions",
    "region": f"#/regions/{REGION}",
    "voting": f"#/regions/{REGION}?form=polling_station_voting",
    "region-empty": "#/regions/none",
    "region-unknown": "#/regions/KZ-XXX",
    "reports": "#/reports?severity=1",
    "exports": "#/exports",
}
LANGUAGES = ("en", "ru")
# What the engines do differently is tested below the browser, faster.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def simulate(server: Server, person: str, reports: int) -> None:
    """Let a phone of this observer send reports over the real protocol."""
    code = server.json("enrol", "--team", "LTO05", "--person", person)["code"]
    words = server.command(
        "simulate", "--codes", "-", "--server", server.url, "--submissions", str(reports), piped=f"{code}\n"
    )
    assert f"{reports} reports received" in words, words


def settled(page: Page) -> None:
    """Wait until the open page has what it asked for."""
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    expect(page.get_by_text("Loading…").or_(page.get_by_text("Загрузка…"))).to_have_count(0)


@pytest.fixture
def read_desk(mission_server: Server, desk: Page) -> DeskApp:
    """A desk with a few reports of one region."""
    simulate(mission_server, "lto05a", 12)
    return DeskApp(desk, mission_server)


def test_counts_change_in_place_and_lists_wait_for_the_reader(read_desk: DeskApp) -> None:
    page = read_desk.page
    read_desk.region(REGION)
    read_desk.shows_reports(12)
    first = page.locator("section", has_text="Reports").get_by_role("link", name="LTO05-").first
    top = first.inner_text()
    page.evaluate("scrollTo(0, 400)")
    simulate(read_desk.server, "lto05b", 3)
    read_desk.shows_reports(15)
    assert page.evaluate("scrollY") == 400
    assert first.inner_text() == top
    page.get_by_role("button", name="3 new reports").click()
    expect(first).not_to_have_text(top)
    expect(page.get_by_role("button", name="new reports")).to_have_count(0)


def test_an_expert_recommends_the_coordinator_accepts_and_the_counts_follow(
    read_desk: DeskApp, new_desk: Callable[[], Page]
) -> None:
    page, server = read_desk.page, read_desk.server
    expert = DeskApp(new_desk(), server, "reporting")
    line = next(
        one
        for one in read_desk.get("/submissions")["submissions"]
        if one["level"] == "internal" and one["region"] == REGION
    )
    for desk in (read_desk, expert):
        desk.page.goto(f"{server.url}/desk/#/reports/{line['id']}")
        expect(desk.page.get_by_role("heading", name="Review: received")).to_be_visible()
    expect(expert.page.get_by_role("button", name="Accept")).to_have_count(0)
    expert.page.keyboard.press("c")
    sheet = expert.page.get_by_role("dialog")
    sheet.get_by_label("Text").fill("Compare with the protocol")
    sheet.get_by_label("accepted").check()
    assert violations(expert.page) == []
    picture(expert.page, "review-note")
    sheet.get_by_role("button", name="Comment").click()
    # Whoever looks at the report sees it come.
    expect(page.get_by_text("Compare with the protocol")).to_be_visible()
    expert.page.goto(f"{server.url}/desk/#/regions/{REGION}?status=accepted")
    expect(expert.page.get_by_text("0 reports")).to_be_visible()
    page.keyboard.press("a")
    read_desk.is_accepted()
    expert.shows_reports(1)
    assert violations(page) == []
    picture(page, "review-accepted")


def test_the_desk_works_by_keyboard(read_desk: DeskApp) -> None:
    page = read_desk.page
    page.keyboard.press("3")
    expect(page.get_by_role("heading", level=1, name="Reports")).to_be_visible()
    expect(page.get_by_role("link", name="LTO05-").first).to_be_visible()
    seen = []
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        seen.append(page.locator(".list [aria-current]").inner_text())
    assert seen[0] == seen[2] != seen[1]
    page.keyboard.press("/")
    page.keyboard.type("A003")
    expect(page.get_by_role("link", name="LTO05-")).to_have_count(1)
    assert "q=A003" in page.url
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("A003")
    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    back_closes_sheet(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_heard_and_seen_and_calls_nobody_else(read_desk: DeskApp, language: str) -> None:
    page, url = read_desk.page, read_desk.server.url
    strangers: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((url, "blob:", "data:")):
            strangers.append(request.url)

    page.on("request", watch)
    page.evaluate("code => localStorage.setItem('steppe-language', code)", language)
    faults: dict[str, list[str]] = {}
    for name, address in PAGES.items():
        page.goto(f"{url}/desk/{address}")
        page.reload()
        settled(page)
        if name == "reports":
            page.keyboard.press("j")
            expect(page.locator("article h2")).to_be_visible()
        picture(page, f"desk-{name}-{language}")
        faults[name] = violations(page)
    assert faults == {name: [] for name in PAGES}
    assert strangers == []


def test_a_printed_region_opens_with_the_frame_and_holds_no_list_of_reports(read_desk: DeskApp) -> None:
    page = read_desk.page
    forms = read_desk.get(f"/regions/{REGION}/summary")["forms"]
    visits = next(form["form"] for form in forms if form["kind"] == "polling_station")
    meetings = next(form["form"] for form in forms if form["kind"] != "polling_station")
    frame = page.get_by_text("In the limited number of polling stations visited by ODIHR LEOM observers, …")
    read_desk.region(f"{REGION}?form={meetings}")
    read_desk.shows_reports(12)
    expect(frame).to_have_count(0)
    read_desk.region(f"{REGION}?form={visits}")
    page.emulate_media(media="print")
    expect(frame).to_be_visible()
    expect(page.get_by_text("Not for publication.")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("link", name="LTO05-")).to_have_count(0)


def test_the_desk_comes_back_by_itself_after_the_server_was_away(read_desk: DeskApp) -> None:
    page, server = read_desk.page, read_desk.server
    read_desk.region(REGION)
    read_desk.shows_reports(12)
    server.stop()
    page.goto(f"{server.url}/desk/#/reports")
    expect(page.get_by_text("No contact with the server").first).to_be_visible()
    server.start()
    expect(page.get_by_role("link", name="LTO05-").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("No contact with the server")).to_have_count(0)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)


def test_a_desk_opened_without_contact_says_so_and_opens_by_itself(mission_server: Server, desk: Page) -> None:
    desk.route("**/api/**", lambda route: route.abort())
    desk.goto(f"{mission_server.url}/desk/")
    expect(desk.get_by_text("The desk opens by itself as soon as it answers.")).to_be_visible()
    desk.unroute("**/api/**")
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)


def test_the_door_says_what_is_missing(mission_server: Server, desk: Page) -> None:
    desk.goto(f"{mission_server.url}/desk/")
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_text("Enter your name at the desk.")).to_be_visible()
    expect(desk.get_by_label("Name", exact=True)).to_be_focused()
    desk.keyboard.type("admin")
    expect(desk.get_by_text("Enter your name at the desk.")).to_have_count(0)
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Password", exact=True)).to_be_focused()
    expect(desk.get_by_text("Enter your password.")).to_be_visible()


def test_signing_out_anywhere_leads_back_to_the_door(read_desk: DeskApp) -> None:
    page = read_desk.page
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to the desk")).to_be_visible()
    assert page.request.get(f"{read_desk.server.url}/api/v1/regions").status == 401


def test_an_admin_exports_counts_and_finds_no_reports(mission_server: Server, desk: Page, tmp_path: Path) -> None:
    simulate(mission_server, "lto05a", 3)
    admin = DeskApp(desk, mission_server, "admin")
    expect(admin.page.get_by_role("link", name="Reports", exact=True)).to_have_count(0)
    admin.page.get_by_role("link", name="Exports").click()
    assert admin.export("Export XLSX", tmp_path).stat().st_size > 0
    expect(admin.page.get_by_role("row", name="System administrator")).to_be_visible()
