"""Every type of question and every appearance: answered offline by touch and by keyboard, and what arrives of it."""

import hashlib
import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import PATIENCE_MS
from tests.e2e.input_hand import InputHand
from tests.e2e.inputs_form import LONG, write_form
from tests.e2e.looking import Critic, report
from tests.e2e.pictures import CAMERA_OWNER, camera_photo
from tests.e2e.server import ROOT, Server

TITLE = "Every input"
HERE = {"latitude": 43.2389, "longitude": 76.8897, "accuracy": 12}
SECTIONS = ("Numbers and words", "Choices", "Grids", "Pictures and sounds", "Attachments", "Places")


@pytest.fixture
def asking(loaded_sqlite: Path, tmp_path: Path) -> Iterator[Server]:
    """A started server whose mission has the checklist with every input."""
    data = tmp_path / "asking"
    shutil.copytree(loaded_sqlite, data)
    running = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    command = [sys.executable, "-m", "tests.e2e.publish_definition", str(write_form(tmp_path))]
    done = subprocess.run(command, env=running.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    running.start()
    yield running
    running.stop()


@pytest.fixture
def hand(asking: Server, phone: Phone) -> InputHand:
    """An enrolled phone at the first section of the checklist, far from any network."""
    phone.context.grant_permissions(["geolocation", "camera", "microphone"], origin=asking.url)
    phone.context.set_geolocation(HERE)  # type: ignore[arg-type]  # a TypedDict in all but name
    app = InputHand(phone.page, asking.url)
    app.enrol(asking.json("enrol", "--team", "LTO05")["code"])
    # The page is loaded anew without a server: whatever is fetched late must have been kept beforehand.
    phone.context.set_offline(True)
    app.open()
    app.unlock()
    app.begin(TITLE)
    return app


def answer_numbers(hand: InputHand) -> None:
    """Ranges by key and button, numbers, texts, parts of dates."""
    slider = hand.card("scale").get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "Not set yet")
    hand.keys("scale", "slider", *["ArrowRight"] * 6)
    expect(hand.card("scale").locator(".value")).to_have_text("7")
    for _ in range(4):
        hand.press("share", "More")
    expect(hand.card("share").locator(".value")).to_have_text("0.15")
    hand.choose("stars", "4")
    hand.write("people", "2")
    hand.press("people", "More")
    hand.write("ballots", "1250")
    hand.write("phone", "+7 701 000 00 00")
    expect(hand.card("ballots").locator("input")).to_have_value("1\u202f250")
    hand.write("site", "https://example.org")
    hand.write("code_word", "jusan")
    expect(hand.card("code_word").locator("input")).to_have_attribute("type", "password")
    hand.card("story").get_by_text("More guidance").click()
    expect(hand.card("story").get_by_text("No names of sources.")).to_be_visible()
    hand.write("story", "Nothing\nmuch")
    hand.write("since", "2019-03")
    hand.write("founded", "1994")
    expect(hand.card("counted").locator(".shown")).to_have_text("416.6666666666667")
    expect(hand.card("fixed").locator("input")).to_have_count(0)
    expect(hand.card("secret").or_(hand.card("begun"))).to_have_count(0)


