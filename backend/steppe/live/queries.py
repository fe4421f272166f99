"""What happened in a mission's feed since a number, and whether a listener is still welcome."""

from __future__ import annotations

import logging
from collections.abc import Collection
from uuid import UUID

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from steppe.kit.db import Database
from steppe.kit.problems import SignInNeeded
from steppe.missions.models import Change, MissionCounter
from steppe.people.access import desk_caller
from steppe.people.policy import may

log = logging.getLogger(__name__)


async def counters(database: Database, missions: Collection[UUID]) -> dict[UUID, int] | None:
    """Return the last number of each mission, one row each whatever the traffic; None when the database is away."""
    query = select(MissionCounter.mission_id, MissionCounter.n).where(col(MissionCounter.mission_id).in_(missions))
    try:
        async with database.read() as session:
            return dict((await session.exec(query)).all())
    except (SQLAlchemyError, OSError) as error:
        log.warning("live watch: the database does not answer (%s)", type(error).__name__)
        return None


async def news(database: Database, mission_id: UUID, after: int | None) -> tuple[int, list[str]]:
    """Return the mission's last number and the codes of regions changed since `after`, sorted; `none` is unplaced.

    Without `after` nothing counts as changed.
    """
    async with database.read() as session:
        counter = select(MissionCounter.n).where(MissionCounter.mission_id == mission_id)
        n = (await session.exec(counter)).one()
        if after is None or after >= n:
            return n, []
        query = (
            select(Change.region_code)
            .where(Change.mission_id == mission_id, Change.n > after, Change.n <= n)
            .distinct()
            .order_by(Change.region_code)
        )
        return n, [code or "none" for code in (await session.exec(query)).all()]


async def is_welcome(database: Database, request: Request) -> bool:
    """Say whether the request's session is still signed in and may read summaries."""
    async with database.read() as session:
        try:
            caller = await desk_caller(request, session)
        except SignInNeeded:
            return False
    return may(caller.role, "read_summaries")
