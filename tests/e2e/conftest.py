"""Fixtures of the browser tests: a server that can really stop, phones that really restart, a laptop at the desk.

These tests run in a pytest of their own (`make e2e`): Playwright's synchronous interface keeps an event loop running
in its process, which asynchronous tests beside it would trip over.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.e2e.chromium import FLAGS, LAPTOP, Phone, find_chromium
from tests.e2e.server import Server
from tests.e2e.webkit import Display, WebKitPhone

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that `-m "not browser"` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts its browser."""
    return {"executable_path": find_chromium(), "args": FLAGS, "headless": True}


@pytest.fixture
def server(engine_url: str, tmp_path: Path) -> Iterator[Server]:
    """A started server on a migrated, empty database; once per engine."""
    running = Server(tmp_path / "data", engine_url)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def new_phone(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[[str], Phone]]:
    """Make started phones by name, each with a profile of its own: `new_phone("second")`."""
    phones: list[Phone] = []

    def make(name: str) -> Phone:
        phone = Phone(playwright, tmp_path / f"phone-{name}")
        phones.append(phone)
        phone.start()
        return phone

    yield make
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(new_phone: Callable[[str], Phone]) -> Phone:
    """A started Android phone, 360 × 740."""
    return new_phone("first")


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page on a laptop, 1440 × 900."""
    context = browser.new_context(viewport=LAPTOP, locale="en-GB", timezone_id="Asia/Almaty", accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    """A virtual screen for WebKit."""
    screen = Display()
    yield screen
    screen.close()


@pytest.fixture
def webkit_phone(display: Display, tmp_path: Path) -> Iterator[WebKitPhone]:
    """A started phone with Safari's engine, 360 × 740."""
    phone = WebKitPhone(display, tmp_path / "webkit")
    phone.start()
    yield phone
    phone.close()
