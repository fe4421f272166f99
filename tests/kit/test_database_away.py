"""A database that is stopped, restarted, full, read-only, damaged or crowded: nobody sees a failure of ours."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steppe.kit.db import Database, is_passing
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.migrate import migrate
from tests.fixtures_checklist import answers
from tests.fixtures_mission import Seeded, seed
from tests.fixtures_phone import Phone
from tests.fixtures_server import API
from tests.postgres import Cluster

TRY_LATER = "urn:steppe:problem:try-later"


@contextlib.asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[AsyncClient, FastAPI]]:
    app = create_app(settings)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://steppe.test") as client:
        yield client, app
    await app.state.parts[Database].close()


async def push(client: AsyncClient, phone: Phone) -> Response:
    body = phone.push_body(phone.report(answers()))
    return await client.post(f"{API}/sync/push", json=body, headers=phone.bearer)


def says_try_later(answer: Response) -> bool:
    return answer.status_code == 503 and answer.json()["type"] == TRY_LATER and int(answer.headers["retry-after"]) > 0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, which it may stop; few connections, so that a test can use them up."""
    own = Cluster(("max_connections=9", "superuser_reserved_connections=1", "fsync=off"))
    yield own
    own.close()


async def seeded(settings: Settings) -> Seeded:
    database = Database(settings)
    await migrate(database)
    made = await seed(database, settings)
    await database.close()
    return made


async def test_a_stopped_postgresql_is_told_as_try_later_and_a_restart_costs_no_request(
    cluster: Cluster, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=cluster.url(cluster.create()))
    mission = await seeded(settings)
    phone = mission.phones[0]
    async with served(settings) as (client, _):
        assert (await push(client, phone)).status_code == 200
        cluster.stop()
        for answer in [await push(client, phone), await client.get(f"{API}/health"), await push(client, phone)]:
            assert says_try_later(answer), answer.text
        cluster.start()
        assert (await push(client, phone)).status_code == 200
        assert (await client.get(f"{API}/health")).status_code == 200
        # Restarted between two requests: every pooled connection is dead, and none of them costs a request.
        cluster.stop()
        cluster.start()
        for _ in range(4):
            assert (await push(client, phone)).status_code == 200


async def test_a_postgresql_that_dies_under_a_push_is_told_as_try_later(cluster: Cluster, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=cluster.url(cluster.create()))
    mission = await seeded(settings)
    async with served(settings) as (client, app):
        assert (await push(client, mission.phones[0])).status_code == 200
        async with app.state.parts[Database].write() as holding:
            await holding.execute(text("LOCK TABLE mission_counter IN EXCLUSIVE MODE"))
            waiting = [asyncio.create_task(push(client, phone)) for phone in mission.phones]
            await asyncio.sleep(0.5)
            cluster.stop()
            for answer in await asyncio.gather(*waiting):
                assert says_try_later(answer), answer.text
            await holding.invalidate()


async def test_a_postgresql_out_of_connections_is_told_as_try_later(cluster: Cluster, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=cluster.url(cluster.create()))
    mission = await seeded(settings)
    crowd = Database(settings)
    async with contextlib.AsyncExitStack() as held:

        async def crowd_in() -> None:
            for _ in range(12):
                session = await held.enter_async_context(crowd.read())
                await session.execute(text("SELECT 1"))

        with pytest.raises(DBAPIError) as full:
            await crowd_in()
        assert is_passing(full.value)
        async with served(settings) as (client, _):
            for answer in [await push(client, mission.phones[0]), await client.get(f"{API}/health")]:
                assert says_try_later(answer), answer.text
    await crowd.close()
    async with served(settings) as (client, _):
        assert (await push(client, mission.phones[0])).status_code == 200


@pytest.fixture
async def small(tmp_path: Path, sqlite_template: Path) -> tuple[Settings, Seeded, Path]:
    """A seeded SQLite server."""
    settings = Settings(data=tmp_path / "data")
    return settings, await seeded(settings), tmp_path / "data" / "steppe.db"


async def test_a_full_disk_is_told_as_try_later_and_nothing_is_lost(small: tuple[Settings, Seeded, Path]) -> None:
    settings, mission, _ = small
    async with served(settings) as (client, app):
        async with app.state.parts[Database].write() as session:
            pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
            await session.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        statuses = []
        for _ in range(60):
            answer = await push(client, mission.phones[0])
            statuses.append(answer.status_code)
            if answer.status_code != 200:
                assert says_try_later(answer), answer.text
        assert {200, 503} == set(statuses)
        async with app.state.parts[Database].write() as session:
            await session.execute(text("PRAGMA max_page_count = 1000000"))
        assert (await push(client, mission.phones[0])).status_code == 200
        async with app.state.parts[Database].read() as session:
            kept = (await session.execute(text("SELECT count(*) FROM submission"))).scalar_one()
    assert kept == statuses.count(200) + 1


@pytest.mark.parametrize("spoilt", ["damaged", "no database", "a folder"])
async def test_a_database_file_that_cannot_be_used_is_told_as_try_later(
    small: tuple[Settings, Seeded, Path], spoilt: str
) -> None:
    settings, mission, path = small
    content = path.read_bytes()
    path.unlink()
    if spoilt == "a folder":
        path.mkdir()
    else:
        # Every page but the first, which names the tables, is noise; or all is.
        path.write_bytes(content[:4096] + os.urandom(len(content) - 4096) if spoilt == "damaged" else b"x" * 9000)
    async with served(settings) as (client, _):
        for answer in [await push(client, mission.phones[0]), await client.get(f"{API}/sync/nothing")]:
            assert answer.status_code == 404 or says_try_later(answer), answer.text


async def test_a_read_only_database_still_answers_who_reads(small: tuple[Settings, Seeded, Path]) -> None:
    settings, mission, _ = small
    async with served(settings) as (client, app):
        async with app.state.parts[Database].write() as session:
            await session.execute(text("PRAGMA query_only=ON"))
        assert says_try_later(await push(client, mission.phones[0]))
        assert (await client.get(f"{API}/health")).status_code == 200


async def test_a_missing_table_is_our_mistake_and_has_a_reference(small: tuple[Settings, Seeded, Path]) -> None:
    settings, mission, _ = small
    app = create_app(settings)
    async with app.state.parts[Database].write() as session:
        await session.execute(text("ALTER TABLE inbox_item RENAME TO gone"))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://steppe.test") as client:
        answer = await push(client, mission.phones[0])
    await app.state.parts[Database].close()
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["type"] == "urn:steppe:problem:unexpected"
    assert answer.json()["reference"] in answer.json()["detail"]
