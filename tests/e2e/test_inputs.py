"""Every type of question and every appearance: answered offline by touch and by keyboard, and what arrives of it."""

import hashlib
import io
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.album import MOST, write_album
from tests.e2e.album import TITLE as ALBUM
from tests.e2e.chromium import PHONE, Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import PATIENCE_MS
from tests.e2e.flapping_link import FlappingLink
from tests.e2e.input_answers import EXPECTED, TYPES, fill
from tests.e2e.input_hand import InputHand
from tests.e2e.inputs_form import FORM, write_form
from tests.e2e.looking import Critic, report
from tests.e2e.pictures import CAMERA_OWNER, camera_photo, cut_out
from tests.e2e.processes import ROOT
from tests.e2e.server import Server
from tests.e2e.shared_phone import forget_drafts
from tests.e2e.sheets import back_closes_sheet, close_sheet

TITLE = "Every input"
HERE = {"latitude": 43.2389, "longitude": 76.8897, "accuracy": 4}
# About two photos with their headers go up between one break and the next.
BREAKS_AFTER, LEAST_BREAKS = 16_000, 4
SECTIONS = ("Numbers and words", "Choices", "Grids", "Pictures and sounds", "Attachments", "Places")


@pytest.fixture(scope="module")
def asking(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A started server whose mission has the checklist with every input."""
    data = tmp_path_factory.mktemp("asking") / "data"
    shutil.copytree(loaded_sqlite, data)
    running = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    form = write_form(tmp_path_factory.mktemp("form"))
    command = [sys.executable, "-m", "tests.e2e.publish_definition", str(form)]
    done = subprocess.run(command, env=running.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    running.command("publish", write_album(form.parent))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def link(asking: Server) -> Iterator[FlappingLink]:
    """What the phone takes for the server; whole unless a test breaks it."""
    made = FlappingLink(asking.port)
    yield made
    made.close()


def switch_on(phone: Phone, address: str) -> None:
    """Start a phone with a position, a camera and a microphone."""
    phone.start()
    phone.context.grant_permissions(["geolocation", "camera", "microphone"], origin=address)
    phone.context.set_geolocation(HERE)  # type: ignore[arg-type]  # a TypedDict in all but name


@pytest.fixture(scope="module")
def phone(
    asking: Server, link: FlappingLink, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Phone]:
    """A phone enrolled once, for all tests here."""
    made = Phone(playwright, tmp_path_factory.mktemp("phone"))
    switch_on(made, link.url)
    InputHand(made.page, link.url).enrol(asking.json("enrol", "--team", "LTO05")["code"])
    yield made
    made.close()
    made.policy.check()


@pytest.fixture
def opened(link: FlappingLink, phone: Phone) -> InputHand:
    """The phone at Today, without a draft, far from any network."""
    app = InputHand(phone.page, link.url)
    app.page.set_viewport_size(PHONE)
    # The page is loaded anew without a server: whatever is fetched late must have been kept beforehand.
    phone.context.set_offline(True)
    app.open()
    forget_drafts(app.page)
    app.open()
    app.unlock()
    return app


@pytest.fixture
def hand(opened: InputHand) -> InputHand:
    """The phone at the first section of the checklist with every input."""
    opened.begin(TITLE)
    return opened


def answers_at(desk: DeskApp, form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of the only report of a form by question, and its attachments by question."""
    (listed,) = desk.get(f"/submissions?checklist={form}")["submissions"]
    whole = desk.get(f"/submissions/{listed['id']}")
    given = [part["answer"] for section in whole["sections"] for part in section["parts"] if part["answer"]]
    answers = {answer["path"]: answer["value"] for answer in given}
    return answers, {one["path"]: one for one in whole["attachments"]}


def test_every_answer_given_offline_arrives_as_it_was_given(
    asking: Server, hand: InputHand, phone: Phone, desk: Page, tmp_path: Path
) -> None:
    chosen = fill(hand, tmp_path)
    hand.finish()
    expect(hand.page.get_by_text("LTO05-A001", exact=True)).to_be_visible()
    phone.context.set_offline(False)
    hand.open()
    hand.unlock()
    hand.go("Outbox")
    expect(hand.page.get_by_text("Photos and files received: 7 of 7")).to_be_visible(timeout=PATIENCE_MS)
    hand.page.get_by_role("link", name="LTO05-A001").click()
    expect(hand.page.get_by_text("1. No heating; 2. Errors in the voter lists; 3. Queues")).to_be_visible()
    expect(hand.page.locator("audio, video")).to_have_count(2)
    expect(hand.page.get_by_text(chosen["document"].name)).to_be_visible()

    at_desk = DeskApp(desk, asking)
    answers, attachments = answers_at(at_desk, FORM)
    assert {question: answers.get(question) for question in EXPECTED} == EXPECTED
    assert answers["square"].split("; ")[0] == answers["square"].split("; ")[-1]
    assert len(answers["square"].split("; ")) == 4
    assert {path: one["type"] for path, one in attachments.items()} == TYPES
    contents = {path: at_desk.download(f"/attachments/{one['sha256']}/content") for path, one in attachments.items()}
    for path, content in contents.items():
        assert hashlib.sha256(content).hexdigest() == answers[path]
    assert contents["document"] == chosen["document"].read_bytes()
    assert max(Image.open(io.BytesIO(contents["photo"])).size) == 640
    assert CAMERA_OWNER.encode() not in contents["photo"] + contents["marked"]
    # One line was drawn and kept, the other taken back.
    assert len(Image.open(io.BytesIO(contents["signature"])).convert("RGB").getcolors(100_000) or []) > 1


def test_every_input_can_be_read_and_pressed_by_everybody(hand: InputHand, tmp_path: Path) -> None:
    page = hand.page
    critic = Critic(page, thumb=True)
    # Tall enough for a whole section: nothing lies half under the bars.
    page.set_viewport_size({"width": 360, "height": 2800})
    hand.write("people", "3")
    hand.saved()
    base = page.url.rsplit("/", 1)[0]

    def walk(state: str) -> None:
        for language in ("ru", "en"):
            page.goto(f"{hand.address}/#/me")
            page.locator(f"label[lang={language}]").click()
            for number, title in enumerate(SECTIONS):
                page.goto(f"{base}/{number}")
                expect(page.locator("main h2").first).to_be_visible()
                expect(page.locator(".room")).to_have_count(0)
                critic.look(f"inputs-{state}-{title.split()[0].lower()}-{language}")

    walk("empty")
    page.goto(f"{base}/0")
    # Emphasis and colour are drawn, the colour as dark as it must be to be read; other tags are words.
    hint = hand.card("story").locator(".hint").first
    expect(hint.locator("strong")).to_have_text("their")
    expect(hint).to_contain_text("Slowly, <script>x</script>")
    assert hint.locator(".colour").evaluate("words => getComputedStyle(words).color").startswith("oklch(0.5 ")
    fill(hand, tmp_path)
    walk("filled")
    page.goto(f"{base}/1")
    for question, button in {"role": "Change", "settlement": "Change", "visited": "Add or change"}.items():
        hand.press(question, button)
        expect(page.get_by_role("dialog")).to_be_visible()
        critic.look(f"inputs-sheet-{question}-en")
        close_sheet(page)
    page.goto(f"{base}/4")
    hand.press("plan", "Do it again")
    expect(page.get_by_role("dialog").locator("canvas")).to_be_visible()
    critic.look("inputs-drawing-en")
    back_closes_sheet(page)
    hand.press("said", "Record again")
    expect(hand.card("said").get_by_role("timer")).to_be_visible(timeout=PATIENCE_MS)
    critic.look("inputs-recording-en")
    assert not critic.faults, report(critic.faults)


def test_a_recording_that_is_walked_away_from_is_kept(hand: InputHand) -> None:
    page = hand.page
    hand.section("Attachments")

    def begin() -> None:
        hand.press("said", "Record")
        expect(hand.card("said").get_by_text("Recording, 0:01")).to_be_visible(timeout=PATIENCE_MS)

    begin()
    hand.next()
    page.get_by_role("link", name="Back", exact=True).click()
    expect(hand.card("said").locator("audio")).to_be_visible(timeout=PATIENCE_MS)
    hand.press("said", "Remove the recording")
    expect(hand.card("said").locator("audio")).to_have_count(0)
    begin()
    page.get_by_role("button", name="Lock now").click()
    hand.unlock()
    expect(hand.card("said").locator("audio")).to_be_visible(timeout=PATIENCE_MS)


def test_a_recording_outlives_the_death_of_the_browser(hand: InputHand, link: FlappingLink, phone: Phone) -> None:
    hand.section("Attachments")
    address = hand.page.url
    hand.press("said", "Record")
    # Chromium hands over what it records about every five seconds; from then on it is on the disk.
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while not hand.raw_storage()["pieces"]:
        assert time.monotonic() < deadline, "nothing of a recording that goes on is on the disk"
        hand.page.wait_for_timeout(200)
    phone.close()
    switch_on(phone, link.url)
    phone.context.set_offline(True)
    hand.page = phone.page
    hand.page.goto(address)
    hand.unlock()
    expect(hand.page.get_by_text("It is now the answer to: What was said")).to_be_visible(timeout=PATIENCE_MS)
    expect(hand.card("said").locator("audio")).to_be_visible()


def take_pages(app: InputHand, files: list[Path]) -> None:
    """Add a row with a photo for each file."""
    for count, file in enumerate(files, 1):
        app.page.get_by_role("button", name="Add: Page").click()
        expect(app.page.locator("[data-row]")).to_have_count(count)
        app.page.locator("article").last.locator("input[type=file]").last.set_input_files(file)
        expect(app.page.get_by_text(f"Photos: {count} of at most {MOST}")).to_be_visible(timeout=PATIENCE_MS)


def test_twenty_photos_over_a_link_that_keeps_breaking_arrive_once_each(
    asking: Server, opened: InputHand, link: FlappingLink, phone: Phone, desk: Page, tmp_path: Path
) -> None:
    taken = [camera_photo(tmp_path / f"{number}.jpg", width=160, height=120) for number in range(1, MOST)]
    opened.begin(ALBUM)
    take_pages(opened, [cut_out(tmp_path / "cut out.png", width=120, height=90), *taken])
    expect(opened.page.get_by_role("button", name="Add: Page")).to_be_hidden()
    opened.next()
    opened.finish()
    link.breaks_after = BREAKS_AFTER
    phone.context.set_offline(False)
    whole = opened.page.get_by_text(f"Photos and files received: {MOST} of {MOST}")
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while not whole.is_visible():
        assert time.monotonic() < deadline, f"not received over {link.breaks} breaks"
        # As somebody impatient does; while a contact is being tried the button says so instead.
        if (send := opened.page.get_by_role("button", name="Send now")).is_visible():
            send.click()
        opened.page.wait_for_timeout(100)
    link.breaks_after = None
    assert link.breaks >= LEAST_BREAKS
    assert opened.raw_storage()["outbox"] == 0

    at_desk = DeskApp(desk, asking)
    (listed,) = at_desk.get("/submissions?checklist=album")["submissions"]
    attachments = at_desk.get(f"/submissions/{listed['id']}")["attachments"]
    pictures = [at_desk.download(f"/attachments/{one['sha256']}/content") for one in attachments]
    assert [hashlib.sha256(picture).hexdigest() for picture in pictures] == [one["plain_sha256"] for one in attachments]
    assert len(set(pictures)) == len(attachments) == MOST
    with sqlite3.connect(asking.data / "steppe.db") as database:
        assert database.execute("select distinct outcome from inbox_item").fetchall() == [("stored",)]
    # Whose and where it was stays on the phone, and what was transparent is paper, not night.
    assert [mark for mark in (CAMERA_OWNER.encode(), b"Exif", b"eXIf") if mark in b"".join(pictures)] == []
    (spot,) = [read for picture in pictures if (read := Image.open(io.BytesIO(picture))).size == (120, 90)]
    grey = spot.convert("L").tobytes()
    assert grey[0] > 250
    assert grey[len(grey) // 2 + 60] < 130


def test_a_file_that_could_never_be_sent_is_refused_in_words(hand: InputHand, tmp_path: Path) -> None:
    hand.section("Attachments")
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    hand.attach("filmed", film)
    expect(hand.card("filmed").get_by_text("larger than can be sent")).to_be_visible(timeout=PATIENCE_MS)
    expect(hand.card("filmed").locator("video")).to_have_count(0)
    empty = tmp_path / "empty.pdf"
    empty.touch()
    hand.attach("document", empty)
    expect(hand.card("document").get_by_text("This file is empty")).to_be_visible()


SCANNER = """() => {
  window.BarcodeDetector = class {
    async detect(video) { return video.readyState > 1 ? [{rawValue: "KZ-SCANNED"}] : []; }
  };
}"""


def test_a_code_is_scanned_where_the_browser_can(hand: InputHand) -> None:
    page = hand.page
    hand.section("Attachments")
    page.evaluate(SCANNER)
    # The button is looked for when the question is drawn.
    hand.next()
    page.get_by_role("link", name="Back", exact=True).click()
    hand.press("sealed_box", "Scan the code")
    expect(hand.card("sealed_box").locator("input")).to_have_value("KZ-SCANNED", timeout=PATIENCE_MS)
    expect(page.get_by_role("dialog")).to_have_count(0)
