"""The way of one phone through the screens of the field app, with a critic looking over its shoulder."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.field_app import PASSPHRASE, PATIENCE_MS, FieldApp
from tests.e2e.looking import Critic
from tests.e2e.server import Server
from tests.e2e.sheets import close_sheet

LANGUAGES = ("en", "ru")
# Its words are the longest: its screens are measured on the narrowest phone with the largest text, nothing more.
LONG_WORDS = "kk"
# Screens of the two drafts: section from 0, and perhaps a question to bring into view.
MEETING = {"meeting-begin": "0", "meeting-hard-error": "1", "meeting-choices": "3", "meeting-repeat": "4"}
VOTING = {
    "voting-station": "0",
    "voting-soft-note": "1/ps_members_present",
    "voting-answers": "4/vot_box_sealed",
    "voting-photo": "10/vot_photo",
    "voting-end": "11",
}


class FieldWalk:
    """One phone on its way through the field app, with a critic looking over its shoulder."""

    def __init__(self, page: Page, server: Server) -> None:
        """Take the phone's page and the server it will be enrolled at."""
        self.page = page
        self.server = server
        self.app = FieldApp(page, server.url)
        self.critic = Critic(page, thumb=True)

    def look(self, name: str) -> None:
        """Judge the present screen, in the language it is in."""
        language = self.page.locator("html").get_attribute("lang")
        if language == LONG_WORDS:
            self.critic.look_cramped(f"field-{name}-{language}")
        else:
            self.critic.look(f"field-{name}-{language}")

    def look_in_all(self, name: str) -> None:
        """Judge a screen that has the languages on it, in each of them; English stays."""
        for language in (LONG_WORDS, *reversed(LANGUAGES)):
            self.page.locator(f"button[lang={language}]").click()
            self.look(name)

    def speak(self, language: str) -> None:
        """Choose the language on the Me screen."""
        self.visit("#/me")
        self.page.locator(f"label[lang={language}]").click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)

    def visit(self, address: str) -> None:
        """Go to a screen by its address; the vault stays open."""
        self.page.goto(f"{self.server.url}/{address}")
        expect(self.page.locator("main h2, main p").first).to_be_visible()

    def enrol(self) -> None:
        """Set the phone up, looking at each step."""
        self.page.goto(f"{self.server.url}/")
        self.page.get_by_label("Enrolment code").fill("ABCDE")
        self.page.get_by_role("button", name="Next").click()
        self.look_in_all("enrol-code-incomplete")
        self.page.goto("about:blank")
        self.page.goto(f"{self.server.url}/#enrol={self.server.json('enrol', '--team', 'LTO05')['code']}")
        expect(self.page.get_by_role("button", name="Next")).to_be_visible()
        self.look_in_all("enrol-code")
        self.page.get_by_role("button", name="Next").click()
        self.page.get_by_label("Passphrase or PIN", exact=True).fill("12345")
        self.page.get_by_role("button", name="Use this passphrase").click()
        self.look_in_all("enrol-passphrase")
        self.page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE)
        self.page.get_by_label("The same again").fill(PASSPHRASE)
        self.page.get_by_role("button", name="Use this passphrase").click()
        expect(self.page.get_by_text("Ready to work offline")).to_be_visible(timeout=60_000)
        self.look_in_all("enrol-done")
        self.page.get_by_role("button", name="Start work").click()
        expect(self.page.get_by_role("link", name="Start a report")).to_be_visible()

    def meeting(self) -> str:
        """Begin a meeting report with a repeat and an answer that cannot stand; returns the draft's id."""
        app = self.app
        app.begin("Meeting")
        app.pick("district_code", "Oral", "Oral city")
        app.section("The meeting")
        app.write("mtg_duration_min", "3")
        app.choose("mtg_access", "At once")
        app.section("What was said, theme by theme")
        for _ in range(2):
            self.page.get_by_role("button", name="Add: Theme discussed").click()
        app.saved()
        return self.page.url.split("/")[-2]

    def voting(self, photo: Path) -> str:
        """Begin a voting report with a soft check, critical answers and a photo; returns the draft's id."""
        app = self.app
        app.begin("Voting")
        app.pick("ps_number", "Орал", "Oral")
        app.now("observed_start")
        app.choose("ps_access", "Free")
        app.section("Commission")
        app.write("ps_members_total", "7")
        app.write("ps_members_present", "9")
        app.section("Inside and the boxes")
        app.choose("vot_box_sealed", "No")
        app.choose("vot_box_in_view", "Yes")
        app.choose("vot_box_clumps", "Not observed")
        app.section("Assessment")
        app.choose("vot_overall", "Bad")
        app.photograph("vot_photo", photo)
        self.photograph_further("vot_photo", photo)
        app.section("Before you finish")
        app.choose("both_agree", "Yes")
        app.choose("flash_needed", "No")
        app.section("Review and finish")
        strip = self.page.locator("main section", has=self.page.get_by_role("heading", name="Photos"))
        expect(strip.get_by_text(re.compile(r"^2 · \d+ [kM]B in all$"))).to_be_visible()
        expect(strip.locator("img")).to_have_count(2)
        return self.page.url.split("/")[-1]

    def photograph_further(self, question: str, photo: Path) -> None:
        """Take the second page of what a question asks: it gets a row of its own with the caption begun."""
        words = self.app.card(question).get_by_role("heading").inner_text()
        self.app.card(question).get_by_role("button", name="Another photo of this").click()
        row = self.page.locator('[id^="q-photos/"]')
        expect(row.locator("textarea, input[type=text]")).to_have_value(words)
        row.locator("input[type=file]").first.set_input_files(photo)
        expect(row.get_by_role("img")).to_be_visible(timeout=PATIENCE_MS)

    def look_at_sections(self, draft: str, screens: dict[str, str]) -> None:
        """Look at some sections of a draft: number from 0, and perhaps a question to bring into view."""
        for name, section in screens.items():
            self.visit(f"#/fill/{draft}/{section}")
            self.look(name)

    def look_at_pickers(self, *, district: str, station: str) -> None:
        """Look at both place lists, with and without something typed, and at the list of sections."""
        for name, draft, question in (("district", district, "district_code"), ("station", station, "ps_number")):
            self.visit(f"#/fill/{draft}/0")
            self.app.card(question).get_by_role("button").first.click()
            expect(self.page.locator("dialog li").first).to_be_visible()
            self.look(f"pick-{name}")
            self.page.get_by_role("searchbox").fill("қара")
            expect(self.page.locator("dialog .count")).not_to_be_empty()
            self.look(f"pick-{name}-typed")
            self.page.locator("dialog header button").click()
        self.page.locator("nav button[aria-expanded]").click()
        expect(self.page.locator("dialog li").first).to_be_visible()
        self.look("sections")
        self.page.locator("dialog .remove button").click()
        expect(self.page.locator("dialog [role=alert]")).to_be_visible()
        self.look("remove-draft")
        close_sheet(self.page)

    def look_at_tabs(self, state: str) -> None:
        """Look at the four screens of the bottom bar."""
        for tab in ("today", "new", "outbox", "me"):
            self.visit(f"#/{tab}")
            self.look(f"{tab}-{state}")
