"""How far a mission is safe off this machine: `missions.safety`."""

import asyncio
from uuid import UUID

import pytest

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.feed import Changed, announce
from steppe.missions.models import Mission
from steppe.missions.safety import Safety, UnsafeNumber, raise_safe_seq, read_safety
from tests.fixtures_mission import seed


@pytest.fixture
async def mission_id(database: Database, settings: Settings) -> UUID:
    return (await seed(database, settings)).mission.id


async def _raise(database: Database, mission_id: UUID, seq: int, epoch: int = 1) -> Safety:
    async with database.write() as session:
        return await raise_safe_seq(session, mission_id, seq, epoch=epoch)


async def test_a_mission_without_copies_says_so(database: Database, mission_id: UUID) -> None:
    async with database.read() as session:
        claims = (await read_safety(session, mission_id)).claims()
    assert (claims["epoch"], claims["safe_seq"]) == (1, None)


async def test_a_number_once_safe_stays_safe_whatever_copy_is_told_of_after(
    database: Database, mission_id: UUID
) -> None:
    async with database.write() as session:
        last = await announce(session, mission_id, *[Changed("mission", str(mission_id))] * 9) + 8
    assert await _raise(database, mission_id, last - 2) == Safety(1, last - 2)
    assert await _raise(database, mission_id, last - 5) == Safety(1, last - 2)
    both = await asyncio.gather(*(_raise(database, mission_id, last - less) for less in (0, 1)))
    assert max(safe.safe_seq or 0 for safe in both) == last
    async with database.read() as session:
        mission = await session.get_one(Mission, mission_id)
    assert mission.safe_seq == last
    assert mission.safe_at is not None


async def test_a_copy_that_is_not_of_the_mission_as_it_is_makes_nothing_safe(
    database: Database, mission_id: UUID
) -> None:
    async with database.write() as session:
        last = await announce(session, mission_id, Changed("mission", str(mission_id)))
    for seq, epoch in ((last + 1, 1), (-1, 1), (last, 2), (last, 0)):
        with pytest.raises(UnsafeNumber):
            await _raise(database, mission_id, seq, epoch)
    async with database.read() as session:
        assert await read_safety(session, mission_id) == Safety(1, None)
