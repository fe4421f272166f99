"""The page that checks receipt files, from `steppe receipt make` to its verdict, where nobody has signed in."""

from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.desk_app import DeskApp
from tests.e2e.looking import LEAST_TARGET, SET_TEXT, SMALL_TARGETS, STICKING_OUT, TEXT_SIZES
from tests.e2e.screens import picture, violations
from tests.e2e.server import Server
from tests.e2e.test_desk import simulate

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
CHOOSE = "Choose the receipt file"
CHOOSE_CHECKPOINT = "Choose a checkpoint"
KEY_FIELD = "Thumbprint of the mission's key (optional)"
PHONE = ViewportSize(width=390, height=844)


class ReceiptFiles(NamedTuple):
    """A receipt file, the checkpoint it stands under, a later one, and the thumbprint that headquarters tells."""

    receipt: Path
    kept: Path
    later: Path
    key: str


@pytest.fixture
def receipts(mission_server: Server, tmp_path: Path) -> ReceiptFiles:
    """What headquarters makes of a report that has come."""
    receipt, kept, later = (tmp_path / name for name in ("receipt.json", "kept.json", "later.json"))
    simulate(mission_server, "lto05a", 1)
    mission_server.command("receipt", "checkpoint", kept, "--mission", "KZ2021")
    simulate(mission_server, "lto05b", 1)
    mission_server.command("receipt", "checkpoint", later, "--mission", "KZ2021")
    said = mission_server.command("receipt", "make", "LTO05-A001", receipt, "--mission", "KZ2021")
    return ReceiptFiles(receipt, kept, later, said.split("--trust ")[1].split()[0])


def choose(page: Page, name: str, file: Path) -> None:
    """Choose a file with the keyboard."""
    with page.expect_file_chooser() as caught:
        page.get_by_role("button", name=name).press("Enter")
    caught.value.set_files(file)


def flipped(file: Path, place: int) -> Path:
    """The file with one bit another."""
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    other = file.with_name(f"flipped-{place}.json")
    other.write_bytes(content)
    return other


def test_a_receipt_file_is_checked_without_a_network_and_without_signing_in(
    mission_server: Server, receipts: ReceiptFiles, desk: Page
) -> None:
    page = desk
    page.goto(f"{mission_server.url}/receipt")
    expect(page.get_by_role("heading", name="Check a receipt")).to_be_visible()
    page.wait_for_load_state("networkidle")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.context.set_offline(True)

    choose(page, CHOOSE, receipts.receipt)
    verdict = page.get_by_role("status")
    expect(verdict).to_contain_text("Compare its key before you rely on it")
    expect(page.get_by_role("heading", name="Result for receipt.json")).to_be_focused()
    expect(page.get_by_text(receipts.key)).to_be_visible()
    expect(verdict).to_contain_text("team LTO05")
    expect(page.get_by_text("That time, too, is the mission's word")).to_be_visible()

    page.get_by_label(KEY_FIELD).fill(receipts.key)
    expect(verdict).to_contain_text("it rests on the key that you were told")
    choose(page, CHOOSE_CHECKPOINT, receipts.kept)
    expect(page.get_by_text("Under the checkpoint that you chose")).to_be_visible()

    alert = page.get_by_role("alert")
    choose(page, CHOOSE_CHECKPOINT, receipts.later)
    expect(alert).to_contain_text("The checkpoint that you chose does not bear this file out")
    expect(alert).to_contain_text("steppe receipt make")
    choose(page, CHOOSE_CHECKPOINT, receipts.kept)
    page.get_by_label(KEY_FIELD).fill(f"{receipts.key[:-1]}!")
    expect(alert).to_contain_text("It rests on another key than the one you typed.")
    page.get_by_label(KEY_FIELD).fill(receipts.key)
    length = receipts.receipt.stat().st_size
    for place in range(length // 11, length, length // 11):
        choose(page, CHOOSE, flipped(receipts.receipt, place))
        expect(page.get_by_role("heading", name=f"Result for flipped-{place}.json")).to_be_focused()
        expect(alert).to_contain_text("This file proves nothing")
    assert requests == []


def test_its_policy_lets_the_page_send_nothing_even_if_it_wanted_to(mission_server: Server, browser: Browser) -> None:
    # Without the watch over refusals: here they are what is wanted.
    page = browser.new_page()
    page.goto(f"{mission_server.url}/receipt/")
    for attempt in ("fetch('/api/v1/health')", "new WebSocket('ws://' + location.host)"):
        said = page.evaluate(
            f"""async () => {{
              const refused = new Promise((tell) =>
                addEventListener("securitypolicyviolation", tell, {{ once: true }}));
              try {{ await {attempt}; }} catch {{ /* refused */ }}
              return (await refused).effectiveDirective;
            }}"""
        )
        assert said == "connect-src"
    page.close()


def test_it_is_read_by_everybody(mission_server: Server, receipts: ReceiptFiles, desk: Page) -> None:
    found = {
        language: faults_in(language, desk, f"{mission_server.url}/receipt/", receipts.receipt)
        for language in ("en", "ru", "kk")
    }
    assert found == {"en": {}, "ru": {}, "kk": {}}


def faults_in(language: str, page: Page, address: str, receipt: Path) -> dict[str, list[str]]:
    """What somebody cannot read or touch of the page: empty, with a file that holds, and with one that does not."""
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.reload()
    page.locator("header select").first.select_option(language)
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        wrong: list[str] = []
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{scheme}: {line}" for line in violations(page, of_colours=scheme == "dark")]
        wrong += page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        # The whole page at once.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size(ViewportSize(width=PHONE["width"], height=height))
        picture(page, f"receipt-{name}-{language}")
        page.set_viewport_size(PHONE)
        for size, setting in TEXT_SIZES.items():
            page.evaluate(SET_TEXT, setting)
            wrong += [f"{size}: {line}" for line in page.evaluate(STICKING_OUT, PHONE["width"])]
        page.evaluate(SET_TEXT, TEXT_SIZES["normal"])
        if wrong:
            faults[name] = wrong

    look("empty")
    chooser = page.locator("input[type=file]")
    chooser.first.set_input_files(receipt)
    expect(page.get_by_role("status")).to_be_visible()
    look("proved")
    chooser.first.set_input_files(flipped(receipt, receipt.stat().st_size // 2))
    expect(page.get_by_role("alert")).to_be_visible()
    look("refused")
    return faults


def test_the_desk_leads_to_it_from_a_report(mission_server: Server, desk: Page) -> None:
    simulate(mission_server, "lto05a", 1)
    DeskApp(desk, mission_server)
    desk.goto(f"{mission_server.url}/desk/#/reports")
    desk.get_by_role("link", name="LTO05-A001").first.click()
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Check a receipt file").click()
    expect(opened.value.get_by_role("heading", name="Check a receipt")).to_be_visible()
