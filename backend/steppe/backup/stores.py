"""Backups in an object store (`s3://bucket/prefix`): the files of a backup folder, under the same names.

The sealed file is written on this machine first, goes up in pieces under a name that is no backup's, is read back from
there whole, and only then gets its name: whatever ends the work midway leaves nothing that looks like a backup.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Self

from obstore.exceptions import BaseError

from steppe.backup.making import FinishedBackup, check_backup, keys_of_run, write_backup
from steppe.backup.manifest import is_named
from steppe.backup.places import (
    FILES_FOLDER,
    UNFINISHED,
    Beside,
    BesideFolder,
    expendable_names,
    make_private_folder,
    one_at_a_time,
    scratch_place,
    sha256_of,
)
from steppe.backup.problems import BackupNotGood, BackupNotWritten, DamagedBackup
from steppe.backup.sealed_file import SealedWriter
from steppe.kit.blobs import Blobs, BlobsAway
from steppe.kit.db import Database
from steppe.kit.settings import Settings


def is_store(place: str) -> bool:
    """Say whether a place for backups is an object store, and not a folder."""
    return "://" in place


class BackupStore:
    """One prefix of a bucket with backups in it; also where photos lie beside them."""

    def __init__(self, url: str, settings: Settings) -> None:
        """Open the store at `url`, by the client and the credentials that serve photos. Raises BackupNotWritten."""
        self.url = url.rstrip("/")
        try:
            self._blobs = Blobs(settings.model_copy(update={"blob_url": self.url}))
        except (BaseError, ValueError) as error:
            raise BackupNotWritten(str(error)) from error
        self._sizes: dict[str, int] | None = None

    @classmethod
    def of_file(cls, url: str, settings: Settings) -> tuple[Self, str]:
        """Open the store that a backup lies in, given its whole address; returns it and the backup's name."""
        prefix, _, name = url.rpartition("/")
        return cls(prefix, settings), name

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except BlobsAway as error:
            msg = f"{self.url} does not answer or refuses; it needs AWS_ACCESS_KEY_ID and the like"
            raise BackupNotWritten(msg) from error

    async def holds(self, name: str, size: int) -> bool:
        """Say whether a file lies beside the backups, by its name and size: it was read back when it was put there."""
        if self._sizes is None:
            with self._asked():
                self._sizes = await self._blobs.sizes()
        return self._sizes.get(f"{FILES_FOLDER}/{name}") == size

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file beside the backups, and read it back. Raises BackupNotWritten, BackupNotGood."""
        with self._asked():
            await self._blobs.put(f"{FILES_FOLDER}/{name}", content)
            if not is_named(await self._blobs.get(f"{FILES_FOLDER}/{name}"), name, len(content)):
                await self._blobs.delete(f"{FILES_FOLDER}/{name}")
                msg = f"{self.url}/{FILES_FOLDER}/{name} is not what was written"
                raise BackupNotGood(msg)

    async def get(self, name: str) -> bytes:
        """Return a file that lies beside the backups. Raises BackupNotWritten, DamagedBackup."""
        with self._asked():
            content = await self._blobs.get(f"{FILES_FOLDER}/{name}")
        if not is_named(content, name, len(content)):
            msg = f"{name}: its bytes are others"
            raise DamagedBackup(msg)
        return content

    async def fetch(self, name: str, path: Path) -> None:
        """Bring a backup into a file of this machine. Raises DamagedBackup when there is none, BackupNotWritten."""
        with self._asked(), path.open("wb") as file:
            try:
                async for piece in self._blobs.pieces(name):
                    await asyncio.to_thread(file.write, piece)
            except FileNotFoundError as error:
                msg = f"{self.url}/{name} is not there"
                raise DamagedBackup(msg) from error

    @asynccontextmanager
    async def unfinished(self, name: str, path: Path) -> AsyncIterator[str]:
        """Put a file there under a name that is no backup's; gone after the block. Gives the name.

        Raises BackupNotWritten, also when there is a backup called `name`.
        """
        part = name + UNFINISHED
        with self._asked():
            if await self._blobs.size(name) is not None:
                msg = f"{self.url}/{name} is there already"
                raise BackupNotWritten(msg)
        try:
            with self._asked():
                await self._blobs.put_file(part, path)
            yield part
        finally:
            with suppress(BlobsAway):
                await self._blobs.delete(part)

    async def finish(self, part: str, name: str, sha256: str) -> None:
        """Give a file that stood its check its name, and read it there once more.

        Raises BackupNotWritten, BackupNotGood; nothing is under the name then.
        """
        is_good = False
        try:
            with self._asked():
                await self._blobs.copy(part, name)
                is_good = await self._sha256_of(name) == sha256
        finally:
            if not is_good:
                with suppress(BlobsAway):
                    await self._blobs.delete(name)
        if not is_good:
            msg = f"{self.url}/{name} is not what was written"
            raise BackupNotGood(msg)

    async def _sha256_of(self, name: str) -> str:
        digest = hashlib.sha256()
        async for piece in self._blobs.pieces(name):
            digest.update(piece)
        return digest.hexdigest()

    async def delete_expendable(self, rule: str) -> list[str]:
        """Delete the backups that a rule lets go, and return their names. Other files stay. Raises BackupNotWritten."""
        with self._asked():
            gone = expendable_names(await self._blobs.names(), rule)
            for name in gone:
                await self._blobs.delete(name)
        return gone


async def store_backup(
    database: Database, settings: Settings, blobs: Blobs, store: BackupStore, name: str
) -> FinishedBackup:
    """Write a backup into a store, photos beside it, check it as it lies there, and return it.

    Needs room in the data folder for twice the sealed file. Raises NoRecoveryKey, BackupRunning, BackupNotWritten,
    BackupNotGood, BlobsAway.
    """
    run_key, recipients = await keys_of_run(database)
    with one_at_a_time(settings.data), scratch_place(settings.data) as scratch:
        sealed, back = scratch / name, scratch / f"{name}{UNFINISHED}"
        said = await write_backup(database, settings, blobs, SealedWriter(sealed, recipients), store)
        whole = await asyncio.to_thread(sha256_of, sealed)
        size = (await asyncio.to_thread(sealed.stat)).st_size
        async with store.unfinished(name, sealed) as part:
            await store.fetch(part, back)
            await check_backup(settings.data, back, run_key, said)
            await store.finish(part, name, whole)
    return FinishedBackup(f"{store.url}/{name}", name, whole, size, said)


@asynccontextmanager
async def fetched_backup(address: str, settings: Settings) -> AsyncIterator[tuple[Path, Beside]]:
    """Give a backup as a file of this machine within the block, and where its photos lie; `address`: a path, or a URL.

    Raises DamagedBackup, BackupNotWritten.
    """
    if not is_store(address):
        path = Path(address)
        yield path, BesideFolder(path.parent / FILES_FOLDER)
        return
    store, name = BackupStore.of_file(address, settings)
    make_private_folder(settings.data)
    with scratch_place(settings.data) as scratch:
        await store.fetch(name, scratch / name)
        yield scratch / name, store
