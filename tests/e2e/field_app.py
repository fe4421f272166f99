"""The field app as an observer's thumb sees it: what to press to enrol, unlock, answer and finish."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

PASSPHRASE = "steppe wind over grass"
PATIENCE_MS = 60_000


class FieldApp:
    """One open page of the field app."""

    def __init__(self, page: Page, address: str) -> None:
        """Wrap a page; `address` is the server's."""
        self.page = page
        self.address = address

    def enrol(self, code: str) -> None:
        """Open an enrolment link, choose the passphrase, wait until the phone can work offline."""
        self.page.goto(f"{self.address}/#enrol={code}")
        self.page.get_by_role("button", name="Next").click()
        self.page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE)
        self.page.get_by_label("The same again").fill(PASSPHRASE)
        self.page.get_by_role("button", name="Use this passphrase").click()
        expect(self.page.get_by_text("Ready to work offline")).to_be_visible(timeout=PATIENCE_MS)
        self.page.get_by_role("button", name="Start work").click()
        expect(self.page.get_by_role("link", name="Start a report")).to_be_visible()

    def open(self) -> None:
        """Open the app the way its icon does."""
        self.page.goto(f"{self.address}/")

    def unlock(self) -> None:
        """Type the passphrase."""
        self.page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        self.page.get_by_role("button", name="Unlock").click()
        expect(self.page.get_by_role("button", name="Unlock")).to_be_hidden(timeout=PATIENCE_MS)

    def go(self, tab: str) -> None:
        """Press a tab of the bottom bar."""
        self.page.get_by_role("navigation").get_by_role("link", name=tab, exact=True).click()

    def begin(self, title: str) -> None:
        """Begin a report from the New screen."""
        self.go("New")
        self.page.get_by_role("button", name=title).or_(self.page.get_by_role("link", name=title)).first.click()
        expect(self.page.get_by_text(re.compile(r"^Section 1 of"))).to_be_visible()

    def card(self, question: str) -> Locator:
        """The card of a question on the present screen."""
        return self.page.locator(f'[id="q-{question}"]')

    def choose(self, question: str, *labels: str) -> None:
        """Choose one or several options by their labels."""
        for label in labels:
            option = self.page.get_by_text(label, exact=True)
            self.card(question).locator("label").filter(has=option).click()

    def write(self, question: str, text: str) -> None:
        """Type an answer."""
        self.card(question).locator("input, textarea").first.fill(text)

    def now(self, question: str) -> None:
        """Answer a time question with this moment."""
        self.card(question).get_by_role("button", name="Now").click()

    def pick(self, question: str, query: str, result: str) -> None:
        """Search the place list of a question and take a result."""
        self.card(question).get_by_role("button").first.click()
        self.page.get_by_role("searchbox").fill(query)
        self.page.get_by_role("dialog").get_by_role("button", name=result).first.click()

    def photograph(self, question: str, file: Path) -> None:
        """Take a photo: the picture that the camera would give."""
        self.card(question).locator("input[type=file]").first.set_input_files(file)
        expect(self.card(question).get_by_role("img")).to_be_visible(timeout=PATIENCE_MS)

    def next(self) -> None:
        """Go to the next section, or to the review after the last."""
        before, heading = self.page.url, self.page.locator("main h2").first
        title = heading.inner_text()
        self.page.get_by_role("link", name=re.compile("^(Next|Review)$")).click()
        expect(self.page).not_to_have_url(before)
        expect(heading).not_to_have_text(title)

    def section(self, title: str) -> None:
        """Press Next until the section with this title is on the screen."""
        while not self.page.get_by_role("heading", name=title, exact=True).is_visible():
            self.next()

    def go_today(self) -> None:
        """Leave a checklist for Today; the draft stays."""
        self.page.get_by_role("link", name="Keep the draft and go to Today").click()
        expect(self.page.get_by_role("link", name="Start a report")).to_be_visible()

    def saved(self) -> None:
        """Wait until the draft says that it is saved."""
        expect(self.page.locator("p.sub:not(.pending)", has_text="Draft saved")).to_be_visible()

    def finish(self) -> None:
        """Press Finish on the review page, and once more where it asks about open questions; the outbox follows."""
        self.page.get_by_role("button", name="Finish and queue").click()
        anyway = self.page.get_by_role("dialog").get_by_role("button", name="Finish without them")
        told = self.page.get_by_role("heading", level=1, name="Outbox").or_(self.page.get_by_role("alert"))
        anyway.or_(told).first.wait_for(timeout=PATIENCE_MS)
        if anyway.is_visible():
            anyway.click()

    def raw_storage(self) -> dict[str, Any]:
        """What IndexedDB holds: row counts by store."""
        counts: dict[str, Any] = self.page.evaluate(
            """async () => {
              const database = await new Promise((done) => {
                const request = indexedDB.open("steppe");
                request.onsuccess = () => done(request.result);
              });
              const counts = {};
              for (const name of database.objectStoreNames) {
                counts[name] = await new Promise((done) => {
                  const request = database.transaction(name).objectStore(name).count();
                  request.onsuccess = () => done(request.result);
                });
              }
              database.close();
              return counts;
            }"""
        )
        return counts
