"""How far a mission lies in verified copies off this machine: phones keep all beyond it (docs/protocol.md §4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update

from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import Problem
from steppe.missions.feed import take_numbers
from steppe.missions.models import Mission


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
    """

    epoch: int
    safe_seq: int | None

    def claims(self) -> dict[str, Any]:
        """Return the members of a signed payload."""
        return {"epoch": self.epoch, "safe_seq": self.safe_seq}


def safety_of(mission: Mission) -> Safety:
    """Return what a mission's row says."""
    return Safety(mission.epoch, mission.safe_seq)


@cache
def _statement() -> Select[Any]:
    # Columns, not the entity: this runs with every push.
    mission = table_of(Mission)
    return select(mission.c.epoch, mission.c.safe_seq).where(mission.c.id == bindparam("mission"))


async def read_safety(session: ReadSession | WriteSession, mission_id: UUID) -> Safety:
    """Return how far the mission is safe, as this transaction sees it."""
    connection = await session.connection()
    return Safety(*(await connection.execute(_statement(), {"mission": mission_id})).one())


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
    safe = Safety(epoch, max(seq, before.safe_seq or 0))
    table = table_of(Mission)
    await session.execute(update(table).where(table.c.id == mission_id).values(safe_seq=safe.safe_seq, safe_at=now()))
    return safe
