"""What reading a push needs of the mission: who signed, which checklists, which places.

These statements run at every push: each is built once and executed on the connection, which halves what it costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Select, bindparam, select
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.checklists.models import ChecklistVersion
from steppe.checklists.stored import read_definition
from steppe.kit.db import ReadSession, WriteSession, in_list
from steppe.missions.models import District, Mission, Region, Station
from steppe.people.models import Device, DeviceTeam, Team
from steppe.submissions.current import Author, Signer
from steppe.submissions.place_index import PlaceIndex
from steppe.submissions.sealing import public_key

PAGE: Final = 500
"""Reports that are read at once by whoever goes through all of a mission's."""

StoredDefinition: TypeAlias = tuple[UUID, UUID, bytes]
"""Version, mission, and the definition as it is stored."""

_definitions: dict[UUID, tuple[UUID, Definition | None]] = {}
"""Version → its mission and definition; None for one that cannot be read."""


def key_of(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the key of a stored public JWK, read once per process."""
    return _key(orjson.dumps(jwk))


@lru_cache(maxsize=4096)
def _key(jwk: bytes) -> ec.EllipticCurvePublicKey:
    return public_key(orjson.loads(jwk))


@cache
def _devices() -> Select[Any]:
    """Return the statement for devices with their team and person."""
    return (
        select(
            col(Device.id),
            col(Device.letter),
            col(Team.id),
            col(Team.code),
            col(Device.person_id),
            col(Team.origin),
            col(Device.public_jwk),
            col(Device.revoked_at),
        )
        .join(Team, col(Team.id) == col(Device.team_id))
        .where(col(Device.mission_id) == bindparam("mission"))
    )


@cache
def _signers_statement() -> Select[Any]:
    return _devices().where(col(Device.id).in_(bindparam("ids", expanding=True)))


async def signers(session: ReadSession, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Signer]:
    """Return the mission's devices with these ids, those revoked too: their signatures still say whose an item is."""
    connection = await session.connection()
    rows = (await connection.execute(_signers_statement(), {"mission": mission_id, "ids": in_list(ids)})).all()
    return {
        device: Signer(Author(device, *facts), key_of(jwk), revoked_at is not None)
        for device, *facts, jwk, revoked_at in rows
    }


async def with_former(session: ReadSession, mission_id: UUID, signers: Mapping[UUID, Signer]) -> dict[UUID, Signer]:
    """Return devices of the mission with every team they were of before."""
    query = (
        select(col(DeviceTeam.device_id), col(DeviceTeam.letter), col(Team.id), col(Team.code), col(Team.origin))
        .join(Team, col(Team.id) == col(DeviceTeam.team_id))
        .where(col(DeviceTeam.mission_id) == mission_id, col(DeviceTeam.device_id).in_(list(signers)))
    )
    known = dict(signers)
    for device, letter, team, code, origin in (await session.execute(query)).all():
        signer = known[device]
        author = replace(signer.author, letter=letter, team_id=team, team_code=code, origin=origin)
        known[device] = replace(signer, former=(*signer.former, author))
    return known


async def authors(session: ReadSession | WriteSession, mission_id: UUID) -> dict[UUID, Author]:
    """Return all devices of the mission, also those revoked: what they once made stays theirs."""
    rows = (await (await session.connection()).execute(_devices(), {"mission": mission_id})).all()
    return {device: Author(device, *facts) for device, *facts, _, _ in rows}


async def definitions(
    session: ReadSession | WriteSession, mission_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Definition]:
    """Return the mission's checklist definitions with these version ids, those that cannot be read left out.

    Parsed once per process: they never change.
    """
    wanted = set(ids)
    parse(await unparsed(session, wanted))
    return parsed(mission_id, wanted)


async def unparsed(session: ReadSession | WriteSession, ids: Iterable[UUID]) -> list[StoredDefinition]:
    """Return the definitions of those of these versions that this process has not parsed yet, of whatever mission."""
    missing = set(ids) - _definitions.keys()
    if not missing:
        return []
    query = select(col(ChecklistVersion.id), col(ChecklistVersion.mission_id), col(ChecklistVersion.definition)).where(
        col(ChecklistVersion.id).in_(missing)
    )
    return [(version, owner, content) for version, owner, content in (await session.execute(query)).all()]


def parse(stored: Iterable[StoredDefinition]) -> None:
    """Parse definitions and keep them for this process; the largest takes a third of a second. Blocks."""
    for version, owner, content in stored:
        _definitions[version] = (owner, read_definition(content))


def are_parsed(ids: Iterable[UUID]) -> bool:
    """Say whether this process has parsed all these versions, of whatever mission."""
    return all(one in _definitions for one in ids)


def parsed(mission_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Definition]:
    """Return those of these versions that are the mission's and that this process has parsed."""
    held = {version: _definitions[version] for version in ids if version in _definitions}
    return {
        version: definition
        for version, (owner, definition) in held.items()
        if owner == mission_id and definition is not None
    }


async def every_place(session: ReadSession | WriteSession, mission_id: UUID) -> PlaceIndex:
    """Return the mission's zone and all its regions, districts and stations."""
    zone = (await session.execute(select(col(Mission.zone)).where(col(Mission.id) == mission_id))).scalar_one()
    regions = select(col(Region.code)).where(col(Region.mission_id) == mission_id)
    districts = select(col(District.code), col(District.region_code)).where(col(District.mission_id) == mission_id)
    stations = select(col(Station.number), col(Station.region_code), col(Station.district_code)).where(
        col(Station.mission_id) == mission_id
    )
    return PlaceIndex(
        mission_id,
        zone,
        frozenset((await session.execute(regions)).scalars()),
        {row.code: row.region_code for row in (await session.execute(districts)).all()},
        {number: (region, district) for number, region, district in (await session.execute(stations)).all()},
    )
