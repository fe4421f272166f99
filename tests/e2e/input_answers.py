"""The answers to the checklist with every input: how a hand gives them, and what has to arrive."""

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.field_app import PATIENCE_MS
from tests.e2e.input_hand import InputHand
from tests.e2e.inputs_form import LONG
from tests.e2e.pictures import camera_photo
from tests.e2e.sheets import back_closes_sheet


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
    hand.write("founded", "1994")
    expect(hand.card("counted").locator(".shown")).to_have_text("416.666667")
    expect(hand.card("fixed").locator("input")).to_have_count(0)
    expect(hand.card("secret").or_(hand.card("begun"))).to_have_count(0)


def write_part(hand: InputHand, question: str, part: str, text: str) -> None:
    """Write into one field of a date or time by its name."""
    hand.card(question).get_by_label(part, exact=True).fill(text)


def answer_dates_in_russian(hand: InputHand) -> None:
    """Day, month and year in the reader's order, by keyboard and from the browser's picker; a clock of 24 hours."""
    page, here = hand.page, hand.page.url
    page.goto(f"{hand.address}/#/me")
    page.locator("label[lang=ru]").click()
    page.goto(here)
    day = hand.card("sat_on")
    expect(day.get_by_role("group", name="День заседания").get_by_role("textbox")).to_have_count(3)
    assert day.locator("label").all_inner_texts() == ["День", "Месяц", "Год"]
    assert day.locator(".part > input").evaluate_all("fields => fields.map((one) => one.inputMode)") == ["numeric"] * 3
    day.get_by_label("День", exact=True).focus()
    for key in ("31", "Tab", "4", "Tab", "2021", "Tab"):
        page.keyboard.type(key) if key.isdigit() else page.keyboard.press(key)
    # The picker's button is still a part of the question: nobody is told off before they leave it.
    expect(day.get_by_role("button", name="Выбрать в календаре")).to_be_focused()
    expect(day.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(day.get_by_role("alert")).to_contain_text("Такого дня в календаре нет")
    expect(day.locator("[aria-invalid=true]")).to_have_count(2)
    write_part(hand, "sat_on", "День", "30")
    expect(day.get_by_text("30 апр. 2021")).to_be_visible()
    write_part(hand, "sat_on", "Год", "21")
    hand.card("founded").locator("input").focus()
    expect(day.get_by_role("alert")).to_contain_text("Четыре цифры")
    expect(day.get_by_text("30 апр. 2021")).to_have_count(0)
    write_part(hand, "sat_on", "Год", "2021")
    expect(day.get_by_role("alert")).to_have_count(0)
    clock = hand.card("opened_at")
    write_part(hand, "opened_at", "Часы", "19")
    write_part(hand, "opened_at", "Минуты", "5")
    # What the browser's own picker gives; Chromium has none to open without a screen.
    clock.locator("input[type=time]").evaluate(
        "field => { field.value = '07:05'; field.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    expect(clock.get_by_label("Часы", exact=True)).to_have_value("07")
    write_part(hand, "noted_at", "День", "10.1.2021, 14:05")
    expect(hand.card("noted_at").get_by_text("10 янв. 2021, 14:05")).to_be_visible()
    write_part(hand, "since", "Месяц", "3")
    write_part(hand, "since", "Год", "2019")
    page.evaluate("document.activeElement?.blur()")
    expect(page.locator("p.sub.pending")).to_have_count(0)
    page.goto(f"{hand.address}/#/me")
    page.locator("label[lang=en]").click()
    page.goto(here)
    expect(hand.card("sat_on").locator("input")).to_have_value("2021-04-30")
    expect(hand.card("since").locator("input")).to_have_value("2019-03")


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
    back_closes_sheet(page)
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
    back_closes_sheet(hand.page)
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
    expect(hand.card("here").get_by_text("43.238900, 76.889700, within 4 m")).to_be_visible()
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
    "sat_on": "2021-04-30",
    "opened_at": "07:05",
    "noted_at": "2021-01-10T14:05+06:00",
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
    "here": "43.238900 76.889700 0.0 4.0",
    "way": "43.238900 76.889700 0.0 4.0; 43.248900 76.889700 0.0 0.0",
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
    answer_dates_in_russian(hand)
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
