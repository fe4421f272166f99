"""Reads about the mission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.ids import uuid7
from steppe.kit.problems import NotFound, Problem
from steppe.missions.keys import PURPOSES, RECEIPT
from steppe.missions.models import Change, Mission, MissionKey, PlaceList


class UnclearMission(Problem):
    """A command does not know which mission it is about."""

    slug = "unclear-mission"
    status = HTTPStatus.NOT_FOUND
    title = "Which mission?"
    next = "Load one with `steppe mission load FOLDER`, or name it with `--mission CODE`."


@dataclass(frozen=True, slots=True)
class LinkedKeys:
    """The keys an enrolment link stands for, public JWKs by purpose; with the root that it names, and its last list."""

    keys: dict[str, dict[str, Any]]
    root: dict[str, Any] | None
    root_statement: str | None


async def mission_by_code(session: ReadSession, code: str | None) -> Mission:
    """Return the mission with this code, or the only one. Raises UnclearMission when none or several would fit."""
    query = select(Mission).limit(2)
    found = (await session.exec(query.where(Mission.code == code) if code else query)).all()
    if len(found) != 1:
        raise UnclearMission(f"there is none with code {code}" if code else "there is none, or more than one")
    return found[0]


async def every_mission(session: ReadSession | WriteSession) -> Sequence[Mission]:
    """Return all missions of this server, in the order in which their locks are taken."""
    return (await session.exec(select(Mission).order_by(col(Mission.id)))).all()


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


async def key_rows(session: ReadSession | WriteSession, mission_id: UUID) -> Sequence[MissionKey]:
    """Return every key the mission ever had, the oldest first."""
    query = select(MissionKey).where(MissionKey.mission_id == mission_id)
    return (await session.exec(query.order_by(col(MissionKey.serial), col(MissionKey.made_at)))).all()


async def linked_keys(session: ReadSession | WriteSession, mission_id: UUID, made_at: datetime) -> LinkedKeys:
    """Return what a phone is enrolled with by a link of this time: the keys that the link names.

    A link that names the mission's root gets today's keys with the root's word for them, and so does one whose receipt
    key was declared stolen since: phones refuse it then.
    """
    mission = await session.get_one(Mission, mission_id)
    rows = await key_rows(session, mission_id)
    is_named = mission.root_at is not None and mission.root_at <= made_at
    named = {row.purpose: row for row in rows if row.made_at <= made_at}
    is_good = len(named) == len(PURPOSES) and named[RECEIPT].stolen_since is None
    if is_named or not is_good:
        named = {row.purpose: row for row in rows}
    return LinkedKeys(
        {purpose: row.public_jwk for purpose, row in named.items()},
        mission.root_jwk if is_named else None,
        mission.root_statement if is_named else None,
    )


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
