"""What this process knows of a mission while pushes come in, so that most of them ask the database nothing of it.

Keys, zone and places are asked for anew every half minute. What comes in that half minute after places were replaced
on a running server is placed by the list before, as what came earlier was: it is written down and stays.
"""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.kit.db import Database, ReadSession
from steppe.kit.settings import Settings
from steppe.missions.mission_keys import MissionKeys, mission_keys
from steppe.submissions import queries
from steppe.submissions.current import Signer
from steppe.submissions.place_index import PlaceIndex

LIFE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class CachedMission:
    """A mission's private keys and its places, as they stood at `read_at` (monotonic seconds)."""

    read_at: float
    keys: MissionKeys
    places: PlaceIndex


class MissionCache:
    """One process's memory of missions, over its database."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Remember nothing yet; the server's secret, out of `settings`, unwraps the missions' keys."""
        self._database = database
        self._settings = settings
        self._missions: dict[UUID, CachedMission] = {}

    async def mission(self, mission_id: UUID) -> CachedMission:
        """Return what is known of a mission, at most LIFE_SECONDS old."""
        cached = self._missions.get(mission_id)
        if cached is None or time.monotonic() - cached.read_at > LIFE_SECONDS:
            async with self._database.read() as session:
                keys = await mission_keys(session, mission_id, self._settings)
                # Ten thousand stations take a moment to read: only when there is another list of them.
                is_same = cached is not None and (cached.keys.zone, cached.keys.places) == (keys.zone, keys.places)
                places = cached.places if cached and is_same else await queries.every_place(session, mission_id)
            cached = self._missions[mission_id] = CachedMission(time.monotonic(), keys, places)
        return cached

    async def signers(self, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Signer]:
        """Return the mission's devices with these ids as they stand; asks the database each time."""
        if not ids:
            return {}
        async with self._database.read() as session:
            return await queries.signers(session, mission_id, ids)

    async def with_former(self, mission_id: UUID, signers: Mapping[UUID, Signer]) -> dict[UUID, Signer]:
        """Return devices of the mission with every team they were of before; asks the database each time."""
        async with self._database.read() as session:
            return await queries.with_former(session, mission_id, signers)

    def read(self) -> AbstractAsyncContextManager[ReadSession]:
        """Open a session on the database, for what has to be asked each time."""
        return self._database.read()

    async def definitions(self, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Definition]:
        """Return the mission's checklist definitions with these version ids. They never change."""
        if queries.are_parsed(ids):
            return queries.parsed(mission_id, ids)
        async with self._database.read() as session:
            stored = await queries.unparsed(session, ids)
        await to_thread(queries.parse, stored)
        return queries.parsed(mission_id, ids)
