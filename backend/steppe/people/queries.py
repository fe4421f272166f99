"""Reads about people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import select

from steppe.kit.db import ReadSession
from steppe.people.models import Person, Team, TeamRegion


async def team_out(session: ReadSession, team: Team) -> dict[str, Any]:
    """Return a team as its phones see it: code, base town, area of responsibility."""
    query = select(TeamRegion.region_code).where(TeamRegion.team_id == team.id).order_by(TeamRegion.region_code)
    return {"code": team.code, "name": team.base_town, "regions": list((await session.exec(query)).all())}


async def team_codes(session: ReadSession, mission_id: UUID) -> list[str]:
    """Return the mission's team codes in order."""
    return list((await session.exec(select(Team.code).where(Team.mission_id == mission_id).order_by(Team.code))).all())


async def person_by_id(session: ReadSession, person_id: UUID) -> Person:
    """Return a person by key; the caller has one that exists (a session's, a device's)."""
    return await session.get_one(Person, person_id)
