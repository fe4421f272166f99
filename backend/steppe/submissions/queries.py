"""What reading a push needs of the mission: who signed, which checklists, which places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy import Select, func, select
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import ReadSession, WriteSession
from steppe.missions.keys import RECEIPT
from steppe.missions.models import District, Mission, Station
from steppe.missions.queries import private_keys
from steppe.people.models import Device, Team, TeamRegion
from steppe.submissions.current import Author, PlaceKind, Signer, Surroundings
from steppe.submissions.receipts import ReceiptKey
from steppe.submissions.sealing import public_key

_definitions: dict[UUID, tuple[UUID, Definition]] = {}


@lru_cache(maxsize=4096)
def _key(jwk: bytes) -> ec.EllipticCurvePublicKey:
    return public_key(orjson.loads(jwk))


def _devices(mission_id: UUID) -> Select[Any]:
    """Return the statement for devices with their team, person and the first region of the team's area."""
    home = (
        select(func.min(col(TeamRegion.region_code)))
        .where(col(TeamRegion.team_id) == col(Team.id))
        .correlate(Team)
        .scalar_subquery()
    )
    return (
        select(
            col(Device.id),
            col(Device.letter),
            col(Team.id),
            col(Team.code),
            col(Device.person_id),
            func.coalesce(home, ""),
            col(Device.public_jwk),
        )
        .join(Team, col(Team.id) == col(Device.team_id))
        .where(col(Device.mission_id) == mission_id)
    )


async def signers(session: ReadSession, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Signer]:
    """Return the mission's devices with these ids, those revoked left out."""
    if not ids:
        return {}
    query = _devices(mission_id).where(col(Device.id).in_(ids), col(Device.revoked_at).is_(None))
    return {
        device: Signer(Author(device, *facts), _key(orjson.dumps(jwk)))
        for device, *facts, jwk in (await session.execute(query)).all()
    }


async def authors(session: ReadSession | WriteSession, mission_id: UUID) -> dict[UUID, Author]:
    """Return all devices of the mission, also those revoked: what they once made stays theirs."""
    rows = (await session.execute(_devices(mission_id))).all()
    return {device: Author(device, *facts) for device, *facts, _ in rows}


async def receipt_key(session: ReadSession, mission_id: UUID, secret: bytes) -> ReceiptKey:
    """Return the newest key the mission signs receipts with."""
    kid, key = list((await private_keys(session, mission_id, RECEIPT, secret)).items())[-1]
    return ReceiptKey(kid, private_part(key))


def private_part(key: ECKey) -> ec.EllipticCurvePrivateKey:
    """Return a mission key's private half as the primitives take it."""
    private = key.private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private


async def definitions(
    session: ReadSession | WriteSession, mission_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Definition]:
    """Return the mission's checklist definitions with these version ids; parsed once per process, they never change."""
    wanted = set(ids)
    missing = wanted - _definitions.keys()
    if missing:
        query = select(
            col(ChecklistVersion.id), col(ChecklistVersion.mission_id), col(ChecklistVersion.definition)
        ).where(col(ChecklistVersion.id).in_(missing))
        for version, owner, content in (await session.execute(query)).all():
            _definitions[version] = (owner, Definition.model_validate_json(content))
    held = {version: _definitions[version] for version in wanted if version in _definitions}
    return {version: definition for version, (owner, definition) in held.items() if owner == mission_id}


async def surroundings(session: ReadSession, mission_id: UUID, named: Iterable[tuple[PlaceKind, str]]) -> Surroundings:
    """Return the mission's zone and where the named places lie; unknown places are simply not in it."""
    codes: dict[PlaceKind, set[str]] = defaultdict(set)
    for kind, code in named:
        codes[kind].add(code)
    zone = (await session.execute(select(col(Mission.zone)).where(col(Mission.id) == mission_id))).scalar_one()
    districts: dict[str, str] = {}
    stations: dict[str, tuple[str, str]] = {}
    if codes["district"]:
        query = select(col(District.code), col(District.region_code)).where(
            col(District.mission_id) == mission_id, col(District.code).in_(codes["district"])
        )
        districts = {row.code: row.region_code for row in (await session.execute(query)).all()}
    if codes["station"]:
        lookup = select(col(Station.number), col(Station.region_code), col(Station.district_code)).where(
            col(Station.mission_id) == mission_id, col(Station.number).in_(codes["station"])
        )
        stations = {number: (region, district) for number, region, district in (await session.execute(lookup)).all()}
    return Surroundings(mission_id, zone, districts, stations)


async def every_place(session: ReadSession | WriteSession, mission_id: UUID) -> Surroundings:
    """Return the mission's zone and all its districts and stations."""
    zone = (await session.execute(select(col(Mission.zone)).where(col(Mission.id) == mission_id))).scalar_one()
    districts = select(col(District.code), col(District.region_code)).where(col(District.mission_id) == mission_id)
    stations = select(col(Station.number), col(Station.region_code), col(Station.district_code)).where(
        col(Station.mission_id) == mission_id
    )
    return Surroundings(
        mission_id,
        zone,
        {row.code: row.region_code for row in (await session.execute(districts)).all()},
        {number: (region, district) for number, region, district in (await session.execute(stations)).all()},
    )
