"""Filling a checklist as a whole: its short form, a search, a restart, a hundred rows, everything on one page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.e2e.chromium import PHONE, Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.long_form import PER_SECTION, SECTIONS, write_long_form
from tests.e2e.looking import Critic, report
from tests.e2e.server import Server
from tests.e2e.shared_phone import forget_drafts
from tests.e2e.sheets import close_sheet

ROWS = 100
# Of a polling station in short form: a limited mission has no time for more.
MOST_SHORT, MOST_SCREENS = 25, 6


@pytest.fixture(scope="module")
def enrolled(
    loaded_sqlite: Path, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FieldApp, Phone, Server]]:
    """A phone that holds the mission's checklists and a very long one: enrolled once, for all tests here."""
    data, profile = tmp_path_factory.mktemp("filling") / "data", tmp_path_factory.mktemp("phone")
    shutil.copytree(loaded_sqlite, data)
    server = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    server.start()
    server.command("publish", write_long_form(tmp_path_factory.mktemp("form")))
    phone = Phone(playwright, profile)
    phone.start()
    app = FieldApp(phone.page, server.url)
    app.enrol(server.json("enrol", "--team", "LTO05")["code"])
    yield app, phone, server
    phone.close()
    server.stop()
    phone.policy.check()


@pytest.fixture
def phone(enrolled: tuple[FieldApp, Phone, Server]) -> Phone:
    """The phone that all tests here hold in turn."""
    return enrolled[1]


@pytest.fixture
def app(enrolled: tuple[FieldApp, Phone, Server]) -> FieldApp:
    """The app as a test finds it: unlocked, in English, one section a screen, without a draft."""
    app, phone, _ = enrolled
    app.page = phone.page
    app.page.set_viewport_size(PHONE)
    app.open()
    forget_drafts(app.page)
    app.open()
    app.unlock()
    return app


