"""Open desks hear that an older database was put back: of which time what they decided may be missing."""

import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk_app import PATIENCE_MS, DeskApp
from tests.e2e.screens import picture, violations
from tests.e2e.server import Server

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def put_back(server: Server) -> None:
    """Leave the running server's database as an older one would be: its counter behind the mark beside it."""
    with sqlite3.connect(server.data / "steppe.db") as database:
        database.execute("update mission_counter set n = n - 1")
    database.close()


def test_open_desks_list_the_time_of_a_restore_until_one_of_them_has_looked_after_it(
    mission_server: Server, new_desk: Callable[[], Page]
) -> None:
    desk = new_desk()
    coordinator = DeskApp(desk, mission_server)
    title = "What was decided here may be missing"
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
    expect(desk.get_by_text(title)).to_have_count(0)
    head = DeskApp(new_desk(), mission_server, "hom").page
    put_back(mission_server)
    for page in (desk, head):
        expect(page.get_by_text(title)).to_be_visible(timeout=PATIENCE_MS)
    put_back(mission_server)
    looked = desk.get_by_role("button", name="I have looked after it")
    expect(looked).to_have_count(2, timeout=PATIENCE_MS)
    for width in (1440, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        picture(desk, "desk-restored")
        assert violations(desk) == []
    looked.first.click()
    expect(looked).to_have_count(1)
    expect(head.get_by_text(": an older database was put back")).to_have_count(1, timeout=PATIENCE_MS)
    head.get_by_role("button", name="I have looked after it").click()
    expect(desk.get_by_text(title)).to_have_count(0, timeout=PATIENCE_MS)
    assert coordinator.get("/restores") == {"restores": []}
