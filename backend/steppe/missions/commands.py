"""Writes about the mission: loading a pack."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, insert
from sqlmodel import col, select

from steppe.audit import commands as audit
from steppe.kit.db import WriteSession
from steppe.kit.ids import uuid7
from steppe.missions import keys
from steppe.missions.feed import Changed, announce
from steppe.missions.models import District, Mission, MissionCounter, MissionKey, PlaceList, Region, Station
from steppe.missions.pack import Pack

VERSION_DIGITS = 16


async def load_mission(
    session: WriteSession, pack: Pack, *, secret: bytes, actor: str, new_id: UUID | None = None
) -> UUID:
    """Write a checked pack's mission and places; returns the mission's id.

    Loading the same mission again brings its facts and places up to date and keeps its keys, people and reports. The
    same pack twice changes nothing that phones would fetch again. `new_id` is the id of a mission not loaded before.
    """
    facts = pack.mission
    values: dict[str, Any] = {
        "name": dict(facts.names),
        "type": facts.type,
        "zone": facts.zone,
        "languages": list(facts.languages),
        "default_language": facts.default_language,
        "opens_on": facts.opens_on,
        "closes_on": facts.closes_on,
        "election_on": facts.election_on,
        "due": [entry.facts() for entry in facts.due],
        "texts": {key: dict(texts) for key, texts in pack.texts.items()},
        "policy": {
            "local_copy": facts.local_copy,
            **({} if facts.small_cell is None else {"small_cell": facts.small_cell}),
            **({} if facts.lock_out_days is None else {"lock_out_days": facts.lock_out_days}),
            **({} if facts.queries == "release" else {"queries": facts.queries}),
        },
    }
    mission = (await session.exec(select(Mission).where(Mission.code == facts.code))).first()
    if mission is None:
        mission = Mission(id=new_id or uuid7(), code=facts.code, **values)
        session.add(mission)
        await session.flush()
        session.add(MissionCounter(mission_id=mission.id))
        for purpose in keys.PURPOSES:
            session.add(mission_key(mission.id, purpose, secret))
        await session.flush()
    else:
        mission.sqlmodel_update(values)
        session.add(mission)
    await announce(session, mission.id, Changed("mission", str(mission.id)))
    await _replace_places(session, mission.id, pack)
    audit.record(
        session,
        mission_id=mission.id,
        actor=actor,
        action="mission.load",
        object_id=str(mission.id),
        detail={"stations": len(pack.stations), "regions": len(pack.regions)},
    )
    return mission.id


def mission_key(mission_id: UUID, purpose: str, secret: bytes, serial: int = 0) -> MissionKey:
    """Return a new key pair of a mission, not written yet, its private half wrapped by the server's secret."""
    key = keys.make_key()
    return MissionKey(
        kid=key.thumbprint(),
        mission_id=mission_id,
        purpose=purpose,
        public_jwk=keys.public_jwk(key),
        private_wrapped=keys.wrap(key, secret),
        serial=serial,
    )


async def _replace_places(session: WriteSession, mission_id: UUID, pack: Pack) -> None:
    version, content = places_file(pack)
    newest = await session.exec(
        select(PlaceList.version)
        .where(PlaceList.mission_id == mission_id)
        .order_by(col(PlaceList.made_at).desc())
        .limit(1)
    )
    if newest.first() == version:
        return
    rows: dict[type[Region | District | Station], list[dict[str, Any]]] = {
        Region: [
            {
                "mission_id": mission_id,
                "code": region.code,
                "name": dict(region.names),
                "centre": region.centre[pack.mission.default_language],
                "longitude": region.lon,
                "latitude": region.lat,
                "zone": region.zone,
                "tile_column": region.grid[0],
                "tile_row": region.grid[1],
                "valid_from": region.valid_from or pack.mission.opens_on,
                "valid_to": region.valid_to,
            }
            for region in pack.regions
        ],
        District: [
            {
                "mission_id": mission_id,
                "code": district.code,
                "region_code": district.region or "",
                "name": dict(district.names),
            }
            for district in pack.districts
        ],
        Station: [
            {
                "mission_id": mission_id,
                "number": station.number,
                "region_code": station.region or "",
                "district_code": station.district,
                "name": dict(station.names),
                "locality": station.locality,
                "longitude": station.lon,
                "latitude": station.lat,
            }
            for station in pack.stations
        ],
    }
    for table, values in rows.items():
        await session.execute(delete(table).where(col(table.mission_id) == mission_id))
        if values:
            await session.execute(insert(table), values)
    await session.execute(
        delete(PlaceList).where(col(PlaceList.mission_id) == mission_id, col(PlaceList.version) == version)
    )
    session.add(
        PlaceList(
            mission_id=mission_id,
            version=version,
            stations=len(pack.stations),
            content=gzip.compress(content, mtime=0),
        )
    )
    await announce(session, mission_id, Changed("places", version))


def places_file(pack: Pack) -> tuple[str, bytes]:
    """Return the reference list for phones and its version: regions, districts, and stations in columns."""
    languages = pack.mission.languages
    content = {
        "regions": [{"code": region.code, "name": dict(region.names)} for region in pack.regions],
        "districts": [
            {"code": district.code, "region": district.region or "", "name": dict(district.names)}
            for district in pack.districts
        ],
        "stations": {
            "columns": [
                "number",
                "region",
                "district",
                *(f"name_{code}" for code in languages),
                "locality",
                "lon",
                "lat",
            ],
            "rows": [
                [
                    station.number,
                    station.region or "",
                    station.district,
                    *(station.names[code] for code in languages),
                    station.locality,
                    station.lon,
                    station.lat,
                ]
                for station in pack.stations
            ],
        },
    }
    version = hashlib.sha256(orjson.dumps(content)).hexdigest()[:VERSION_DIGITS]
    return version, orjson.dumps({"version": version, **content})
