"""Fixtures of the browser tests: a server that can really stop, phones that really restart, a laptop at the desk.

These tests run in a pytest of their own (`make e2e`): Playwright's synchronous interface keeps an event loop running
in its process, which asynchronous tests beside it would trip over.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.conftest import EngineName
from tests.e2e.chromium import FLAGS, LAPTOP, Phone, find_chromium
from tests.e2e.page_policy import PolicyWatch
from tests.e2e.server import PACK, Server
from tests.e2e.webkit import Display, WebKitPhone
from tests.postgres import Cluster

HERE = Path(__file__).parent
LONGEST = ("test_fill_everything.py", "test_screens.py", "test_inputs.py", "test_filling.py", "test_authoring.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that `-m "not browser"` leaves it out, and put the longest files first."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    # Each file is one worker's (`--dist loadfile`): a long one begun last would keep one of two workers alone with it.
    return LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST)


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


@pytest.fixture(scope="session")
def loaded_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose SQLite file holds the demo mission, and the secret that its keys are wrapped with."""
    data = tmp_path_factory.mktemp("loaded-sqlite")
    shutil.copy(sqlite_template, data / "steppe.db")
    Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}").command("mission", "load", PACK)
    return data


@pytest.fixture(scope="session")
def loaded_postgres(
    postgres: Cluster, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same on PostgreSQL: data folder, and name of a database to copy from."""
    data = tmp_path_factory.mktemp("loaded-postgres")
    name = postgres.create(postgres_template)
    Server(data, postgres.url(name)).command("mission", "load", PACK)
    return data, name


@pytest.fixture
def mission_server(engine_name: EngineName, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A started server that holds the Kazakhstan mission; once per engine."""
    data = tmp_path / "data"
    if engine_name == "sqlite":
        shutil.copytree(request.getfixturevalue("loaded_sqlite"), data)
        running = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
        running.start()
        yield running
        running.stop()
        return
    template_data, template = request.getfixturevalue("loaded_postgres")
    cluster: Cluster = request.getfixturevalue("postgres")
    shutil.copytree(template_data, data)
    name = cluster.create(template)
    running = Server(data, cluster.url(name))
    running.start()
    yield running
    running.stop()
    cluster.drop(name)


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
    for phone in phones:
        phone.policy.check()


@pytest.fixture
def phone(new_phone: Callable[[str], Phone]) -> Phone:
    """A started Android phone, 360 × 740."""
    return new_phone("first")


@pytest.fixture
def new_desk(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Make pages on laptops of their own, 1440 × 900."""
    contexts: list[BrowserContext] = []
    policy = PolicyWatch()

    def make() -> Page:
        context = browser.new_context(viewport=LAPTOP, locale="en-GB", timezone_id="Asia/Almaty", accept_downloads=True)
        contexts.append(context)
        policy.listen(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    policy.check()


@pytest.fixture
def desk(new_desk: Callable[[], Page]) -> Page:
    """A page on a laptop, 1440 × 900."""
    return new_desk()


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
