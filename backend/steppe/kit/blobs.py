"""Bytes outside the database: a local folder or S3, through one narrow seam (obstore)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from obstore.store import LocalStore, ObjectStore, from_url

from steppe.kit.settings import Settings


def _sync(file: Path) -> None:
    for path in (file, file.parent, file.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Blobs:
    """Named byte strings. Names are paths such as `mission/attachments/<sha256>`; writing again replaces."""

    def __init__(self, settings: Settings) -> None:
        """Open the store named by the settings, a folder under the data folder by default."""
        self._store: ObjectStore
        self._folder: Path | None = None
        if settings.blob_url:
            self._store = from_url(settings.blob_url)
        else:
            folder = settings.data / "blobs"
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(folder)
            self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` under `name`, on disk when this returns: a receipt may leave right after."""
        await self._store.put_async(name, content)
        if self._folder is not None:
            # The store renames a finished file into place and leaves the rest to the system, which may lose power.
            await asyncio.to_thread(_sync, self._folder / name)

    async def get(self, name: str) -> bytes:
        """Return what is kept under `name`. Raises FileNotFoundError."""
        result = await self._store.get_async(name)
        return bytes(await result.bytes_async())

    async def delete(self, name: str) -> None:
        """Forget `name`; nothing happens when it is not there."""
        try:
            await self._store.delete_async(name)
        except FileNotFoundError:
            return