def sheet(page: Page) -> Locator:
    """Open the list of sections; returns it."""
    page.locator("nav button[aria-expanded]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page.get_by_role("dialog")


def in_view(page: Page, card: Locator) -> bool:
    """Say whether the top of a card is on the screen, between the two bars."""
    expect(card).to_be_in_viewport()
    box, height = card.bounding_box(), page.viewport_size
    return bool(box and height and 0 <= box["y"] < height["height"] - 64)


def progress(page: Page) -> str:
    return page.locator("nav button[aria-expanded]").inner_text().replace("\u2009", "")


def test_the_short_form_asks_less_and_switching_loses_nothing(app: FieldApp) -> None:
    page = app.page
    app.go("New")
    page.get_by_role("switch", name="Short form").check()
    page.get_by_role("button", name="Long").first.click()
    expect(page.get_by_text("Section 1 of 1")).to_be_visible()
    expect(page.locator("main article")).to_have_count(2)
    assert progress(page) == "Sections\n0/2"
    app.write("q1_50", "short answer")

    sheet(page).get_by_role("switch", name="Short form").uncheck()
    close_sheet(page)
    expect(page.get_by_text(f"Section 1 of {SECTIONS + 1}")).to_be_visible()
    app.write("q1_5", "long answer")
    sheet(page).get_by_role("switch", name="Short form").check()
    close_sheet(page)
    expect(app.card("q1_5")).to_be_hidden()
    expect(app.card("q1_50").locator("textarea, input").first).to_have_value("short answer")

    page.get_by_role("link", name="Review").click()
    expect(page.get_by_text("Filled in short form")).to_be_visible()
    expect(page.get_by_text("Answers you gave outside it go with the report: 1.")).to_be_visible()
    app.go_today()
    expect(page.get_by_text("Short form ·")).to_be_visible()
    page.get_by_role("link", name="Long checklist").click()
    page.get_by_role("link", name="Review").click()
    app.finish()
    # The latest first; the phone may have finished others.
    page.get_by_role("link", name="LTO05-").first.click()
    expect(page.get_by_text("long answer")).to_be_visible()


def finish_in_short_form(app: FieldApp) -> tuple[list[str], int]:
    """Answer a visit in short form with the least there is; returns the questions shown and the number of screens."""
    page, shown, screens = app.page, [], 0
    while "#/review/" not in page.url:
        screens += 1
        expect(page.locator("div.near:not(.drawn)")).to_have_count(0)
        if app.card("ps_number").is_visible():
            app.pick("ps_number", "Орал", "Oral")
            app.now("observed_start")
            app.choose("ps_access", "Free")
        for question, label in {"vot_overall": "Good", "both_agree": "Yes", "flash_needed": "No"}.items():
            if app.card(question).is_visible():
                app.choose(question, label)
        shown += page.locator("main article[id]").evaluate_all("cards => cards.map((card) => card.id.slice(2))")
        app.next()
    app.finish()
    return shown, screens


def test_a_visit_in_short_form_is_few_questions_and_the_desk_holds_no_others(
    app: FieldApp, enrolled: tuple[FieldApp, Phone, Server], desk: Page
) -> None:
    app.go("New")
    app.page.get_by_role("switch", name="Short form").check()
    app.page.get_by_role("button", name="Voting").first.click()
    expect(app.page.get_by_text(re.compile(r"^Section 1 of"))).to_be_visible()
    shown, screens = finish_in_short_form(app)
    assert len(set(shown)) == len(shown) <= MOST_SHORT
    assert screens <= MOST_SCREENS
    expect(app.page.get_by_text("Received by HQ").first).to_be_visible(timeout=60_000)

    at_desk = DeskApp(desk, enrolled[2])
    (listed,) = at_desk.get("/submissions?checklist=polling_station_voting")["submissions"]
    desk.goto(f"{at_desk.server.url}/desk/#/reports/{listed['id']}")
    expect(desk.locator("article h2")).to_contain_text(listed["code"])
    whole = at_desk.get(f"/submissions/{listed['id']}")
    answered = [part["answer"]["path"] for section in whole["sections"] for part in section["parts"] if part["answer"]]
    assert {"ps_number", "vot_overall"} <= set(answered)
    # What was not asked has no answer, which is not the answer No: it counts in no share.
    assert set(answered) <= set(shown) | {"district_code", "region_code"}


def test_a_checklist_without_marks_has_no_short_form(app: FieldApp) -> None:
    app.begin("Meeting")
    sheet(app.page)
    expect(app.page.get_by_role("switch")).to_have_count(0)


def test_a_search_in_another_script_leads_to_the_question(app: FieldApp) -> None:
    page = app.page
    app.begin("Long")
    page.get_by_label("Clear").first.wait_for(state="attached")
    found = sheet(page)
    found.get_by_role("searchbox").fill("question 77 part 8")
    found.get_by_role("link", name="Question 77 of part 8").click()
    expect(app.card("q8_77")).to_be_focused()
    assert in_view(page, app.card("q8_77"))
    found = sheet(page)
    found.get_by_role("searchbox").fill("баллот бокс")
    expect(found.get_by_role("link")).to_have_count(SECTIONS)
    found.get_by_role("searchbox").fill("nothing like this")
    expect(found.get_by_text("Nothing found.")).to_be_visible()


def test_next_unanswered_goes_on_from_the_question_at_hand(app: FieldApp) -> None:
    page = app.page
    app.begin("Long")
    app.write("q1_1", "12")
    app.write("q1_2", "words")
    page.get_by_role("button", name="Next unanswered").click()
    expect(app.card("q1_3")).to_be_focused()
    app.write("q1_4", "5")
    page.get_by_role("button", name="Next unanswered").click()
    expect(app.card("q1_5")).to_be_focused()
    assert in_view(page, app.card("q1_5"))


def test_a_restarted_phone_opens_the_draft_at_the_same_question(app: FieldApp, phone: Phone) -> None:
    app.begin("Long")
    address = app.page.url
    app.write("q1_95", "here")
    app.saved()
    phone.restart()
    app.page = phone.page
    app.open()
    app.unlock()
    app.page.get_by_role("link", name="Long checklist").click()
    expect(app.card("q1_95")).to_be_focused()
    assert in_view(app.page, app.card("q1_95"))

    # Looked at and not answered is remembered too, and so it is where the app was killed without going back to Today.
    app.card("q1_98").locator("input, textarea").first.focus()
    app.saved()
    app.page.wait_for_timeout(1_000)
    phone.restart()
    app.page = phone.page
    app.page.goto(address)
    app.unlock()
    expect(app.card("q1_98")).to_be_focused()


def add_rows(app: FieldApp, count: int) -> None:
    for _ in range(count):
        app.page.get_by_role("button", name="Add: Officer").click()


def test_a_hundred_rows_are_lines_that_open_move_and_come_back(app: FieldApp) -> None:
    page = app.page
    app.begin("Long")
    sheet(page).get_by_role("link", name="People").click()
    add_rows(app, 2)
    page.get_by_role("textbox", name="Detail 1", exact=True).last.fill("chair of the board")
    add_rows(app, ROWS - 2)
    expect(page.get_by_text(f"Officer: {ROWS}")).to_be_visible()
    lines = page.locator("[data-row]")
    expect(lines).to_have_count(ROWS)
    expect(page.locator("[data-row][aria-expanded=true]")).to_have_count(1)
    expect(lines.nth(1)).to_contain_text("chair of the board")

    found = sheet(page)
    found.get_by_role("searchbox").fill("officer 60 detail 7")
    found.get_by_role("link", name="Officer, 60: Detail 7").click()
    expect(page.locator("article:focus h3")).to_have_text("Detail 7")
    expect(lines.nth(59)).to_have_attribute("aria-expanded", "true")
    lines.nth(59).click()

    second = lines.nth(1).get_attribute("data-row")
    page.get_by_label("Go to a row: Officer").select_option(second)
    expect(lines.nth(1)).to_be_focused()
    expect(lines.nth(1)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Alt+ArrowUp")
    expect(lines.nth(0)).to_have_attribute("data-row", second or "")
    expect(lines.nth(0)).to_be_focused()
    expect(page.get_by_text("Officer, 1 of 100")).to_be_attached()

    page.get_by_role("button", name="Remove Officer 1", exact=True).click()
    expect(lines).to_have_count(ROWS - 1)
    page.get_by_role("button", name="Put it back").click()
    expect(lines).to_have_count(ROWS)
    expect(page.get_by_role("textbox", name="Detail 1", exact=True).first).to_have_value("chair of the board")
    app.saved()


def test_everything_on_one_page_draws_only_what_is_near(app: FieldApp, phone: Phone) -> None:
    page = app.page
    app.begin("Long")
    sheet(page).locator("label", has_text="On one page").click()
    close_sheet(page)
    expect(page.get_by_role("heading", name="Part 1", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Part 10", exact=True)).to_be_attached()
    assert page.locator("main article").count() < SECTIONS * PER_SECTION / 4

    sheet(page).get_by_role("link", name=re.compile("^Part 9")).click()
    expect(page.get_by_role("heading", name="Part 9", exact=True)).to_be_in_viewport()
    found = sheet(page)
    expect(found.locator("[aria-current]")).to_contain_text("Part 9")
    found.get_by_role("searchbox").fill("77 part 4")
    found.get_by_role("link", name="Question 77 of part 4").click()
    expect(app.card("q4_77")).to_be_focused()
    assert in_view(page, app.card("q4_77"))
    app.write("q4_77", "words" if page.locator('[id="q-q4_77"] textarea').count() else "7")
    app.saved()
    assert page.locator("main article").count() < SECTIONS * PER_SECTION / 2

    phone.restart()
    app.page = phone.page
    app.open()
    app.unlock()
    app.page.get_by_role("link", name="Long checklist").click()
    expect(app.card("q4_77")).to_be_focused()


def test_a_critical_answer_asks_for_words_and_offers_a_flash_report(app: FieldApp) -> None:
    page = app.page
    app.begin("Voting")
    app.pick("ps_number", "Орал", "Oral")
    app.section("Inside and the boxes")
    app.choose("vot_box_sealed", "No")
    note = page.locator(".notice", has_text="Critical answer")
    expect(note).to_be_visible()
    note.get_by_role("link", name="Write a comment").click()
    expect(app.card("vot_comment")).to_be_focused()
    app.write("vot_comment", "The seal of the left box was open at 09:10.")
    sheet(page).get_by_role("link", name="Inside and the boxes").click()
    expect(note.get_by_role("link", name="Write a comment")).to_be_hidden()
    note.get_by_role("button", name="Start a flash report").click()
    expect(app.card("district_code")).to_contain_text("Oral city")
    app.go_today()
    expect(page.get_by_role("link", name="Flash report")).to_be_visible()
    page.get_by_role("link", name="Polling station: voting").click()
    expect(note.get_by_role("link", name="Open the flash report")).to_be_visible()


def close_version(at_desk: DeskApp, form: str) -> None:
    """Have an administrator close the version of a form."""
    listed = at_desk.get("/desk/checklists")["checklists"]
    version = next(one["id"] for one in listed if one["form"] == form)
    address = f"{at_desk.server.url}/api/v1/desk/checklists/{version}/status"
    headers = {"X-Steppe": "1", "Content-Type": "application/json"}
    answer = at_desk.page.request.post(address, data={"status": "closing"}, headers=headers)
    assert answer.ok, answer.text()


def test_a_closed_version_begins_nothing_and_its_drafts_go_on(
    app: FieldApp, enrolled: tuple[FieldApp, Phone, Server], desk: Page
) -> None:
    page = app.page
    app.begin("Complaint")
    app.write("locality", "Oral")
    app.saved()
    close_version(DeskApp(desk, enrolled[2], "admin"), "complaint")
    page.reload()
    app.unlock()
    expect(page.get_by_text("Headquarters has closed this version")).to_be_visible(timeout=60_000)
    expect(app.card("locality").locator("input")).to_have_value("Oral")
    app.go_today()
    app.go("New")
    expect(page.get_by_role("button", name="Voting").first).to_be_visible()
    expect(page.get_by_role("button", name="Complaint")).to_have_count(0)


def test_the_screens_of_filling_are_fit_for_thumbs_and_ears(app: FieldApp) -> None:
    page = app.page
    critic = Critic(page, thumb=True)
    for language in ("ru", "en"):
        page.goto(f"{app.address}/#/me")
        page.locator(f"label[lang={language}]").click()
        for layout in ("page", "sections"):
            page.goto(f"{app.address}/#/new")
            page.locator("main button").last.wait_for()
            critic.look(f"fill-new-{language}")
            page.locator("main button", has_text=re.compile("Long|Длинный")).first.click()
            expect(page.locator("main article").first).to_be_visible()
            page.locator("nav button[aria-expanded]").click()
            page.locator("dialog input[type=radio]").nth(0 if layout == "sections" else 1).check(force=True)
            critic.look(f"fill-list-{layout}-{language}")
            page.get_by_role("searchbox").fill("7")
            critic.look(f"fill-found-{layout}-{language}")
            page.get_by_role("searchbox").fill("")
            page.locator("dialog ol a").nth(SECTIONS).click()
            for _ in range(9):
                page.locator(".repeat > .button").click()
            page.locator("[data-row]").nth(7).click()
            critic.look(f"fill-rows-{layout}-{language}")
            page.locator(".tools button").last.click()
            critic.look(f"fill-undo-{layout}-{language}")
            page.locator("nav button[aria-expanded]").click()
            page.locator("dialog ol a").first.click()
            page.locator('[id="q-q1_3"] label').nth(1).click()
            critic.look(f"fill-critical-{layout}-{language}")
            page.locator("nav button[aria-expanded]").click()
            page.get_by_role("switch").check()
            close_sheet(page)
            page.locator("nav a").last.click()
            critic.look(f"fill-short-review-{layout}-{language}")
    assert not critic.faults, report(critic.faults)


def test_what_the_bars_and_cards_of_a_draft_say_is_true_in_each_language(app: FieldApp) -> None:
    page = app.page
    app.begin("Meeting")
    page.evaluate("""() => {
        window.untrue = [];
        window.saving = 0;
        const look = () => {
            const mark = document.querySelector("p.sub.pending")?.textContent ?? "";
            if (mark.includes("Draft saved")) window.untrue.push(mark);
            if (mark.includes("Saving")) window.saving += 1;
        };
        const all = {subtree: true, childList: true, characterData: true, attributes: true};
        new MutationObserver(look).observe(document.body, all);
    }""")
    first = page.locator("article textarea, article input[type=text]").first
    first.press_sequentially("A meeting in the hall", delay=60)
    app.saved()
    assert page.evaluate("window.untrue") == []
    assert page.evaluate("window.saving") > 0

    page.locator("article").filter(has_text="District").get_by_role("button").first.click()
    page.get_by_role("searchbox").fill("zzz")
    expect(page.get_by_role("dialog").get_by_text("Nothing found")).to_be_visible()
    # Escape would only empty the field of a search.
    page.get_by_role("searchbox").fill("")
    close_sheet(page)

    # Russian is chosen where the observer is, without leaving the checklist; the answer stays.
    sheet(page).locator("label", has_text="Русский").click()
    close_sheet(page)
    expect(page.get_by_text(re.compile(r"^Раздел 1 из"))).to_be_visible()
    expect(first).to_have_value("A meeting in the hall")
    sheet(page).locator("label", has_text="English").click()
    close_sheet(page)

    # Two of one checklist are told apart by what was written first, how much is answered and when they were begun.
    app.go_today()
    app.begin("Meeting")
    page.locator("article textarea, article input[type=text]").first.fill("Another hall")
    app.saved()
    app.go_today()
    drafts = page.get_by_role("link", name="Begun")
    expect(drafts).to_have_count(2)
    expect(drafts.filter(has_text="A meeting in the hall")).to_have_text(re.compile(r"\d+ of \d+ answered"))
    expect(drafts.filter(has_text="Another hall")).to_be_visible()
