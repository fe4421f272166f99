"""Watching the missions' counters: one task per process, and only while a desk is listening.

The counter in the database is what every API node can see, so a push taken by another node is noticed within `POLL_S`.
A commit of this process rings at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from steppe.kit.db import Database
from steppe.live.queries import counters

POLL_S: Final = 0.5
RETRY_S: Final = 5.0


class Watch:
    """Rings the bells of those who listen to a mission when its counter has moved."""

    def __init__(self, database: Database, *, poll_s: float = POLL_S) -> None:
        """Remember the database; nothing runs before somebody listens."""
        self._database = database
        self._poll_s = poll_s
        self._bells: dict[UUID, set[asyncio.Event]] = {}
        self._seen: dict[UUID, int] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the watching task exists."""
        return self._task is not None

    @contextmanager
    def listening(self, mission_id: UUID) -> Iterator[asyncio.Event]:
        """Give a bell that is set whenever the mission's counter moves, for as long as the block lasts."""
        bell = asyncio.Event()
        self._bells.setdefault(mission_id, set()).add(bell)
        if self._task is None:
            self._database.after_commit.add(self._wake.set)
            self._task = asyncio.create_task(self._run(), name="live watch")
        try:
            yield bell
        finally:
            self._leave(mission_id, bell)

    def _leave(self, mission_id: UUID, bell: asyncio.Event) -> None:
        self._bells[mission_id].discard(bell)
        if not self._bells[mission_id]:
            del self._bells[mission_id]
            self._seen.pop(mission_id, None)
        if not self._bells and self._task is not None:
            self._database.after_commit.discard(self._wake.set)
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            current = await counters(self._database, list(self._bells))
            self._ring(current or {})
            try:
                await asyncio.wait_for(self._wake.wait(), RETRY_S if current is None else self._poll_s)
            except TimeoutError:
                continue

    def _ring(self, current: dict[UUID, int]) -> None:
        for mission, n in current.items():
            if self._seen.get(mission) != n:
                self._seen[mission] = n
                for bell in self._bells.get(mission, ()):
                    bell.set()
