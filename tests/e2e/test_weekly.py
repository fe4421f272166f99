"""A team's week: a meeting is reported, the weekly report counts it and rests on it, and the desk leads back to it."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.looking import Critic, report
from tests.e2e.server import PACK, Server

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

FIGURE = "From this phone"
DUE = """day = 2100-01-10
time = "18:00"

[[due]]
form = "meeting_report"
day = 2021-01-11
"""
# Whether a browser promises to keep data is its own affair: this one does not.
PROMISES_NOTHING = "navigator.storage.persisted = async () => false"
MAY_CLEAR = "The browser may clear old data when space runs out"


def ask_for_reports(server: Server, folder: Path) -> None:
    """Load the mission again: a weekly report is due long from now, a meeting was due long ago."""
    pack = shutil.copytree(PACK, folder / "pack")
    words = (pack / "mission.toml").read_text()
    asked = re.sub(r'^day = "sunday".*\n', DUE, words, flags=re.MULTILINE)
    assert asked != words
    (pack / "mission.toml").write_text(asked)
    server.command("mission", "load", pack)


def due(app: FieldApp) -> Locator:
    """The lines of Today about what is due."""
    title = app.page.get_by_role("heading", name="What is due")
    return app.page.locator("section").filter(has=title).get_by_role("listitem")


def understand_storage(app: FieldApp) -> None:
    """Put the notice about storage away on Today; from then on Me alone says it."""
    notice = app.page.get_by_text(MAY_CLEAR)
    expect(notice).to_be_visible()
    app.page.get_by_role("button", name="Understood").click()
    expect(notice).to_be_hidden()
    app.open()
    app.unlock()
    expect(due(app).first).to_be_visible()
    expect(notice).to_be_hidden()
    app.go("Me")
    expect(notice).to_be_visible()


def place_and_time(app: FieldApp) -> None:
    app.pick("district_code", "oral", "Oral city")
    app.now("observed_start")


def before_you_finish(app: FieldApp) -> None:
    app.section("Before you finish")
    app.choose("evidence_basis", "Seen or heard by the team")
    app.choose("both_agree", "Yes")
    app.choose("flash_needed", "No")
    app.next()
    app.finish()


def report_meeting(app: FieldApp) -> None:
    app.begin("Meeting")
    place_and_time(app)
    app.next()
    app.now("mtg_date")
    app.choose("mtg_access", "At once")
    app.next()
    app.choose("mtg_category", "Court")
    app.write("mtg_institution", "City court")
    app.choose("mtg_lead_gender", "Woman")
    app.next()
    app.choose("mtg_topics", "Complaints and appeals")
    before_you_finish(app)


def test_the_week_is_counted_corrected_and_rests_on_its_entries(
    mission_server: Server, phone: Phone, desk: Page, tmp_path: Path
) -> None:
    ask_for_reports(mission_server, tmp_path)
    phone.context.add_init_script(PROMISES_NOTHING)
    app = FieldApp(phone.page, mission_server.url)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    by, late = re.compile("^ ?Weekly report: by .*2100"), re.compile("^ ?Meeting report: late, was due by .*2021")
    expect(due(app)).to_have_text([late, by])
    understand_storage(app)
    report_meeting(app)
    expect(app.page.get_by_text("LTO05-A001").first).to_be_visible()
    app.go("Today")
    expect(due(app)).to_have_text([by, re.compile("^ ?Meeting report: finished for .*2021")])

    app.begin("Weekly")
    place_and_time(app)
    app.section("The week")
    app.write("wkl_week_no", "3")
    app.section("What the team did")
    meetings = app.card("wkl_n_meetings")
    expect(meetings.get_by_role("textbox")).to_have_value("1")
    expect(meetings.get_by_text(f"{FIGURE}. Add what the other holds.")).to_be_visible()
    expect(app.card("wkl_by_category").get_by_role("textbox")).to_have_value("Court: 1")
    expect(app.card("wkl_not_met").get_by_role("textbox")).to_have_value(
        re.compile("Nur Otan; .*\nElection commission; ")
    )
    app.write("wkl_n_meetings", "3")
    expect(meetings.get_by_text(f"{FIGURE}: 1")).to_be_visible()
    critic = Critic(app.page, thumb=True)
    critic.look("field-weekly-figures-en")

    app.section("Summary")
    app.write("wkl_summary", "The court hears complaints in time.")
    app.section("News by theme")
    app.page.get_by_role("button", name="Add").first.click()
    row = app.page.locator('article[id^="q-wkl_t/"]')
    row.filter(has_text="Theme").first.get_by_text("Complaints and appeals", exact=True).click()
    row.filter(has_text="What is new").get_by_role("textbox").fill("Two decisions in time.")
    entries = row.filter(has_text="Linked entries")
    entries.get_by_text(re.compile("LTO05-A001 · Meeting report · Oral city · ")).click()
    app.section("Approval")
    app.choose("wkl_signed_observer_a", "Yes")
    app.choose("wkl_signed_observer_b", "Yes")
    before_you_finish(app)
    expect(app.page.get_by_text("LTO05-A002").first).to_be_visible()
    expect(app.page.get_by_text(re.compile("Received by HQ")).nth(1)).to_be_visible(timeout=60_000)

    office = DeskApp(desk, mission_server)
    weekly = next(line for line in office.get("/submissions")["submissions"] if line["code"] == "LTO05-A002")
    answers = {
        answer["path"].rsplit("/", 1)[-1]: answer["value"]
        for section in office.get(f"/submissions/{weekly['id']}")["sections"]
        for part in section["parts"]
        for answer in ([part["answer"]] if part.get("answer") else part["rows"][0]["answers"])
    }
    assert (answers["wkl_n_meetings"], answers["wkl_t_entries"]) == (3, ["LTO05-A001"])
    desk.goto(f"{mission_server.url}/desk/#/reports/{weekly['id']}")
    desk.get_by_role("link", name="LTO05-A001", exact=True).click()
    expect(desk.get_by_role("link", name=re.compile("^LTO05-A001 .* Meeting report"))).to_be_visible()
    expect(desk.get_by_role("link", name=re.compile("^LTO05-A002"))).to_have_count(0)
    assert not critic.faults, report(critic.faults)
