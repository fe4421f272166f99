"""Back belongs to what lies on top: it closes a sheet and leaves the observer where they are."""

import pytest
from playwright.sync_api import expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import FieldApp
from tests.e2e.server import Server
from tests.e2e.sheets import close_sheet

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_back_closes_a_sheet_and_the_next_one_leaves_the_screen(mission_server: Server, phone: Phone) -> None:
    page = phone.page
    app = FieldApp(page, mission_server.url)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    app.begin("Meeting")
    first = page.url
    sections, dialog = page.locator("nav button[aria-expanded]"), page.get_by_role("dialog")

    sections.click()
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    assert page.url == first

    # A way out of the sheet: one Back returns to the section below it, not to an entry of the sheet.
    sections.click()
    dialog.get_by_role("listitem").nth(1).get_by_role("link").click()
    expect(page.get_by_text("Section 2 of")).to_be_visible()
    expect(dialog).to_be_hidden()
    page.go_back()
    expect(page.get_by_text("Section 1 of")).to_be_visible()

    # Alt+Left and the gesture are the browser's own: to the page they are a step back in its history. Each of the many
    # sheets of a visit costs one, however often one was opened before.
    for _ in range(2):
        sections.click()
        expect(dialog).to_be_visible()
        page.evaluate("history.back()")
        expect(dialog).to_be_hidden()
        expect(page.get_by_text("Section 1 of")).to_be_visible()

    # Closed by its own button, by a tap beside it and by Escape it leaves nothing behind either.
    sections.click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    sections.click()
    expect(dialog).to_be_visible()
    page.mouse.click(180, 5)
    expect(dialog).to_be_hidden()
    sections.click()
    expect(dialog).to_be_visible()
    close_sheet(page)
    page.go_back()
    expect(page.get_by_role("navigation").get_by_role("link", name="Outbox")).to_be_visible()
