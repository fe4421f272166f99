"""Sheets as a test closes them: not faster than the browser's own history."""

from playwright.sync_api import Page, expect


def close_sheet(page: Page) -> None:
    """Close the sheet on top by Escape and wait until the browser has gone back over its entry.

    A page loaded, reloaded or left by Back while that is under way ends where no thumb is fast enough to get: the
    browser aborts the load.
    """
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    # Asked from here: a function that waits inside the page is more than its policy allows.
    while page.evaluate("history.state?.sheets ?? 0"):
        page.wait_for_timeout(20)


def back_closes_sheet(page: Page) -> None:
    """Go back: that closes the sheet on top, and nothing below it has moved."""
    address = page.url
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url == address
