"""No typed letter is lost, whatever an observer does next and however slow the phone is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import FieldApp
from tests.e2e.server import Server

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

# A cheap phone: whatever is written takes a third of a second.
SLOW = """
  const encrypt = SubtleCrypto.prototype.encrypt;
  SubtleCrypto.prototype.encrypt = async function (...given) {
    await new Promise((done) => setTimeout(done, 300));
    return encrypt.apply(this, given);
  };
"""
LAST = "the last word"


def leave_for_next_section(app: FieldApp) -> None:
    app.next()


def leave_and_come_straight_back(app: FieldApp) -> None:
    """Two taps faster than the text is written: faster than this test could tap."""
    app.page.evaluate(
        """async () => {
          const back = location.hash;
          location.hash = "#/today";
          while (document.querySelector("[id^=q-]")) await new Promise(requestAnimationFrame);
          location.hash = back;
        }"""
    )


def lock(app: FieldApp) -> None:
    app.page.get_by_role("button", name="Lock now").click()
    app.unlock()


def look_at_another_app(app: FieldApp) -> None:
    """The page is hidden, as a phone says it, and ended soon after."""
    app.page.evaluate(
        """() => {
          Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    app.page.wait_for_timeout(1_000)
    app.page.reload()
    app.unlock()


MOVES: list[Callable[[FieldApp], None]] = [
    leave_for_next_section,
    leave_and_come_straight_back,
    lock,
    look_at_another_app,
]


def test_every_letter_typed_is_there_after_whatever_comes_next(mission_server: Server, phone: Phone) -> None:
    app = FieldApp(phone.page, mission_server.url)
    app.enrol(mission_server.json("enrol", "--team", "LTO05")["code"])
    phone.context.add_init_script(SLOW)
    app.page.reload()
    app.unlock()
    app.begin("Voting")
    address = app.page.url
    field = app.card("locality").locator("input")
    typed = "Begun"
    field.fill(typed)
    for move in MOVES:
        words = f", {move.__name__}, {LAST}"
        field.press("End")
        field.press_sequentially(words)
        typed += words
        move(app)
        if app.page.url != address:
            app.page.goto(address)
        expect(field).to_have_value(typed)
