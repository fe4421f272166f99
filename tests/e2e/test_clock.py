"""A phone whose clock is a day wrong, either way, enrols, fills and sends: both sides are told, the desk knows when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.server import Server
from tests.e2e.sheets import close_sheet
from tests.e2e.test_visit import answer_the_end, finish_anyway

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

DAY_MS = 86_400_000
# The pages' clock alone: the worker's stays right, so it is not woken.
WRONG = """(() => {
  const real = Date;
  const off = Number(localStorage.getItem("test-clock") ?? AHEAD);
  globalThis.Date = class extends real {
    constructor(...given) { super(...(given.length > 0 ? given : [real.now() + off])); }
    static now() { return real.now() + off; }
  };
  delete ServiceWorkerRegistration.prototype.sync;
})()""".replace("AHEAD", str(DAY_MS))


def visit(app: FieldApp, told: str) -> None:
    """See what Today says of the clock, report a visit by headquarters' clock, and wait for its receipt."""
    expect(app.page.get_by_text("The clock of this phone")).to_be_visible()
    expect(app.page.get_by_text(told)).to_be_visible()
    app.begin("Voting")
    app.pick("ps_number", "Орал", "Oral")
    start = app.card("observed_start")
    expect(start.get_by_text(told)).to_be_visible()
    start.get_by_role("button", name="Now, by headquarters' clock").click()
    app.choose("ps_access", "Free")
    answer_the_end(app)
    finish_anyway(app)


def check(app: FieldApp) -> None:
    """Check the phone, and see on the sheet that headquarters is told."""
    app.go("Me")
    app.page.get_by_role("button", name="Check this phone").click()
    sheet = app.page.get_by_role("dialog")
    expect(sheet.get_by_text("With the next contact headquarters is told")).to_be_visible()
    expect(sheet.get_by_text("Writing and reading: works.")).to_be_visible(timeout=15_000)
    expect(sheet.get_by_text("Unlocking takes this phone")).to_be_visible()
    expect(sheet.get_by_text("The app opens without a network.")).to_be_visible()
    expect(sheet.get_by_text("Clock: more than two minutes off.")).to_be_visible()
    expect(sheet.get_by_role("button", name="Try")).to_have_count(2)
    close_sheet(app.page)


def test_a_clock_a_day_wrong_either_way_is_told_to_both_sides_and_stops_nothing(
    mission_server: Server, phone: Phone, desk: Page
) -> None:
    phone.context.add_init_script(WRONG)
    app = FieldApp(phone.page, mission_server.url)
    began_at = datetime.now(UTC)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    visit(app, "At the last contact it was ahead of headquarters' clock. Difference: 1 day.")
    expect(app.page.get_by_text("Received by HQ")).to_have_count(1, timeout=20_000)
    check(app)
    app.page.evaluate(f"localStorage.setItem('test-clock', '{-DAY_MS}')")
    app.open()
    app.unlock()
    visit(app, "At the last contact it was behind headquarters' clock. Difference: 1 day.")
    expect(app.page.get_by_text("Received by HQ")).to_have_count(2, timeout=20_000)

    office = DeskApp(desk, mission_server)
    lines = sorted(office.get("/submissions")["submissions"], key=lambda line: line["code"])
    assert len(lines) == 2
    for line, ahead in zip(lines, (DAY_MS, -DAY_MS), strict=True):
        report = office.get(f"/submissions/{line['id']}")
        [revision] = report["revisions"]
        assert abs(revision["clock"]["ahead_ms"] - ahead) < 60_000
        for at in (revision["clock"]["finished_at"], answer(report, "observed_start")):
            # A minute's answer is cut off, not rounded.
            assert began_at - timedelta(minutes=1) <= datetime.fromisoformat(at) <= datetime.now(UTC)
    desk.goto(f"{mission_server.url}/desk/#/reports/{lines[1]['id']}")
    expect(desk.get_by_text("1 day behind")).to_be_visible()
    expect(desk.get_by_text("Finished, by the server's clock")).to_be_visible()
    desk.goto(f"{mission_server.url}/desk/")
    team = desk.get_by_role("row").filter(has=desk.get_by_role("rowheader", name="LTO05", exact=True))
    # Checked on a phone that was a day ahead.
    checked_on = began_at.strftime("%-d %b %Y")
    expect(team.get_by_text(f"LTO05-A: {checked_on}, Steppe")).to_be_visible()
    expect(team.get_by_text("not tried: Camera, Position")).to_be_visible()
    expect(team.get_by_text("The clock of phone LTO05-A")).to_be_visible()
    expect(
        team.get_by_text("At the last contact it was behind headquarters' clock. Difference: 1 day.")
    ).to_be_visible()


def answer(report: dict[str, Any], path: str) -> str:
    """One answer of a report at the desk."""
    answers = (part["answer"] for section in report["sections"] for part in section["parts"] if part["answer"])
    return next(str(one["value"]) for one in answers if one["path"] == path)
