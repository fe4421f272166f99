"""A device fills the inbox with what nobody signed up to a bound a day; nothing honest is lost to it."""

import hashlib
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.people.models import Device
from steppe.submissions.models import Submission
from steppe.submissions.sealing import b64u
from steppe.sync import push_state
from steppe.sync.models import InboxItem
from tests.fixtures_server import Server
from tests.sync.rows import assert_feed_has_no_gaps, count

RETRY = {"status": "retry", "reason": "too_much_unreadable"}


def noise(number: int, size: int = 2000) -> str:
    return f"{number:06d}" + "x" * (size - 6)


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's bound that a test can reach: five items of 2,000 bytes."""
    monkeypatch.setattr(push_state, "MOST_UNREADABLE", 10_000)


async def unreadable(database: Database, key: object) -> int:
    async with database.read() as session:
        return (await session.exec(select(Device.unreadable_bytes).where(col(Device.id) == key))).one()


async def test_noise_beyond_the_bound_is_not_kept_and_gets_no_receipt(server: Server, database: Database) -> None:
    thief = server.phones[0]
    answer = await server.push(thief, *(noise(number) for number in range(8)))
    assert [one["status"] for one in answer["results"]] == ["quarantined"] * 5 + ["retry"] * 3
    assert answer["results"][5:] == [RETRY] * 3
    hashes = [b64u(hashlib.sha256(noise(number).encode()).digest()) for number in range(5)]
    assert [one["sealed"] for one in answer["read"]["items"]] == hashes
    assert await count(database, InboxItem) == 5
    assert await unreadable(database, thief.id) == 10_000
    # Later pushes find the bound reached; what is held already is answered as before.
    again = await server.push(thief, noise(8), noise(0))
    assert [one["status"] for one in again["results"]] == ["retry", "quarantined"]
    alone = await server.push(thief, noise(9))
    assert (alone["results"], alone["read"]["items"]) == ([RETRY], [])
    assert await count(database, InboxItem) == 5
    await assert_feed_has_no_gaps(database)


async def test_reports_are_received_however_much_noise_came_before(server: Server, database: Database) -> None:
    phone, second, _ = server.phones
    await server.push(phone, *(noise(number) for number in range(6)))
    answer = await server.push(phone, noise(7), phone.report(), noise(8), phone.report())
    assert [one["status"] for one in answer["results"]] == ["retry", "stored", "retry", "stored"]
    assert [one["device_seq"] for one in answer["read"]["items"]] == [1, 2]
    assert await count(database, Submission) == 2
    # What is signed and kept for a person is not noise either, and another phone has a bound of its own.
    assert (await server.push(phone, phone.report({"nonsense": "x"})))["results"][0]["reason"] == "bad_answers"
    assert (await server.push(second, noise(9)))["results"][0]["status"] == "quarantined"
    await assert_feed_has_no_gaps(database)


async def test_what_had_no_room_is_kept_the_next_day(server: Server, database: Database) -> None:
    phone = server.phones[0]
    await server.push(phone, *(noise(number) for number in range(5)))
    assert (await server.push(phone, noise(5)))["results"] == [RETRY]
    yesterday = (now() - timedelta(days=1)).date()
    async with database.write() as session:
        await session.exec(update(Device).where(col(Device.id) == phone.id).values(unreadable_on=yesterday))
    answer = await server.push(phone, noise(5))
    assert answer["results"] == [{"status": "quarantined", "reason": "unreadable"}]
    assert await unreadable(database, phone.id) == 2000


async def test_short_noise_counts_for_the_rows_it_costs(server: Server, database: Database) -> None:
    phone = server.phones[0]
    answer = await server.push(phone, *(noise(number, 6) for number in range(12)))
    assert [one["status"] for one in answer["results"]].count("retry") == 3
    assert await unreadable(database, phone.id) == 9 * 1024
