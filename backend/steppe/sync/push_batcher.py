"""Pushes that wait for the mission's counter go in together: one transaction and one sync to disk for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from steppe.kit.batcher import Batcher
from steppe.kit.db import Database
from steppe.people.access import DeviceCaller, push_phones
from steppe.submissions.projection import Projection
from steppe.sync.commands import record_pushes
from steppe.sync.fence import StalePush
from steppe.sync.queries import Push

MOST_PUSHES: Final = 32
"""In one transaction. With the fifty items each may hold that is still far from what either engine takes at once."""


class PushBatcher:
    """The way of this process's pushes into the database, mission by mission."""

    def __init__(self, database: Database, projection: Projection) -> None:
        """Keep the database, and who counts what is stored."""
        self._database = database
        self._projection = projection
        self._missions: dict[UUID, Batcher[Push, dict[str, Any] | None]] = {}

    async def record(self, push: Push) -> dict[str, Any] | None:
        """Store a push and return its answer, after the commit. Raises the database's errors.

        None when the caller is no longer what the push was read for, or a report it edits changed meanwhile: nothing is
        stored then, the caller must be asked for again, and the push read again.
        """
        mission = push.caller.mission_id
        if mission not in self._missions:
            self._missions[mission] = Batcher(self._store, most=MOST_PUSHES)
        try:
            return await self._missions[mission].ask(push)
        except StalePush:
            return None

    async def _store(self, pushes: Sequence[Push]) -> list[dict[str, Any] | None]:
        async with self._database.write() as session:
            tokens = {push.caller.token for push in pushes if isinstance(push.caller, DeviceCaller)}
            current = await push_phones(session, tokens)
            valid = [push for push in pushes if _is_valid(push, current)]
            answers = iter(await record_pushes(session, valid, self._projection) if valid else ())
        return [next(answers) if _is_valid(push, current) else None for push in pushes]


def _is_valid(push: Push, current: Mapping[str, DeviceCaller]) -> bool:
    """Say whether a phone is still what its push was read for. Whoever stands at the desk was asked at the door."""
    return not isinstance(push.caller, DeviceCaller) or current.get(push.caller.token) == push.caller
