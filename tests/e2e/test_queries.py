"""A report after Finish: asked about, released, answered without a network, accepted; and what all teams are asked."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import PATIENCE_MS, DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.pictures import camera_photo
from tests.e2e.screens import picture, violations
from tests.e2e.server import Server
from tests.e2e.story import begin_report, end_report

TEAM = "LTO05"
REGION = "KZ-ZAP"
CLUMPS = "vot_box_clumps"
ASKED = "Clumps of how many ballots?"
FREE = "Are voter lists displayed?"


def sent_report(app: FieldApp, at_desk: DeskApp, photo: Path) -> dict[str, Any]:
    """Write the report of a polling station, where clumps were seen, and send it."""
    begin_report(app)
    app.choose(CLUMPS, "Yes")
    end_report(app, photo)
    expect(app.page.get_by_text("Received by HQ").first).to_be_visible(timeout=PATIENCE_MS)
    [listed] = at_desk.get("/submissions")["submissions"]
    report: dict[str, Any] = listed
    return report


def asked(desk: Page, words: str) -> Locator:
    """A question with these words, on the board or beside its answer."""
    return desk.locator("article", has=desk.get_by_text(words, exact=True)).last


def correct_in_reply(app: FieldApp) -> None:
    """Answer the question on Today by putting the report right, without a network."""
    app.page.get_by_role("button", name="Answer by correcting the report").click()
    expect(app.page.get_by_role("heading", level=1, name=re.compile("^Correction of"))).to_be_visible()
    app.section("Inside and the boxes")
    app.choose(CLUMPS, "No")
    app.section("Review and finish")
    app.finish()


def test_a_question_goes_out_is_answered_offline_by_a_correction_and_the_report_is_accepted(
    mission_server: Server, phone: Phone, desk: Page, new_desk: Callable[[], Page], tmp_path: Path
) -> None:
    server = mission_server
    coordinator, expert = DeskApp(desk, server), DeskApp(new_desk(), server, "reporting")
    app = FieldApp(phone.page, server.url)
    app.enrol(server.json("enrol", "--team", TEAM)["code"])
    report = sent_report(app, coordinator, camera_photo(tmp_path / "IMG_0001.jpg"))
    assert coordinator.counts(REGION, CLUMPS) == {"yes": 1}

    # The phone is away while it is asked and released.
    phone.context.set_offline(True)
    expert.page.goto(f"{server.url}/desk/#/reports/{report['id']}")
    answer = expert.page.locator(".answer", has_text="clumps").first
    answer.get_by_role("button", name="Ask the team about:").click()
    answer.get_by_label("What you want to know").fill(ASKED)
    answer.get_by_role("button", name="Ask the team", exact=True).click()
    expect(answer.get_by_text("waits for the co-ordinator")).to_be_visible()
    assert violations(expert.page) == []
    picture(expert.page, "query-beside-answer")
    desk.goto(f"{server.url}/desk/#/queries")
    asked(desk, ASKED).get_by_role("button", name="Release to the phones").click()
    expect(answer.get_by_text("waits for the co-ordinator")).to_have_count(0)
    expect(expert.page.get_by_role("heading", name="Review: returned")).to_be_visible()

    # It comes, goes first, and is answered without a network.
    phone.context.set_offline(False)
    app.go("Outbox")
    app.page.get_by_role("button", name="Send now").click()
    app.go("Today")
    expect(app.page.locator("main h2").first).to_have_text("Questions from HQ", timeout=PATIENCE_MS)
    expect(app.page.get_by_text(ASKED)).to_be_visible()
    expect(answer.get_by_text(f"on {TEAM}-A since")).to_be_visible(timeout=PATIENCE_MS)
    phone.context.set_offline(True)
    picture(app.page, "query-on-today")
    assert violations(app.page) == []
    correct_in_reply(app)
    expect(app.page.get_by_text("Correction waiting to send")).to_be_visible()
    app.go("Today")
    expect(app.page.get_by_text("Your reply: Waiting to send")).to_be_visible()

    phone.context.set_offline(False)
    app.go("Outbox")
    app.page.get_by_role("button", name="Send now").click()
    expect(app.page.get_by_text("Correction received by HQ")).to_be_visible(timeout=PATIENCE_MS)
    # Both stand at the desk without anybody loading a page anew.
    expect(answer.get_by_text("Answered by correcting the report.")).to_be_visible(timeout=PATIENCE_MS)
    expect(expert.page.get_by_role("heading", name="Review: sent again")).to_be_visible(timeout=PATIENCE_MS)
    assert coordinator.counts(REGION, CLUMPS) == {"no": 1}
    accept(coordinator, report["id"])
    coordinator.region(f"{REGION}?status=accepted")
    coordinator.shows_reports(1)
    book = openpyxl.load_workbook(coordinator.export("Export XLSX", tmp_path))
    words = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert report["code"] in words
    assert any("accepted" in each for each in words)
    assert server.command("rebuild", "--check")


def accept(at_desk: DeskApp, report: str) -> None:
    """Resolve what was asked about a report, and accept it."""
    page = at_desk.page
    page.goto(f"{at_desk.server.url}/desk/#/reports/{report}")
    asked(page, ASKED).get_by_role("button", name="Resolve").click()
    expect(asked(page, ASKED).get_by_role("heading", name="Resolved")).to_be_visible()
    page.get_by_role("button", name="Accept", exact=True).click()
    at_desk.is_accepted()


# What the engines do differently is tested below the browser, faster.
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_all_teams_are_asked_shows_who_has_answered(mission_server: Server, desk: Page) -> None:
    server = mission_server
    at_desk = DeskApp(desk, server)
    desk.goto(f"{server.url}/desk/#/queries")
    form = desk.locator("section", has=desk.get_by_role("heading", name="Ask teams"))
    form.get_by_label("What you want to know").fill(FREE)
    form.get_by_label("Answer by").fill("2021-01-07T18:00")
    form.get_by_role("button", name="Ask teams").click()
    expect(asked(desk, FREE)).to_be_visible()
    teams = [one["code"] for one in at_desk.get("/queries")["queries"][0]["teams"]]
    assert len(teams) == 12
    codes = [server.json("enrol", "--team", team)["code"] for team in teams if team != TEAM]
    said = server.command(
        "simulate", "--codes", "-", "--server", server.url, "--submissions", "0", "--replies", piped="\n".join(codes)
    )
    assert "0 reports received" in said
    assert "11 replies" in said
    row = desk.get_by_role("row", name=FREE)
    expect(row.get_by_text("Answered", exact=True)).to_have_count(11, timeout=PATIENCE_MS)
    expect(row.get_by_text("Late", exact=True)).to_have_count(1)
    assert violations(desk) == []
    picture(desk, "query-matrix")
    desk.get_by_role("combobox", name="Team").select_option(TEAM)
    expect(asked(desk, FREE)).to_be_visible()
