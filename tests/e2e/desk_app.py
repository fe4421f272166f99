"""The desk as an analyst uses it, and the same session for looking behind it."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.server import Server

USERNAME = "coordinator"
PASSWORD = "four random words"
PATIENCE_MS = 60_000


class DeskApp:
    """A signed-in desk in one page."""

    def __init__(self, page: Page, server: Server, username: str = USERNAME) -> None:
        """Give `username` a password and sign in."""
        server.command("password", username, "--stdin", piped=f"{PASSWORD}\n")
        self.page = page
        self.server = server
        page.goto(f"{server.url}/desk/")
        page.get_by_label("Name", exact=True).fill(username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("link", name="Overview")).to_be_visible()

    def region(self, code: str) -> None:
        """Open a region's page."""
        self.page.goto(f"{self.server.url}/desk/#/regions/{code}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def shows_reports(self, count: int) -> None:
        """Wait until the open region page says how many reports it stands on, without being loaded anew."""
        words = re.compile(rf"^{count} reports?$")
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)

    def get(self, path: str) -> Any:
        """Return what the API answers to this session."""
        answer = self.page.request.get(f"{self.server.url}/api/v1{path}")
        assert answer.ok, f"{path}: {answer.status} {answer.text()}"
        return answer.json()

    def download(self, path: str) -> bytes:
        """Return the bytes behind an address of the API."""
        answer = self.page.request.get(f"{self.server.url}/api/v1{path}")
        assert answer.ok, f"{path}: {answer.status} {answer.text()}"
        return answer.body()

    def export(self, button: str, folder: Path) -> Path:
        """Press an export button and return the file."""
        with self.page.expect_download() as caught:
            self.page.get_by_role("button", name=button).or_(self.page.get_by_role("link", name=button)).first.click()
        path = folder / caught.value.suggested_filename
        caught.value.save_as(path)
        return path
