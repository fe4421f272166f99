"""What a push wrote, read back."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from steppe.kit.db import Database
from steppe.missions.models import Change, MissionCounter
from steppe.submissions.models import Revision, Submission, Tally
from steppe.sync.models import InboxItem
from tests.fixtures_neighbour import own

TABLES: tuple[type[SQLModel], ...] = (InboxItem, Submission, Revision, Change, Tally, MissionCounter)


async def everything(database: Database) -> dict[str, list[Any]]:
    """Return all rows that a push may write, to compare before and after."""
    async with database.read() as session:
        return {table.__name__: sorted(map(repr, (await session.exec(own(table))).all())) for table in TABLES}


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.read() as session:
        return int((await session.execute(select(func.count()).select_from(own(table).subquery()))).scalar_one())


async def assert_feed_has_no_gaps(database: Database) -> None:
    async with database.read() as session:
        numbers = [line.n for line in (await session.exec(own(Change).order_by(col(Change.n)))).all()]
        last = (await session.exec(own(MissionCounter))).one().n
    assert numbers == list(range(1, last + 1))