def answer_choices(hand: InputHand) -> None:
    """Sheets, searches, scales, columns, quick ones, a ranking."""
    page = hand.page
    hand.press("role", "Choose")
    page.get_by_role("dialog").get_by_text("Member", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(hand.card("role").get_by_role("listitem")).to_have_text("Member")
    hand.press("parties", "Choose")
    for party in ("Member", "Proxy of a candidate"):
        page.get_by_role("dialog").get_by_text(party, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    hand.press("settlement", "Choose")
    expect(page.get_by_text(f"{LONG - 50} more. Type to narrow.")).to_be_visible()
    assert page.get_by_role("dialog").get_by_role("listitem").count() == 50
    page.keyboard.press("Escape")
    hand.search("settlement", "aktobe 19995", "Ақтөбе 19995")
    hand.search("visited", "", "Oral 1", "Taraz 4")
    hand.choose("trust", "Rather agree")
    hand.choose("doors", "Half")
    expect(hand.card("signs").get_by_role("img")).to_be_visible()
    hand.choose("signs", "Rules", "Voter lists")
    hand.choose("first_quick", "Shut")
    expect(hand.card("second_quick")).to_be_focused()
    hand.choose("second_quick", "No")
    rank_by_hand(hand)
    hand.card("seen").get_by_role("checkbox").check()


def rank_by_hand(hand: InputHand) -> None:
    """Order by buttons and keys, then by dragging."""
    lines = hand.card("problems").locator("li .name")
    expect(lines).to_have_text(["Queues", "Errors in the voter lists", "No heating"])
    down = hand.card("problems").get_by_role("button", name="Move down: Queues")
    down.focus()
    hand.page.keyboard.press("Enter")
    expect(lines).to_have_text(["Errors in the voter lists", "Queues", "No heating"])
    expect(down).to_be_focused()
    expect(hand.page.get_by_text("Queues: place 2 of 3")).to_be_attached()
    hand.drag_up("problems", 2, 2)
    expect(lines).to_have_text(["No heating", "Errors in the voter lists", "Queues"])


def answer_grids(hand: InputHand) -> None:
    """Lines of two grids, by keyboard and by touch."""
    first = hand.page.get_by_role("group", name="Ballot boxes").get_by_role("radio")
    first.nth(0).focus()
    hand.page.keyboard.press("ArrowRight")
    expect(first.nth(1)).to_be_checked()
    hand.page.get_by_role("group", name="Seals").get_by_role("radio", name="Not at all").check()
    for box in ("Open", "Half"):
        hand.page.get_by_role("group", name="Morning").get_by_role("checkbox", name=box).check()
    hand.page.get_by_role("group", name="Evening").get_by_role("checkbox", name="Shut").check()


def look_at_shown(hand: InputHand) -> None:
    """Pictures and recordings of the form itself, and one that never came."""
    note = hand.card("shown_note")
    expect(note.get_by_role("heading")).to_contain_text("for 3 people")
    expect(note.get_by_role("img")).to_be_visible()
    expect(note.locator("audio")).to_be_visible()
    hand.press("shown_note", "Show larger")
    expect(hand.page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    hand.page.keyboard.press("Escape")
    expect(hand.card("shown_gone").get_by_text("Picture not downloaded yet")).to_be_visible()
    hand.choose("shown_gone", "No")


def attach_everything(hand: InputHand, folder: Path) -> dict[str, Path]:
    """Photos, drawings, recordings, a file and a code; returns the files that were chosen."""
    photo = camera_photo(folder / "IMG_0001.jpg")
    document = folder / "protocol of 12 March.pdf"
    document.write_bytes(b"%PDF-1.4 not much of one")
    hand.photograph("photo", photo)
    hand.draw("signature", "Sign")
    hand.draw("plan", "Draw")
    hand.photograph("marked", photo)
    hand.draw("marked", "Draw on it")
    hand.record("said", "Record sound")
    hand.record("filmed", "Record video")
    hand.attach("document", document)
    expect(hand.card("document").get_by_text(document.name)).to_be_visible(timeout=PATIENCE_MS)
    hand.write("sealed_box", "KZ-000417")
    return {"document": document}


def answer_places(hand: InputHand) -> None:
    """A point from the receiver, a line half typed, an area typed whole, with a point too many."""
    hand.press("here", "Take the coordinates now")
    expect(hand.card("here").get_by_text("43.238900, 76.889700, within 12 m")).to_be_visible()
    hand.press("way", "Add this point")
    expect(hand.card("way").get_by_text("A line needs at least 2 points.")).to_be_visible()
    hand.type_place("way", "43.2489; 76,8897")
    expect(hand.card("way").get_by_text("Length: 1.11 km")).to_be_visible()
    for place in ("43.25 76.92", "43.26 76.92", "43.26 76.94", "10 10"):
        hand.type_place("square", place)
    hand.press("square", "Remove point 4")
    hand.press("square", "Undo")
    expect(hand.card("square").locator("li")).to_have_count(4)
    hand.press("square", "Remove point 4")
    expect(hand.card("square").get_by_text("Area: 90")).to_be_visible()
    hand.type_place("square", "95 10")
    expect(hand.card("square").get_by_role("alert")).to_contain_text("latitude −90 to 90")


def answers_at(desk: DeskApp) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of the only report by question, and its attachments by question."""
    (listed,) = desk.get("/submissions")["submissions"]
    whole = desk.get(f"/submissions/{listed['id']}")
    given = [part["answer"] for section in whole["sections"] for part in section["parts"] if part["answer"]]
    answers = {answer["path"]: answer["value"] for answer in given}
    return answers, {one["path"]: one for one in whole["attachments"]}


EXPECTED = {
    "scale": 7,
    "share": 0.15,
    "stars": 4,
    "people": 3,
    "ballots": 1250,
    "phone": "+7 701 000 00 00",
    "site": "https://example.org",
    "code_word": "jusan",
    "story": "Nothing\nmuch",
    "since": "2019-03-01",
    "founded": "1994-01-01",
    "fixed": "Round one",
    "role": "member",
    "parties": ["member", "proxy"],
    "settlement": "s19995",
    "visited": ["s1", "s4"],
    "trust": "rather",
    "doors": "b",
    "signs": ["lists", "rules"],
    "first_quick": "c",
    "second_quick": "no",
    "problems": ["heat", "lists", "queue"],
    "seen": "OK",
    "grid_one": "rather",
    "grid_two": "not",
    "table_one": ["a", "b"],
    "table_two": ["c"],
    "shown_gone": "no",
    "sealed_box": "KZ-000417",
    "here": "43.238900 76.889700 0.0 12.0",
    "way": "43.238900 76.889700 0.0 12.0; 43.248900 76.889700 0.0 0.0",
}
TYPES = {
    "photo": "image/jpeg",
    "signature": "image/png",
    "plan": "image/png",
    "marked": "image/jpeg",
    "said": "audio/webm",
    "filmed": "video/webm",
    "document": "application/pdf",
}


def fill(hand: InputHand, folder: Path) -> dict[str, Path]:
    """Answer every section; returns the files that were chosen."""
    answer_numbers(hand)
    hand.next()
    answer_choices(hand)
    hand.next()
    answer_grids(hand)
    hand.next()
    look_at_shown(hand)
    hand.next()
    chosen = attach_everything(hand, folder)
    hand.next()
    answer_places(hand)
    hand.next()
    return chosen


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
    answers, attachments = answers_at(at_desk)
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
    fill(hand, tmp_path)
    walk("filled")
    page.goto(f"{base}/1")
    for question, button in {"role": "Change", "settlement": "Change", "visited": "Add or change"}.items():
        hand.press(question, button)
        expect(page.get_by_role("dialog")).to_be_visible()
        critic.look(f"inputs-sheet-{question}-en")
        page.keyboard.press("Escape")
    page.goto(f"{base}/4")
    hand.press("plan", "Do it again")
    expect(page.get_by_role("dialog").locator("canvas")).to_be_visible()
    critic.look("inputs-drawing-en")
    page.keyboard.press("Escape")
    hand.press("said", "Record again")
    expect(hand.card("said").get_by_role("timer")).to_be_visible(timeout=PATIENCE_MS)
    critic.look("inputs-recording-en")
    assert not critic.faults, report(critic.faults)
