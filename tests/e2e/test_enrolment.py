"""A phone opened by a link that names the mission's keys is set up by no server that has others."""

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.between import API, Between
from tests.e2e.chromium import Phone
from tests.e2e.field_app import PASSPHRASE, PATIENCE_MS, FieldApp
from tests.e2e.server import Server

REFUSAL = "this is not your mission’s headquarters"
KEYS, REDEEM = f"{API}/enrolments/keys", f"{API}/enrolments/redeem"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def between(mission_server: Server) -> Iterator[Between]:
    standing = Between(mission_server)
    yield standing
    standing.close()


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)


def choose_passphrase(page: Page) -> None:
    page.get_by_label("Passphrase or PIN", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_role("button", name="Use this passphrase").click()


def stored(page: Page) -> list[str]:
    """Names of the stores of the phone that hold something."""
    names: list[str] = page.evaluate("""async () => {
        const filled = [];
        for (const { name } of await indexedDB.databases()) {
            const database = await new Promise(done => {
                const request = indexedDB.open(name);
                request.onsuccess = () => done(request.result);
            });
            for (const store of database.objectStoreNames) {
                const count = await new Promise(done => {
                    const request = database.transaction(store).objectStore(store).count();
                    request.onsuccess = () => done(request.result);
                });
                if (count) filled.push(store);
            }
            database.close();
        }
        return filled;
    }""")
    return names


def test_a_server_with_other_keys_is_refused_before_a_passphrase_is_asked(between: Between, phone: Phone) -> None:
    page = phone.page
    link = between.server.json("enrol", "--team", "LTO05")["link"].replace(between.server.url, between.url)
    between.swapping = {"/enrolments/keys", "/enrolments/redeem"}
    page.goto(link)
    expect(page.get_by_text("This link names the keys of headquarters")).to_be_visible()
    # The code with its thumbprint is seen whole at 360 px.
    is_cut = "field => field.scrollWidth > field.clientWidth || field.scrollHeight > field.clientHeight"
    assert page.get_by_label("Enrolment code").evaluate(is_cut) is False
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(REFUSAL)).to_be_visible()
    expect(page.get_by_text("Tell your co-ordinator at once")).to_be_visible()
    expect(page.get_by_label("Passphrase or PIN", exact=True)).to_be_hidden()
    assert (KEYS in between.asked, REDEEM in between.asked) == (True, False)
    assert stored(page) == []

    # The first question passed on, the answer to the second swapped: refused after the passphrase, and nothing kept.
    between.swapping = {"/enrolments/redeem"}
    page.get_by_role("button", name="Next").click()
    choose_passphrase(page)
    expect(page.get_by_text(REFUSAL)).to_be_visible(timeout=PATIENCE_MS)
    assert "transport" not in stored(page)

    # Nobody meddles any more: the same link is as good as before.
    between.swapping = set()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Headquarters has the keys your link names")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(REFUSAL)).to_be_hidden()
    assert "transport" in stored(page)


def test_a_code_alone_enrols_and_says_that_digits_are_to_be_compared(mission_server: Server, phone: Phone) -> None:
    page = phone.page
    page.goto(f"{mission_server.url}/")
    page.get_by_label("Enrolment code").fill(mission_server.json("enrol", "--team", "LTO05")["code"])
    expect(page.get_by_text("This code does not name the keys of headquarters")).to_be_visible()
    page.get_by_label("Enrolment code").press("Enter")
    # The verdict on a passphrase moves the field below it from under no thumb.
    again = page.get_by_label("The same again")
    stood = again.bounding_box()
    page.get_by_label("Passphrase or PIN", exact=True).fill("password1234")
    expect(page.get_by_text("Too easy to guess")).to_be_visible()
    assert again.bounding_box() == stood
    choose_passphrase(page)
    expect(page.get_by_text("Read these six digits to your co-ordinator")).to_be_visible(timeout=PATIENCE_MS)
    # Read aloud on one end and compared on the other: written the same way.
    digits = page.get_by_text(re.compile(r"^\d{3} \d{3}$")).inner_text()
    assert f"matching code {digits}" in mission_server.command("enrol", "--list")


def let_codes_end(server: Server) -> None:
    """Make it three days later for the codes that are out."""
    with sqlite3.connect(server.data / "steppe.db") as database:
        database.execute("update enrolment set expires_at = '2026-01-01 00:00:00.000000'")


def test_a_code_that_is_used_up_or_has_ended_is_told_before_a_passphrase_is_asked(
    mission_server: Server, phone: Phone, new_phone: Callable[[str], Phone]
) -> None:
    link = mission_server.json("enrol", "--team", "LTO05")["link"]
    FieldApp(phone.page, mission_server.url).enrol(link.split("#enrol=")[1])
    other = new_phone("second").page
    other.goto(link)
    other.get_by_role("button", name="Next").click()
    expect(other.get_by_text("This code has set up a phone already")).to_be_visible()
    expect(other.get_by_label("Passphrase or PIN", exact=True)).to_be_hidden()
    assert stored(other) == []

    ended = mission_server.json("enrol", "--team", "LTO05")["link"]
    let_codes_end(mission_server)
    other.goto("about:blank")
    other.goto(ended)
    other.get_by_role("button", name="Next").click()
    expect(other.get_by_text("The time of this code is over")).to_be_visible()
    expect(other.get_by_label("Passphrase or PIN", exact=True)).to_be_hidden()
    assert stored(other) == []

    # In a tab of Safari there is no way on but the home screen: what a tab stores there goes after seven days.
    other.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ value: '{IPHONE}' }})")
    other.goto("about:blank")
    other.goto(ended)
    expect(other.get_by_role("alert").get_by_role("listitem")).to_have_count(3)
    expect(other.get_by_role("button", name="Copy the code")).to_be_visible()
    expect(other.get_by_role("button", name="Next")).to_have_count(0)
    expect(other.get_by_label("Enrolment code")).to_have_count(0)

    # The phone that has its team is told whose it is, open and locked, also when the app is open already.
    page = phone.page
    page.goto(mission_server.json("enrol", "--team", "LTO06")["link"])
    expect(page.get_by_text("This phone belongs to LTO05")).to_be_visible()
    page.get_by_role("alert").get_by_role("button", name="Understood").click()
    expect(page.get_by_text("This phone belongs to LTO05")).to_be_hidden()
    page.goto("about:blank")
    page.goto(mission_server.json("enrol", "--team", "LTO06")["link"])
    expect(page.get_by_text("This phone is set up already")).to_be_visible()
    expect(page.get_by_text("Your drafts and reports are safe")).to_be_visible()
