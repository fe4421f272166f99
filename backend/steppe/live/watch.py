"""Watching the missions' counters: one task per process, and only while a desk is listening.

The counter in the database is what every API node can see, so a push taken by another node is noticed within `POLL_S`.
A commit of this process rings at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from steppe.kit.db import Database
from steppe.live.queries import counters

POLL_S = 0.5
RETRY_S = 5.0
log = logging.getLogger(__name__)


class Watch:
    """Rings the bells of those who listen to a mission when its counter has moved."""

    def __init__(self, database: Database) -> None:
        """Remember the database; nothing runs before somebody listens."""
        self._database = database
        self._bells: dict[UUID, set[asyncio.Event]] = {}
        self._seen: dict[UUID, int] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, mission_id: UUID) -> Iterator[asyncio.Event]:
        """Give a bell that is set whenever the mission's counter moves, for as long as the block lasts."""
        bell = asyncio.Event()
        self._bells.setdefault(mission_id, set()).add(bell)
        if self._task is None or self._task.done():
            event.listen(Session, "after_commit", self._on_commit)
            self._task = asyncio.create_task(self._run(), name="live watch")
        try:
            yield bell
        finally:
            self._bells[mission_id].discard(bell)
            if not self._bells[mission_id]:
                del self._bells[mission_id]
                self._seen.pop(mission_id, None)
            if not self._bells:
                event.remove(Session, "after_commit", self._on_commit)
                self._task.cancel()
                self._task = None

    @property
    def is_running(self) -> bool:
        """Whether the watching task exists."""
        return self._task is not None

    def _on_commit(self, session: Session) -> None:
        if session.get_bind() is self._database.writer.sync_engine:
            self._wake.set()

    async def _run(self) -> None:
        while True:
            pause = POLL_S
            self._wake.clear()
            try:
                async with self._database.read() as session:
                    current = await counters(session, list(self._bells))
            except (SQLAlchemyError, OSError) as error:
                log.warning("live watch: the database does not answer (%s)", type(error).__name__)
                pause = RETRY_S
            else:
                self._ring(current)
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    def _ring(self, current: dict[UUID, int]) -> None:
        for mission, n in current.items():
            if self._seen.get(mission) != n:
                self._seen[mission] = n
                for bell in self._bells.get(mission, ()):
                    bell.set()
