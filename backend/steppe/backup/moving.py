"""Moving a server to another database and store of files: the same rows, numbers and epoch, nothing offered again.

Files are copied while the server still serves, and once more for what came meanwhile. For the rows nobody may write:
phones wait, and send what they have to the server that starts afterwards. What arrived is compared row by row with what
left, before the old database is put aside.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from steppe.backup.problems import MoveDiffers, PlaceNotEmpty
from steppe.backup.queries import table_with_rows
from steppe.backup.reading import unpacked
from steppe.backup.rows import every_table, read_rows, write_rows
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database, ReadSession, WriteSession, sqlite_path
from steppe.kit.settings import Settings

MOVED: Final = ".moved"
_WIDTH: Final = 2**256


@dataclass(slots=True)
class Digest:
    """Rows of each table, and a sum over the hashes of their text: the same in whatever order they are read."""

    rows: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, text: bytes) -> None:
        """Add the rows of a part, given as its text."""
        for line in _lines(text):
            self.rows[table] = self.rows.get(table, 0) + 1
            self.sums[table] = (self.sums.get(table, 0) + int.from_bytes(hashlib.sha256(line).digest())) % _WIDTH

    def differences(self, other: Digest) -> list[str]:
        """Return the tables in which the two are not the same."""
        return sorted(
            table
            for table in self.rows.keys() | other.rows.keys()
            if (self.rows.get(table), self.sums.get(table)) != (other.rows.get(table), other.sums.get(table))
        )


def _lines(text: bytes) -> Iterator[bytes]:
    # PostgreSQL keeps the members of JSON in an order of its own.
    for line in text.split(b"\n")[1:]:
        yield orjson.dumps(orjson.loads(line), option=orjson.OPT_SORT_KEYS)


class Move:
    """One move of a server's database, and of its files where `there` keeps them elsewhere."""

    def __init__(self, here: Settings, there: Settings) -> None:
        """Open both sides; nothing is written before `check_place`."""
        self._here, self._there = here, there
        self.database, self.target = Database(here), Database(there)
        self._blobs, self._target_blobs = Blobs(here), Blobs(there)
        self._is_elsewhere = here.blob_url != there.blob_url
        self._copied: set[str] = set()

    async def close(self) -> None:
        """Close both databases."""
        await self.database.close()
        await self.target.close()

    async def check_place(self) -> None:
        """Raise PlaceNotEmpty unless the other database and the other store are empty."""
        path = sqlite_path(self._there)
        if path is None or await asyncio.to_thread(Path(path).exists):
            async with self.target.read() as session:
                held = await table_with_rows(session, [table.name for table in every_table()])
            if held is not None:
                msg = f"its database has rows in {held}"
                raise PlaceNotEmpty(msg)
        if self._is_elsewhere and not await self._target_blobs.is_empty():
            msg = "its store of photos and files is not empty"
            raise PlaceNotEmpty(msg)

    async def copy_files(self) -> int:
        """Copy the files that are not there yet and return how many; again and again, it copies what came since.

        What is gone here since then goes there too: pieces of an upload, once it is whole.
        """
        if not self._is_elsewhere:
            return 0
        names, copied = set(await self._blobs.names()), 0
        for name in sorted(names - self._copied):
            # The server has put an upload together since the names were listed.
            with suppress(FileNotFoundError):
                await self._target_blobs.put(name, await self._blobs.get(name))
                self._copied.add(name)
                copied += 1
        for name in self._copied - names:
            await self._target_blobs.delete(name)
        self._copied &= names
        return copied

    async def copy_rows(self) -> Digest:
        """Copy every row in one transaction, read all back and compare. Nobody may write to either side meanwhile.

        Raises MoveDiffers, after which the other database is empty again.
        """
        async with self.database.read(is_snapshot=True) as reading, self.target.write() as session:
            return await _copy(reading, session)

    def put_aside(self) -> Path | None:
        """Give the old SQLite file another name, so that nothing serves from it; None for PostgreSQL.

        The database must be closed.
        """
        path = sqlite_path(self._here)
        if not path:
            return None
        for ending in ("-wal", "-shm", ""):
            if (old := Path(path + ending)).exists():
                old.rename(path + MOVED + ending)
        return Path(path + MOVED)


async def _copy(reading: ReadSession, writing: WriteSession) -> Digest:
    sent, arrived = Digest(), Digest()
    for table in every_table():
        async for part in read_rows(reading, table, is_everything=True):
            text = unpacked(part.content)
            await write_rows(writing, table.name, text)
            sent.add(table.name, text)
    for table in every_table():
        async for part in read_rows(writing, table, is_everything=True):
            arrived.add(table.name, unpacked(part.content))
    if different := sent.differences(arrived):
        raise MoveDiffers(", ".join(different))
    return sent
