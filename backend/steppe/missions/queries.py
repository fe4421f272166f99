"""Reads about the mission."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from steppe.kit.db import ReadSession
from steppe.kit.ids import uuid7
from steppe.kit.problems import NotFound, Problem
from steppe.missions.models import Change, Mission, MissionKey, PlaceList


class UnclearMission(Problem):
    """A command does not know which mission it is about."""

    slug = "unclear-mission"
    status = HTTPStatus.NOT_FOUND
    title = "Which mission?"
    next = "Load one with `steppe mission load FOLDER`, or name it with `--mission CODE`."


async def mission_by_code(session: ReadSession, code: str | None) -> Mission:
    """Return the mission with this code, or the only one. Raises UnclearMission when none or several would fit."""
    query = select(Mission).limit(2)
    found = (await session.exec(query.where(Mission.code == code) if code else query)).all()
    if len(found) != 1:
        raise UnclearMission(f"there is none with code {code}" if code else "there is none, or more than one")
    return found[0]


async def id_for(session: ReadSession, code: str) -> UUID:
    """Return the id of the mission with this code, or the one to give it when it is not loaded yet."""
    return (await session.exec(select(Mission.id).where(Mission.code == code))).first() or uuid7()


def mission_out(mission: Mission) -> dict[str, Any]:
    """Return the mission as phones and desk see it."""
    return {
        "id": str(mission.id),
        "code": mission.code,
        "name": mission.name,
        "type": mission.type,
        "zone": mission.zone,
        "languages": mission.languages,
        "from": mission.opens_on.isoformat(),
        "to": mission.closes_on.isoformat(),
        "election_day": mission.election_on.isoformat(),
        "policy": mission.policy,
        "due": mission.due,
    }


async def public_keys(session: ReadSession, mission_id: UUID) -> dict[str, dict[str, Any]]:
    """Return the mission's newest public JWK per purpose (`transport`, `receipt`)."""
    query = select(MissionKey).where(MissionKey.mission_id == mission_id).order_by(col(MissionKey.made_at))
    return {key.purpose: key.public_jwk for key in (await session.exec(query)).all()}


async def place_list(session: ReadSession, mission_id: UUID, version: str) -> PlaceList:
    """Return one place list. Raises NotFound."""
    found = await session.get(PlaceList, (mission_id, version))
    if found is None:
        raise NotFound
    return found


async def newest_place_list(session: ReadSession, mission_id: UUID) -> PlaceList:
    """Return the list phones are told to fetch now. Raises NotFound when none was loaded."""
    query = select(Change.object_id).where(Change.mission_id == mission_id, Change.kind == "places")
    version = (await session.exec(query.order_by(col(Change.n).desc()).limit(1))).first()
    if version is None:
        raise NotFound
    return await place_list(session, mission_id, version)
