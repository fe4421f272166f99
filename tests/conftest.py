"""Fixtures every test may ask for: both database engines, empty or migrated, fast enough for one per test."""

import asyncio
import gc
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import hypothesis
import pytest

from steppe.kit.budgets import Budget
from steppe.kit.db import Database
from steppe.kit.logs import JsonLines
from steppe.kit.settings import Settings
from steppe.migrate import migrate
from steppe.people.sign_in import SignIns
from tests import mission_walk
from tests.fixtures_neighbour import write_neighbour
from tests.postgres import Cluster

EngineName = Literal["sqlite", "postgresql"]
ROOT = Path(__file__).parent.parent

# A busy machine is not a bug: no property test fails for being slow. A failure prints how to play it again.
hypothesis.settings.register_profile(
    "steppe", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steppe")
mission_walk.watch()


def pytest_collection_finish() -> None:
    """Spare the collector what was imported: looking through it again and again took a sixth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def no_statement_without_its_mission() -> Iterator[None]:
    """Fail the test in which the server reads or changes a mission's rows without naming the mission."""
    mission_walk.found.clear()
    yield
    seen, mission_walk.found[:] = sorted(set(mission_walk.found)), []
    assert seen == [], "statements without their mission:\n" + "\n".join(seen)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Take back the logs of a command that served in this process: they go to a terminal that is gone with its test."""
    root = logging.getLogger()
    level = root.level
    yield
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, JsonLines):
            root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def time_stands_still_for_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give no ask back while a test counts asks: a busy machine takes seconds for them, and more are then let in.

    A test about the passing of time hands its budget a clock.
    """
    for counted in (Budget, SignIns):
        defaults = {**(counted.__init__.__kwdefaults__ or {}), "clock": lambda: 1_000.0}
        monkeypatch.setattr(counted.__init__, "__kwdefaults__", defaults)


def run_apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a thread of its own: browser tests keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()


def lay_tables(data: Path, url: str) -> None:
    """Bring a database to the newest revision, the way the command line does."""

    async def lay() -> None:
        opened = Database(Settings(data=data, database_url=url))
        await migrate(opened)
        await opened.close()

    run_apart(lay)


def lay_neighbour(settings: Settings) -> None:
    """Write the other mission into a migrated database."""
    run_apart(lambda: write_neighbour(settings))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """This test process's own PostgreSQL."""
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a migrated database without connections, to copy others from."""
    name = postgres.create()
    lay_tables(tmp_path_factory.mktemp("postgres-template"), postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, closed, to copy others from."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    path = folder / "template.db"
    lay_tables(folder, f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """Each test that asks for it, directly or by a database fixture, runs once per engine."""
    name: EngineName = request.param
    return name


@pytest.fixture
def engine_url(engine_name: EngineName, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a migrated, empty database of the test's own."""
    if engine_name == "sqlite":
        path = tmp_path / "steppe.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgres_template")
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create(template)
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def blank_engine_url(engine_name: EngineName, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database without any table: for tests of the migrations themselves."""
    if engine_name == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'blank.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def sqlite_neighbour(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose SQLite file holds another mission, and the secret that its keys are wrapped with."""
    data = tmp_path_factory.mktemp("sqlite-neighbour")
    shutil.copy(sqlite_template, data / "steppe.db")
    lay_neighbour(Settings(data=data))
    return data


@pytest.fixture(scope="session")
def postgres_neighbour(
    postgres: Cluster, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same on PostgreSQL: data folder, and name of a database to copy from."""
    data = tmp_path_factory.mktemp("postgres-neighbour")
    name = postgres.create(postgres_template)
    lay_neighbour(Settings(data=data, database_url=postgres.url(name)))
    return data, name


@pytest.fixture
def settings(engine_name: EngineName, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of a server on the test's own database and data folder, which hold another mission (`NEIGHBOUR`)."""
    data = tmp_path / "data"
    if engine_name == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_neighbour"), data)
        yield Settings(data=data, database_url=f"sqlite+aiosqlite:///{data / 'steppe.db'}")
        return
    template_data, template = request.getfixturevalue("postgres_neighbour")
    cluster: Cluster = request.getfixturevalue("postgres")
    shutil.copytree(template_data, data)
    name = cluster.create(template)
    yield Settings(data=data, database_url=cluster.url(name))
    cluster.drop(name)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The server's way to that database, closed after the test."""
    opened = Database(settings)
    yield opened
    await opened.close()
