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
from steppe.missions.models import MissionCounter
from steppe.people.access import desk_caller
from steppe.people.policy import Scope, decide
from steppe.submissions.filters import NOWHERE
from steppe.submissions.scope import last_number, news_for

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


async def news(database: Database, scope: Scope, after: int | None) -> tuple[int, list[str]]:
    """Return the last number the scope may know of and the regions changed since `after`, sorted; `none` is unplaced.

    Without `after` nothing counts as changed. What the scope may not see moves neither number nor regions.
    """
    async with database.read() as session:
        if after is None:
            return await last_number(session, scope), []
        n, regions = await news_for(session, scope, after)
        return n, sorted(code or NOWHERE for code in regions)


async def is_welcome(database: Database, request: Request, scope: Scope) -> bool:
    """Say whether the request's session is still signed in and its scope is what it was when the stream was opened.

    Another scope ends the stream: the browser opens it again with what the person may see now, or not at all.
    """
    async with database.read() as session:
        try:
            caller = await desk_caller(request, session)
        except SignInNeeded:
            return False
    return caller.scope == scope and decide(scope, "read_summaries")
