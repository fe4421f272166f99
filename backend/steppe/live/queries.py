"""What happened in a mission's feed since a number."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select

from steppe.kit.db import ReadSession
from steppe.missions.models import Change, MissionCounter


async def counters(session: ReadSession, missions: Collection[UUID]) -> dict[UUID, int]:
    """Return the last number of each mission: one row each, whatever the traffic."""
    query = select(MissionCounter.mission_id, MissionCounter.n).where(col(MissionCounter.mission_id).in_(missions))
    return dict((await session.exec(query)).all())


async def changed_regions(session: ReadSession, mission_id: UUID, *, after: int, upto: int) -> list[str]:
    """Return the codes of the regions touched by changes `after` < n ≤ `upto`, sorted; `none` stands for unplaced."""
    query = (
        select(Change.region_code)
        .where(Change.mission_id == mission_id, Change.n > after, Change.n <= upto)
        .distinct()
        .order_by(Change.region_code)
    )
    return [code or "none" for code in (await session.exec(query)).all()]
