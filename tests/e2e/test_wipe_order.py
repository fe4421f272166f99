"""A phone that the desk refuses wipes itself at its next contact; what waited on it is at headquarters all the same.

Before that, a report of it is kept aside, and the desk takes it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import PATIENCE_MS, FieldApp
from tests.e2e.server import Server
from tests.e2e.test_forgotten import enrolment_code, finish_note, short_note

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@contextmanager
def entered_as(server: Server, team: str, other: str) -> Iterator[None]:
    """Have headquarters think for a while that a team's phones are another's: what they sign is nobody's it knows."""

    def enter(code: str, as_code: str) -> None:
        its_id = "(select id from team where code = ?)"
        change = f"update device set team_id = {its_id} where team_id = {its_id}"
        with closing(sqlite3.connect(server.data / "steppe.db")) as database, database:
            database.execute(change, (as_code, code))

    enter(team, other)
    yield
    enter(other, team)


def is_taken_at_the_desk(server: Server, app: FieldApp, desk: DeskApp) -> None:
    """A report that is kept aside is opened, placed in a region and taken; region page and phone say so."""
    finish_note(app, "signed for another team")
    with entered_as(server, "LTO05", "LTO06"):
        app.page.context.set_offline(False)
        expect(app.page.get_by_text("a person is looking").first).to_be_visible(timeout=PATIENCE_MS)
    item = desk.page.get_by_role("button", name="belongs to another team")
    item.click()
    expect(desk.page.get_by_text("signed for another team")).to_be_visible()
    desk.page.get_by_role("combobox", name="Region").select_option("KZ-AST")
    desk.page.get_by_role("button", name="Take it as chosen").click()
    expect(item).to_have_count(0)
    desk.region("KZ-AST")
    desk.shows_reports(1)
    app.page.get_by_role("button", name="Send now").click()
    expect(app.page.get_by_text("a person looked at it and took it").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_phone_refused_at_the_desk_sends_what_waits_and_opens_as_on_its_first_start(
    mission_server: Server, phone: Phone, desk: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = mission_server
    server.command("publish", short_note(tmp_path_factory.mktemp("form")))
    app = FieldApp(phone.page, server.url)
    app.enrol(enrolment_code(server, "LTO05"))
    app_of_desk = DeskApp(desk, server)
    phone.context.set_offline(True)
    is_taken_at_the_desk(server, app, app_of_desk)
    phone.context.set_offline(True)
    finish_note(app, "finished before it was refused")

    desk.goto(f"{server.url}/desk/")
    team = desk.get_by_role("row").filter(has_text="LTO05")
    team.get_by_role("button", name="Refuse a phone").click()
    team.get_by_role("radio", name="in wrong hands").check()
    team.get_by_role("button", name="Refuse LTO05-A").click()
    expect(team.get_by_text("It is told to wipe itself at its next contact.")).to_be_visible()

    phone.context.set_offline(False)
    # By itself, where the browser told the page sooner that it is online.
    expect(app.page.get_by_label("Enrolment code")).to_be_visible(timeout=PATIENCE_MS)
    expect(app.page.get_by_text("Steppe keeps your reports encrypted on this phone")).to_be_visible()
    with sqlite3.connect(server.data / "steppe.db") as database:
        items = database.execute("select outcome, reason from inbox_item order by seq").fetchall()
    assert items == [("quarantined", "wrong_team"), ("quarantined", "revoked_device")]
    app_of_desk.page.reload()
    expect(team.get_by_text("It says that it has wiped itself.")).to_be_visible(timeout=PATIENCE_MS)

    # Nothing tells who it belonged to, also after another start.
    phone.restart()
    phone.page.goto(f"{server.url}/")
    expect(phone.page.get_by_label("Enrolment code")).to_be_visible(timeout=PATIENCE_MS)
    expect(phone.page.get_by_text("LTO05")).to_have_count(0)
