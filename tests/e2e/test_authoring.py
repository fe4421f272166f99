"""A form's way from a spreadsheet with mistakes to the phones, and out of use again, as its author walks it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.authored import faulty_form, mended_form, second_form
from tests.e2e.chromium import Phone
from tests.e2e.desk_app import PATIENCE_MS, DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.looking import Critic, report
from tests.e2e.server import Server

# What the engines do differently is tested below the browser, faster.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def author(mission_server: Server, desk: Page) -> DeskApp:
    """An administrator at the desk."""
    return DeskApp(desk, mission_server, "admin")


@pytest.fixture
def reader(mission_server: Server, new_desk: Callable[[], Page]) -> DeskApp:
    """A coordinator at a desk of their own."""
    return DeskApp(new_desk(), mission_server)


def speak(page: Page, language: str) -> None:
    """Show the desk in a language."""
    page.evaluate("code => localStorage.setItem('steppe-language', code)", language)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_a_form_with_mistakes_is_told_cell_by_cell_and_publishes_nothing(author: DeskApp, tmp_path: Path) -> None:
    author.choose_form(faulty_form(tmp_path))
    page = author.page
    expect(page.get_by_role("alert")).to_contain_text("2 problems to correct")
    reference = page.get_by_role("row").filter(has_text="There is no question 'opend'.")
    expect(reference).to_contain_text("4")
    expect(reference).to_contain_text("relevant")
    expect(reference).to_contain_text("${opened}")
    expect(page.get_by_role("row").filter(has_text="constraint")).to_contain_text("6")
    expect(page.get_by_role("button", name="Publish…")).to_have_count(0)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as text").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "sheet survey, row 4, column relevant, character 1: There is no question 'opend'." in copied
    assert "door_check" not in [one["form"] for one in author.get("/desk/checklists")["checklists"]]
    # The mended file has the same name: choosing it again is another choice.
    author.choose_form(mended_form(tmp_path))
    expect(page.get_by_text("No problems and no warnings.")).to_be_visible()


def test_an_author_fills_a_form_in_russian_before_anybody_has_it(author: DeskApp, tmp_path: Path) -> None:
    page = author.page
    author.choose_form(mended_form(tmp_path))
    phone = author.framed_phone()
    expect(phone.get_by_role("heading", name="Did it open on time?")).to_be_visible()
    author.shows_insight("Not asked, and why (1)", "${opened} = 'no'")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)

    page.get_by_role("radio", name="Русский").check(force=True)
    phone.get_by_role("radio", name="Нет").check(force=True)
    phone.get_by_role("textbox", name="Женщин").fill("4")
    phone.get_by_role("textbox", name="Мужчин").fill("3")
    author.shows_insight("Calculations (1)", "7")
    author.shows_insight("Flags raised (1)", "Did it open on time?")
    author.shows_insight("Not asked, and why (0)", "Everything is asked.")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".controls").get_by_role("radio", name="Dark").check(force=True)
    expect(phone.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")

    phone.get_by_role("link", name="Проверка").click()
    phone.get_by_role("button", name="Завершить").click()
    author.shows_insight("What Finish would send", '"members": 7')
    assert sent == []
    phone.get_by_role("button", name="Заполнить заново").click()
    expect(phone.get_by_role("textbox", name="Женщин")).to_have_value("")


def test_a_phone_gets_what_was_published_and_readers_see_it_live(
    author: DeskApp, phone: Phone, tmp_path: Path, reader: DeskApp
) -> None:
    server = author.server
    reader.page.get_by_role("link", name="Checklists").click()
    expect(reader.page.get_by_role("rowheader", name="Flash report")).to_be_visible()
    field = FieldApp(phone.page, server.url)
    field.enrol(server.json("enrol", "--team", "LTO05")["code"])

    author.choose_form(mended_form(tmp_path))
    author.publish("door_check 1")
    expect(reader.page.get_by_role("rowheader", name="Door check")).to_be_visible()
    expect(reader.page.get_by_role("link", name="New form or version")).to_have_count(0)
    reader.page.get_by_role("row").filter(has_text="door_check").get_by_role("link", name="1", exact=True).click()
    expect(reader.framed_phone().get_by_role("heading", name="Did it open on time?")).to_be_visible()
    expect(reader.page.get_by_role("button", name="Retire")).to_have_count(0)

    field.open()
    field.unlock()
    field.begin("Door check")
    field.choose("opened", "No")
    field.write("why", "the key was lost")
    field.saved()

    author.choose_form(second_form(tmp_path))
    page = author.page
    changed = page.locator("tbody").filter(has_text="opened")
    expect(changed).to_contain_text("Did it open on time?")
    expect(changed).to_contain_text("Did the station open on time?")
    expect(changed).to_contain_text("choice not_observed")
    expect(changed).to_contain_text("counted for each version by itself")
    author.publish("door_check 2")
    page.get_by_role("link", name="Changes").click()
    expect(page.get_by_role("columnheader", name="Version 1")).to_be_visible()
    expect(page.get_by_text("1 changed.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="Version 2")).to_be_visible()


def test_what_arrives_for_a_retired_version_is_received_and_marked_late(
    author: DeskApp, phone: Phone, tmp_path: Path, reader: DeskApp
) -> None:
    server, page = author.server, author.page
    author.choose_form(mended_form(tmp_path))
    author.publish("door_check 1")
    field = FieldApp(phone.page, server.url)
    field.enrol(server.json("enrol", "--team", "LTO05")["code"])
    field.begin("Door check")
    field.choose("opened", "Yes")
    field.saved()

    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("What arrives from now on is still received, and marked late.")).to_be_visible()
    page.get_by_role("button", name="Retire").last.click()
    expect(page.get_by_text("■ retired")).to_be_visible()
    page.get_by_role("button", name="Open again").click()
    page.get_by_role("button", name="Open again").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_role("button", name="Leave it as it is").click()

    field.section("Review and finish")
    field.finish()
    expect(phone.page.get_by_text("Received by HQ").first).to_be_visible(timeout=PATIENCE_MS)
    reader.page.get_by_role("link", name="Reports", exact=True).click()
    line = reader.page.get_by_role("link").filter(has_text=re.compile("LTO05-A001"))
    expect(line).to_contain_text("late")
    line.click()
    expect(reader.page.locator("article")).to_contain_text("Late: its checklist was retired")


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_desk_of_authors_can_be_heard_and_seen_and_calls_nobody_else(
    author: DeskApp, tmp_path: Path, language: str
) -> None:
    page, url = author.page, author.server.url
    strangers: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((url, "blob:", "data:")):
            strangers.append(request.url)

    page.on("request", watch)
    author.choose_form(mended_form(tmp_path))
    author.publish("door_check 1")
    speak(page, language)
    critic = Critic(page, thumb=False)
    expect(page.frame_locator("iframe").locator("main h2")).to_be_visible()
    critic.look(f"desk-checklist-{language}")
    page.goto(f"{url}/desk/#/checklists")
    expect(page.get_by_role("table")).to_be_visible()
    critic.look(f"desk-checklists-{language}")
    page.goto(f"{url}/desk/#/checklists/new")
    for name, form in {"faulty": faulty_form, "second": second_form}.items():
        page.locator("input[type=file]").set_input_files(form(tmp_path))
        expect(page.locator("table").first).to_be_visible()
        critic.look(f"desk-checklist-{name}-{language}")
    page.locator("main .acts button").click()
    critic.look(f"desk-checklist-sure-{language}")
    page.locator("main .acts button").last.click()
    page.locator("main [role=status] a").click()
    expect(page.locator("iframe")).to_be_visible()
    page.goto(f"{page.url}/changes")
    expect(page.get_by_role("table")).to_be_visible()
    critic.look(f"desk-checklist-changes-{language}")
    page.locator("main .steps button").last.click()
    critic.look(f"desk-checklist-step-{language}")
    assert not critic.faults, report(critic.faults)
    assert strangers == []
