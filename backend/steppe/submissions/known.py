"""What this process knows of missions while pushes come in, so that most of them ask the database very little.

Checklist versions never change. Keys and zone of a mission are asked for anew every half minute: they are made with the
mission, and whoever will one day change them on a running server has to let that time pass before phones learn of it.
Places may be replaced at any moment and are looked up for every push, for all pushes that wait with one query.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.kit.db import Database
from steppe.kit.together import Together
from steppe.submissions import queries
from steppe.submissions.current import PlaceKind, Signer, Surroundings
from steppe.submissions.queries import MissionKeys

KEYS_LIFE_SECONDS: Final = 30
_MOST_AT_ONCE: Final = 64
Places = frozenset[tuple[PlaceKind, str]]


class Known:
    """One process's memory of missions, over its database."""

    def __init__(self, database: Database, secret: bytes) -> None:
        """Remember nothing yet; `secret` unwraps the missions' keys."""
        self._database = database
        self._secret = secret
        self._keys: dict[UUID, tuple[float, MissionKeys]] = {}
        self._places: dict[UUID, Together[Places, Surroundings]] = {}

    async def keys(self, mission_id: UUID) -> MissionKeys:
        """Return the mission's private keys and its zone, at most KEYS_LIFE_SECONDS old."""
        read_at, found = self._keys.get(mission_id, (0.0, None))
        if found is None or time.monotonic() - read_at > KEYS_LIFE_SECONDS:
            async with self._database.read() as session:
                found = await queries.mission_keys(session, mission_id, self._secret)
            self._keys[mission_id] = time.monotonic(), found
        return found

    async def signers(self, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Signer]:
        """Return the mission's devices with these ids, those revoked left out; asks the database each time."""
        if not ids:
            return {}
        async with self._database.read() as session:
            return await queries.signers(session, mission_id, ids)

    async def definitions(self, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, Definition]:
        """Return the mission's checklist definitions with these version ids."""
        if queries.are_parsed(ids):
            return queries.parsed(mission_id, ids)
        async with self._database.read() as session:
            return await queries.definitions(session, mission_id, ids)

    async def surroundings(self, mission_id: UUID, named: Iterable[tuple[PlaceKind, str]]) -> Surroundings:
        """Return where the named places lie; unknown places are simply not in it."""
        places = frozenset((kind, code) for kind, code in named if kind != "region")
        if not places:
            return Surroundings(mission_id, (await self.keys(mission_id)).zone)
        if mission_id not in self._places:

            async def find(wanted: Sequence[Places]) -> Sequence[Surroundings]:
                zone = (await self.keys(mission_id)).zone
                every = {place for places in wanted for place in places}
                async with self._database.read() as session:
                    found = await queries.surroundings(session, mission_id, zone, every)
                return [found] * len(wanted)

            self._places[mission_id] = Together(find, most=_MOST_AT_ONCE)
        return await self._places[mission_id].ask(places)
