"""What a push wrote, read back."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from steppe.kit.db import Database
from steppe.missions.models import Change, MissionCounter
from steppe.submissions.models import Revision, Submission
from steppe.summaries.models import Tally
from steppe.sync.models import InboxItem

TABLES: tuple[type[SQLModel], ...] = (InboxItem, Submission, Revision, Change, Tally, MissionCounter)


async def everything(database: Database) -> dict[str, list[Any]]:
    """Return all rows that a push may write, to compare before and after."""
    async with database.read() as session:
        return {
            table.__name__: sorted(map(repr, (await session.execute(select(table.__table__))).all()))  # type: ignore[attr-defined]  # SQLModel sets it at run time
            for table in TABLES
        }


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.read() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def assert_feed_has_no_gaps(database: Database) -> None:
    async with database.read() as session:
        numbers = list((await session.execute(select(col(Change.n)).order_by(col(Change.n)))).scalars())
        last = (await session.execute(select(col(MissionCounter.n)))).scalar_one()
    assert numbers == list(range(1, last + 1))
