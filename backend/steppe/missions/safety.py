"""How far a mission lies in verified copies off this machine: phones keep all beyond it (docs/protocol.md §4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.merkle import Tree
from steppe.kit.problems import Problem
from steppe.missions.feed import take_numbers
from steppe.missions.models import Mission, MissionCounter


class UnsafeNumber(Problem):
    """A copy is said to hold what this mission has not numbered in this epoch."""

    slug = "unsafe-number"
    status = HTTPStatus.CONFLICT
    title = "This copy is not one of the mission as it is now"
    next = "Make a new copy with `steppe backup`. Phones keep what they hold until then."


@dataclass(frozen=True, slots=True)
class Safety:
    """What every signed list says beside its items.

    `epoch` rises when the server is restored; `safe_seq` is the last number of which, and of everything before it, a
    verified copy lies off this machine, the bytes of attachments included. None: the mission makes no such copies.
    `tree`: of the mission's receipts, no part of how far they are safe: whoever keeps a list holds the mission to all
    it had receipted by then.
    """

    epoch: int
    safe_seq: int | None
    tree: Tree = field(default_factory=Tree, compare=False)

    def claims(self) -> dict[str, Any]:
        """Return the members of a signed payload."""
        return {"epoch": self.epoch, "safe_seq": self.safe_seq, "tree": self.tree.head()}


@cache
def _statement() -> Select[Any]:
    # Columns, not the entity: this runs with every push.
    mission, counter = table_of(Mission), table_of(MissionCounter)
    return (
        select(mission.c.epoch, mission.c.safe_seq, counter.c.tree_size, counter.c.tree_peaks)
        .join(counter, counter.c.mission_id == mission.c.id)
        .where(mission.c.id == bindparam("mission"))
    )


async def read_safety(session: ReadSession | WriteSession, mission_id: UUID) -> Safety:
    """Return how far the mission is safe, as this transaction sees it."""
    connection = await session.connection()
    epoch, safe_seq, *tree = (await connection.execute(_statement(), {"mission": mission_id})).one()
    return Safety(epoch, safe_seq, Tree.stored(*tree))


async def settle_numbers(session: WriteSession, mission_id: UUID, unused: int, tree: Tree) -> Safety:
    """Give `unused` numbers back and keep the tree of receipts as it is now; return what the lists then sign.

    For whoever holds the counter since `take_numbers_in_tree`. One statement for all: every push waits for it.
    """
    values = {"mission": mission_id, "unused": unused, "size": tree.size, "peaks": tree.text()}
    epoch, safe_seq = (await session.execute(_settle_statement(), values)).one()
    return Safety(epoch, safe_seq, tree)


@cache
def _settle_statement() -> ReturningUpdate[Any]:
    mission, counter = table_of(Mission), table_of(MissionCounter)
    own = [select(said).where(mission.c.id == bindparam("mission")) for said in (mission.c.epoch, mission.c.safe_seq)]
    return (
        update(counter)
        .where(counter.c.mission_id == bindparam("mission"))
        .values(n=counter.c.n - bindparam("unused"), tree_size=bindparam("size"), tree_peaks=bindparam("peaks"))
        .returning(*(one.scalar_subquery() for one in own))
    )


async def raise_safe_seq(session: WriteSession, mission_id: UUID, seq: int, *, epoch: int) -> Safety:
    """Note that a verified copy off this machine holds every number up to `seq`, with the bytes of attachments.

    `epoch` is the one the copy was made in. A copy older than the last one lowers nothing. Raises UnsafeNumber for a
    copy of another epoch, or one that claims a number the mission has not given.
    """
    # The counter's lock: two copies that end at once come one after the other.
    given = await take_numbers(session, mission_id, 0) - 1
    before = await read_safety(session, mission_id)
    if epoch != before.epoch or not 0 <= seq <= given:
        msg = f"epoch {epoch} up to {seq}; the mission is in epoch {before.epoch} at {given}"
        raise UnsafeNumber(msg)
    safe = replace(before, safe_seq=max(seq, before.safe_seq or 0))
    table = table_of(Mission)
    await session.execute(update(table).where(table.c.id == mission_id).values(safe_seq=safe.safe_seq, safe_at=now()))
    return safe
