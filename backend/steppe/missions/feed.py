"""The mission's feed: every change gets the next number, in the transaction that makes it, without gaps.

Whoever writes mission data takes numbers first and thereby holds the mission's counter row until commit; so numbers
appear in commit order and no reader with a cursor can miss one. (A plain sequence lets a later number commit first:
readers that had moved past the earlier one missed 34–60 % of rows under concurrent writers.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlalchemy.sql.dml import ReturningUpdate

from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.kit.merkle import Tree
from steppe.missions.models import Change, MissionCounter
from steppe.missions.teams import ODIHR


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed: its kind and key, and who may see it (its team, or everybody when None).

    Of a report also its level of confidentiality and its origin: the desk of somebody who may not read it does not hear
    of it.
    """

    kind: str
    object_id: str
    team_id: UUID | None = None
    region_code: str = ""
    level: str = ""
    origin: str = ODIHR


async def take_numbers(session: WriteSession, mission_id: UUID, count: int = 1) -> int:
    """Lock the mission's counter and return the first of `count` consecutive numbers; with 0 it only locks.

    Call it before reading what you are about to change: on PostgreSQL it is the lock that makes the reading stay true.
    """
    taken = await session.execute(_take_statement(), {"mission": mission_id, "count": count})
    return int(taken.scalar_one()) - count + 1


@cache
def _take_statement() -> ReturningUpdate[int]:
    counter = table_of(MissionCounter)
    return (
        update(counter)
        .where(counter.c.mission_id == bindparam("mission"))
        .values(n=counter.c.n + bindparam("count"))
        .returning(counter.c.n)
    )


async def take_numbers_in_tree(session: WriteSession, mission_id: UUID, count: int) -> tuple[int, Tree]:
    """Do as `take_numbers` does, for receipts; return also the tree in which they are entered (`settle_numbers`)."""
    values = {"mission": mission_id, "count": count}
    last, *tree = (await session.execute(_take_in_tree_statement(), values)).one()
    return last - count + 1, Tree.stored(*tree)


@cache
def _take_in_tree_statement() -> ReturningUpdate[Any]:
    counter = table_of(MissionCounter)
    return _take_statement().returning(counter.c.tree_size, counter.c.tree_peaks)


async def append_changes(session: WriteSession, mission_id: UUID, first: int, changes: Sequence[Changed]) -> None:
    """Write feed lines numbered from `first`, which `take_numbers` gave for as many."""
    made_at = now()
    rows = [
        {
            "mission_id": mission_id,
            "n": first + place,
            "kind": change.kind,
            "object_id": change.object_id,
            "team_id": change.team_id,
            "region_code": change.region_code,
            "level": change.level,
            "origin": change.origin,
            "made_at": made_at,
        }
        for place, change in enumerate(changes)
    ]
    if rows:
        await session.execute(insert(table_of(Change)), rows)


async def announce(session: WriteSession, mission_id: UUID, *changes: Changed) -> int:
    """Take numbers and write the feed lines at once; returns the first number."""
    first = await take_numbers(session, mission_id, len(changes))
    await append_changes(session, mission_id, first, changes)
    return first
