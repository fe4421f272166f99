"""Backups by the clock: a server that was told where to makes one when the last is old enough, in a process of its own.

Reading everything, packing and checking it would take the event loop's time from pushes; another process takes only
what the machine has left (a lower priority), and its memory goes with it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from steppe.backup.queries import backups, recovery_key
from steppe.kit.clock import now
from steppe.kit.db import Database, DatabaseAway
from steppe.kit.parts import in_background
from steppe.kit.settings import Settings

LOOK_SECONDS: Final = 60
_AGAIN: Final = timedelta(hours=1)
"""How long a backup that failed is not tried again."""
_NICENESS: Final = 10
_COMMAND: Final = f"import os; os.nice({_NICENESS}); from steppe.cli import main; main()"
log = logging.getLogger("steppe")


class BackupTimer:
    """Makes a backup to `backup_to` every `backup_hours`, then signs a checkpoint and verifies everything."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Begin with nothing tried."""
        self._database = database
        self._settings = settings
        self._not_before = now()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make backups by the clock within the block."""
        async with in_background(self.run(), "backups"):
            yield

    async def run(self) -> None:
        """Look each minute until cancelled; returns at once when no folder is set."""
        if not self._settings.backup_to:
            return
        while True:
            try:
                if await self.is_due():
                    await self.make()
            except (SQLAlchemyError, DatabaseAway, OSError) as error:
                log.warning("backup", extra={"facts": {"failure": type(error).__name__}})
            await asyncio.sleep(LOOK_SECONDS)

    async def is_due(self) -> bool:
        """Say whether the last backup is old enough, whoever made it."""
        if now() < self._not_before:
            return False
        async with self._database.read() as session:
            if await recovery_key(session) is None:
                return False
            made = await backups(session)
        return not made or now() - made[0].made_at >= timedelta(hours=self._settings.backup_hours)

    async def make(self) -> None:
        """Make a backup, sign a checkpoint and verify; how each ended is in the log."""
        self._not_before = now() + _AGAIN
        keep = ["--keep", self._settings.backup_keep] if self._settings.backup_keep else []
        for words in (
            ["backup", "make", "--to", self._settings.backup_to, *keep],
            ["receipt", "checkpoint"],
            ["verify"],
        ):
            code, said = await self._command(words)
            level = logging.ERROR if code else logging.INFO
            log.log(level, words[0], extra={"facts": {"code": code, "said": said[-1] if said else ""}})

    async def _command(self, words: list[str]) -> tuple[int, list[str]]:
        fields = self._settings.model_dump(mode="json")
        own = {f"STEPPE_{name.upper()}": str(value) for name, value in fields.items()}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _COMMAND,
            *words,
            env={**os.environ, **own},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        return process.returncode or 0, said.decode(errors="replace").splitlines()
