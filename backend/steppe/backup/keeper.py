"""The server's watch over its own database: is it the same file, is it no older than before, who is refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from steppe.backup.commands import begin_epoch, note_restored, place_of, revoke_again
from steppe.backup.incarnation import Mark, Place, PutBack, read_mark, write_mark
from steppe.backup.manifest import MissionHead
from steppe.backup.queries import PUT_BACK, last_fact_at, mission_heads, revoked_devices
from steppe.backup.revocation_list import REVOCATIONS, append_revocations, read_revocations
from steppe.kit.clock import iso, now
from steppe.kit.db import Database, DatabaseAway, DatabaseReplaced, is_passing
from steppe.kit.parts import in_background
from steppe.kit.settings import Settings

TICK_SECONDS: Final = 1.0
_IDLE_TICKS: Final = 5
"""Ticks without a commit of this process after which the database is asked all the same: others write too."""
log = logging.getLogger("steppe")


class IncarnationKeeper:
    """Looks each second: keeps the mark beside the database, and begins a new epoch when an older one was put back."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Read what the last server here left."""
        self._database = database
        self._data = settings.data
        self._mark = read_mark(self._data)
        self._listed = read_revocations(self._data / REVOCATIONS)
        self._revoked: dict[UUID, dict[str, Any]] = {}
        self._is_changed = True
        self._is_replaced = False
        database.after_commit.add(self._note)

    @property
    def put_back(self) -> PutBack | None:
        """When an older database was last found in the place of a newer one."""
        return self._mark.put_back

    def _note(self) -> None:
        self._is_changed = True

    async def look(self, *, is_last: bool = False) -> None:
        """Compare the database with the mark, act on what is found, and bring mark and list up to date.

        Raises the database's errors.
        """
        self._database.check_file()
        self._is_changed = False
        async with self._database.read(is_snapshot=True) as session:
            heads = await mission_heads(session)
            revoked = await revoked_devices(session)
        missions = dict(self._mark.missions)
        put_back = self._mark.put_back
        for head in heads:
            here, was = Place(epoch=head.epoch, n=head.n), missions.get(head.id)
            if was is not None and here.is_behind(was):
                put_back = PutBack(at=now(), mission=head.code, was=was.n, found=here.n)
                here = await self._begin_epoch(head, was)
            missions[head.id] = here
        if revoked != self._revoked:
            self._listed = append_revocations(self._data / REVOCATIONS, revoked)
            self._revoked = revoked
        if is_last or missions != self._mark.missions:
            self._mark = Mark(missions=missions, noted_at=now(), put_back=put_back)
            write_mark(self._data, self._mark, is_synced=is_last)

    async def _begin_epoch(self, head: MissionHead, was: Place) -> Place:
        async with self._database.write() as session:
            here = await place_of(session, head.id)
            # Another node may have been first.
            if not here.is_behind(was):
                return here
            place = await begin_epoch(session, head.id, was)
            refused = await revoke_again(session, self._listed)
            # What was written since the mark may have come after the older database did.
            copy_of = await last_fact_at(session, head.id, self._mark.noted_at or now())
            detail = {
                "copy_of": iso(copy_of) if copy_of else None,
                "was": was.n,
                "found": here.n,
                "epoch": place.epoch,
                "refused_again": refused,
            }
            await note_restored(session, head.id, action=PUT_BACK, detail=detail)
        facts = {"mission": head.code, **detail}
        log.error("an older database was put back: a new epoch begins", extra={"facts": facts})
        return place

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look before the block, each second within it, and once more after it.

        Before: of an older database that was put back no number may leave.
        """
        await self.first_look()
        async with in_background(self.run(), "incarnation"):
            yield
        with suppress(SQLAlchemyError, DatabaseAway, OSError):
            await self.look(is_last=True)

    async def first_look(self) -> None:
        """Look before the first request; a database that cannot be reached now is looked at as soon as it can."""
        try:
            await self.look()
        except (SQLAlchemyError, DatabaseAway, OSError) as error:
            if not isinstance(error, OSError) and not is_passing(error):
                raise
            self._tell(error)

    async def run(self) -> None:
        """Look each second until cancelled."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            try:
                self._database.check_file()
                if self._is_changed or ticks % _IDLE_TICKS == 0:
                    await self.look()
                self._is_replaced = False
            except (SQLAlchemyError, DatabaseAway, OSError) as error:
                # What was committed before stands in no mark yet.
                self._is_changed = True
                self._tell(error)

    def _tell(self, error: Exception) -> None:
        # Once, not each second.
        if not self._is_replaced:
            is_foreseen = is_passing(error) and not isinstance(error, DatabaseReplaced)
            level = logging.WARNING if is_foreseen else logging.ERROR
            log.log(level, "the database cannot be looked after", extra={"facts": {"failure": type(error).__name__}})
        self._is_replaced = True
