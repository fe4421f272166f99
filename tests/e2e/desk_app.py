"""The desk as an analyst uses it, and the same session for looking behind it."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import FrameLocator, Page, expect

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

    def counts(self, region: str, question: str) -> dict[str, int]:
        """Return how often each choice of a question was given in a region, from its tallies."""
        forms = self.get(f"/regions/{region}/summary")["forms"]
        [found] = [one for form in forms for one in form["questions"] if one["id"] == question]
        return {choice["name"]: choice["n"] for choice in found["choices"] if choice["n"]}

    def is_accepted(self) -> None:
        """Wait until the open report, which was told to be accepted, is: warnings are confirmed."""
        anyway = self.page.get_by_role("button", name="Accept all the same")
        accepted = self.page.get_by_role("heading", name="Review: accepted")
        expect(anyway.or_(accepted)).to_be_visible()
        if anyway.is_visible():
            anyway.click()
        expect(accepted).to_be_visible()

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

    def choose_form(self, form: Path) -> None:
        """Hand a form over for checking, on the page for new forms."""
        if not self.page.url.endswith("#/checklists/new"):
            self.page.goto(f"{self.server.url}/desk/#/checklists/new")
        self.page.locator("input[type=file]").set_input_files(form)
        expect(self.page.get_by_text("Checking.")).to_have_count(0)

    def framed_phone(self) -> FrameLocator:
        """The phone on which a checklist is tried out."""
        return self.page.frame_locator("iframe")

    def publish(self, version: str) -> None:
        """Publish the form at hand and open the page of its version."""
        self.page.get_by_role("button", name="Publish…").click()
        expect(self.page.get_by_role("heading", name=f"Publish {version}?")).to_be_focused()
        self.page.get_by_role("button", name="Publish to the phones").click()
        self.page.get_by_role("link", name=version).click()
        expect(self.page.get_by_role("link", name="Try it out")).to_be_visible()

    def shows_insight(self, panel: str, words: str) -> None:
        """Wait until the panel beside the framed phone says these words."""
        found = self.page.locator("section").filter(has=self.page.get_by_role("heading", name=panel))
        expect(found).to_contain_text(words)
