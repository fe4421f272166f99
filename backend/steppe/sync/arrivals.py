"""Pushes that wait for the mission's counter go in together: one transaction and one sync to disk for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from steppe.kit.batcher import Batcher
from steppe.kit.db import Database
from steppe.people.access import push_phones
from steppe.submissions.projection import Projection
from steppe.sync.commands import Arrived, push

MOST_PUSHES: Final = 32
"""In one transaction. With the fifty items each may hold that is still far from what either engine takes at once."""


class Arrivals:
    """The way of this process's pushes into the database, mission by mission."""

    def __init__(self, database: Database, projection: Projection) -> None:
        """Keep the database, and who counts what is stored."""
        self._database = database
        self._projection = project
        self._missions: dict[UUID, Batcher[Arrived, dict[str, Any] | None]] = {}

    async def take(self, arrived: Arrived) -> dict[str, Any] | None:
        """Store a push and return its answer, after the commit. Raises the database's errors.

        None when the caller is no longer what the push was read for: nothing is stored then, and the caller must be
        asked for again.
        """
        mission = arrived.caller.mission_id
        if mission not in self._missions:
            self._missions[mission] = Batcher(self._store, most=MOST_PUSHES)
        return await self._missions[mission].ask(arrived)

    async def _store(self, pushes: Sequence[Arrived]) -> list[dict[str, Any] | None]:
        async with self._database.write() as session:
            current = await push_phones(session, {one.caller.token for one in pushes})
            valid = [one for one in pushes if current.get(one.caller.token) == one.caller]
            answers = iter(await push(session, valid, self._projection) if valid else ())
        return [next(answers) if current.get(one.caller.token) == one.caller else None for one in pushes]
