"""Ids, times, secrets and blobs."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, StatementError

from steppe.audit.models import AuditEntry
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso
from steppe.kit.db import Database
from steppe.kit.ids import one_time_code, plain_code, uuid7
from steppe.kit.settings import BadSecret, Settings


def test_uuid7_is_version_7_and_sorts_by_time() -> None:
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first < second


def test_a_code_survives_how_people_type() -> None:
    code = one_time_code()
    assert plain_code(f" {code.lower().replace('-', ' ')} ") == plain_code(code)
    assert plain_code("oOiIlL") == "001111"


def test_times_leave_as_utc_and_naive_ones_do_not_leave() -> None:
    moment = datetime(2021, 1, 10, 9, tzinfo=timezone(timedelta(hours=6)))
    assert iso(moment) == "2021-01-10T03:00:00.000Z"
    with pytest.raises(ValueError, match="aware"):
        iso(datetime(2021, 1, 10))  # noqa: DTZ001 - the naive time is the test


def test_the_servers_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Settings(data=tmp_path).secret_key
    assert Settings(data=tmp_path).secret_key == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    for wrong in ("abcd", "no digits"):
        with pytest.raises(BadSecret, match="64 hex digits"):
            _ = Settings(data=tmp_path, secret=wrong).secret_key


async def test_blobs_come_back_as_they_went(tmp_path: Path) -> None:
    blobs = Blobs(Settings(data=tmp_path))
    await blobs.put("a/b", b"\x00\xff")
    assert await blobs.get("a/b") == b"\x00\xff"
    await blobs.delete("a/b")
    await blobs.delete("a/b")
    with pytest.raises(FileNotFoundError):
        await blobs.get("a/b")


async def test_a_naive_time_is_never_stored(database: Database) -> None:
    naive = datetime(2021, 1, 10)  # noqa: DTZ001 - the naive time is the test
    async with database.write() as session:
        session.add(AuditEntry(actor="a", action="b", object_id="c", at=naive))
        with pytest.raises(StatementError, match="naive datetime"):
            await session.flush()
        await session.rollback()


async def test_a_stored_time_comes_back_aware(database: Database) -> None:
    at = datetime(2021, 1, 10, 3, tzinfo=UTC)
    async with database.write() as session:
        entry = AuditEntry(actor="a", action="b", object_id="c", at=at)
        session.add(entry)
    async with database.read() as session:
        assert (await session.get_one(AuditEntry, entry.id)).at == at


async def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.read() as session:
            await session.execute(text("DELETE FROM audit_entry"))


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            session.add(AuditEntry(actor="a", action="b", object_id="c"))
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as session:
        left = text("SELECT count(*) FROM audit_entry WHERE actor = 'a'")
        assert (await session.execute(left)).scalar_one() == 0


async def test_sqlite_writes_are_durable_and_begin_at_once(tmp_path: Path) -> None:
    database = Database(Settings(data=tmp_path))
    async with database.write() as session:
        assert (await session.execute(text("PRAGMA synchronous"))).scalar_one() == 2
        assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
    async with database.read() as session:
        assert (await session.execute(text("PRAGMA query_only"))).scalar_one() == 1
    await database.close()


async def test_readers_that_hold_connections_do_not_keep_a_writer_waiting(settings: Settings) -> None:
    database = Database(settings.model_copy(update={"pool_size": 1}))
    try:
        async with AsyncExitStack() as readers:
            await readers.enter_async_context(database.read())
            async with asyncio.timeout(20), database.write() as session:
                session.add(AuditEntry(actor="a", action="b", object_id="c"))
    finally:
        await database.close()


async def test_closing_waits_for_the_connection_of_a_task_that_was_cancelled_while_it_read(settings: Settings) -> None:
    database = Database(settings)
    events: list[str] = []
    for name in ("connect", "close"):
        event.listen(database.reader.sync_engine, name, lambda *_, name=name: events.append(name))
    reading = asyncio.Event()

    async def read() -> None:
        async with database.read() as session:
            _ = await session.execute(text("SELECT 1"))
            reading.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await reading.wait()
    task.cancel()
    await database.close()
    assert events == ["connect", "close"]
    assert task.cancelled()
