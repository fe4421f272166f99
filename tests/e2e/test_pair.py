"""Two phones of one team change the same answer without a network: both show the two versions, one decides."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.server import Server

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

PATIENCE_MS = 20_000
CODE = "LTO03-A001"
DIFFER = "Two versions differ"


def meet(app: FieldApp) -> None:
    """Bring what waits to headquarters, and hear what it tells."""
    app.page.get_by_role("button", name="Send now").click()
    expect(app.page.get_by_role("button", name="Send now")).to_be_visible(timeout=PATIENCE_MS)


def report(app: FieldApp) -> None:
    """Finish a report and see it received."""
    app.begin("Voting")
    app.pick("ps_number", "Kostanay", "Kostanay")
    app.now("observed_start")
    app.choose("ps_access", "Free")
    app.section("Inside and the boxes")
    app.choose("vot_box_clumps", "No")
    app.section("Assessment")
    app.choose("vot_overall", "Good")
    app.section("Before you finish")
    app.choose("both_agree", "Yes")
    app.choose("flash_needed", "No")
    app.section("Review and finish")
    app.finish()
    expect(app.page.get_by_text("Received by HQ").first).to_be_visible(timeout=PATIENCE_MS)


def correct(app: FieldApp, phone: Phone, choice: str) -> None:
    """Change one answer of the report without a network."""
    phone.context.set_offline(True)
    app.page.get_by_role("link", name=CODE).click()
    app.page.get_by_role("button", name="Correct this report").click()
    app.page.get_by_role("button", name="Correct", exact=True).click()
    expect(app.page.get_by_role("heading", level=1, name=f"Correction of {CODE}")).to_be_visible()
    app.section("Inside and the boxes")
    app.choose("vot_box_clumps", choice)
    app.section("Review and finish")
    app.finish()
    expect(app.page.get_by_text("Correction waiting to send")).to_be_visible()
    phone.context.set_offline(False)


def test_both_phones_and_the_desk_show_two_versions_until_one_of_the_pair_decides(
    mission_server: Server, new_phone: Callable[[str], Phone], desk: Page
) -> None:
    phones = [new_phone(name) for name in ("first", "second")]
    one, other = (FieldApp(phone.page, mission_server.url) for phone in phones)
    for app in (one, other):
        app.enrol(mission_server.json("enrol", "--team", "LTO03")["code"])
    report(one)
    other.go("Outbox")
    meet(other)
    expect(other.page.get_by_role("heading", name="By your partner")).to_be_visible(timeout=PATIENCE_MS)
    correct(other, phones[1], "Yes")
    correct(one, phones[0], "Not observed")
    for app in (other, one, other):
        meet(app)
        expect(app.page.get_by_text("Correction received by HQ").first).to_be_visible(timeout=PATIENCE_MS)
    for app in (one, other):
        expect(app.page.get_by_role("heading", name=DIFFER)).to_be_visible(timeout=PATIENCE_MS)
    at_desk = DeskApp(desk, mission_server)
    (listed,) = at_desk.get("/submissions")["submissions"]
    address = f"/submissions/{listed['id']}"
    assert [conflict["path"] for conflict in at_desk.get(address)["conflicts"]] == ["vot_box_clumps"]

    one.page.get_by_role("link", name=CODE).last.click()
    one.page.get_by_role("button", name="Compare and decide").click()
    sheet = one.page.get_by_role("dialog")
    expect(sheet.get_by_text("your partner, phone B")).to_be_visible()
    sheet.locator("label").filter(has_text="Yes").click()
    sheet.get_by_role("button", name="Send what I chose").click()
    expect(one.page.get_by_text(DIFFER)).to_have_count(0)
    one.page.get_by_role("link", name="Back to the outbox").click()
    for app in (one, other):
        meet(app)
        expect(app.page.get_by_text(DIFFER)).to_have_count(0, timeout=PATIENCE_MS)
    decided = at_desk.get(address)
    assert decided["conflicts"] == []
    parts = [part["answer"] for section in decided["sections"] for part in section["parts"] if part["answer"]]
    assert [answer["value"] for answer in parts if answer["path"] == "vot_box_clumps"] == ["yes"]
