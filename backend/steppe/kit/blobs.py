"""Bytes outside the database: a local folder or S3, through one narrow seam (obstore).

A store that hangs, refuses or is slow costs its callers a bounded wait, and after a few failures nothing at all: the
breaker answers for it. So photos wait while reports flow. No call here may stand inside a database session: what waits
for another system would hold a connection, on SQLite the only writer (a hung S3 once stopped every push of a node).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from steppe.kit.private_files import PRIVATE_FOLDER, sync_to_disk
from steppe.kit.problems import TryLater
from steppe.kit.settings import Settings

PATIENCE_SECONDS: Final = 10.0
"""How long the store may take to answer."""
SLOWEST: Final = 100_000
"""Bytes a second below which a store counts as hung: a chunk of 1 MiB may take ten seconds longer."""
PIECE: Final = 8 * 1024 * 1024
"""Bytes of a file that go over the line at a time."""
_PIECES_AT_ONCE: Final = 2
_UNKNOWN_SIZE: Final = 2 * 1024 * 1024
"""Bytes to have patience with when what is fetched may be of any size."""
FAILURES_IN_A_ROW: Final = 3
_STALE_SECONDS: Final = 15.0
_LISTING_SECONDS: Final = 300.0
REST_SECONDS: Final = 10.0
"""How long nobody asks a store that has failed so often; then one request tries it for all."""
Result = TypeVar("Result")
log = logging.getLogger("steppe")


class BlobsAway(TryLater):
    """The object store does not answer, refuses, or is full; the same request is safe to repeat."""

    title = "Photos and files cannot be kept or read now"
    next = "Send the same request again in some seconds. Reports are received meanwhile, and nothing is lost."


class Breaker:
    """Stops asking a dependency that fails: after a few failures in a row it answers for it for some seconds.

    After the rest one caller tries, while the others are still refused; its outcome closes or reopens the breaker.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin closed; `clock` gives seconds that only grow."""
        self._clock = clock
        self._failures = 0
        self._asleep_until = 0.0
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """Whether the dependency counts as away."""
        return self._failures >= FAILURES_IN_A_ROW

    def enter(self) -> None:
        """Let a call pass. Raises BlobsAway, with the seconds to wait, while the dependency rests."""
        if not self.is_open:
            return
        rest = self._asleep_until - self._clock()
        if rest > 0 or self._is_tried:
            raise BlobsAway(headers={"Retry-After": str(max(int(rest) + 1, 2))})
        self._is_tried = True

    def succeeded(self) -> None:
        """Note that the dependency answered."""
        self._failures = 0
        self._is_tried = False

    def failed(self) -> None:
        """Note that it did not."""
        self._failures += 1
        self._is_tried = False
        self._asleep_until = self._clock() + REST_SECONDS

    def gave_up(self) -> None:
        """Note that whoever asked left before the dependency answered, which says nothing about it."""
        self._is_tried = False


class Blobs:
    """Named byte strings. Names are paths such as `mission/attachments/<sha256>`; writing again replaces.

    Every method but `is_away` raises BlobsAway when the store cannot be used now.
    """

    def __init__(self, settings: Settings, *, patience: float = PATIENCE_SECONDS) -> None:
        """Open the store named by the settings, a folder under the data folder by default.

        `patience`: seconds an answer may take, beside the time its bytes need.
        """
        self._store: ObjectStore
        self._folder: Path | None = None
        self._patience = patience
        self._breaker = Breaker()
        self._heard_at = -_STALE_SECONDS
        if settings.blob_url and not settings.blob_url.startswith("file:"):
            # Few tries: who repeats is the phone, and the breaker must hear of failures while they happen. No options
            # of the client: they would replace those of the environment (AWS_ALLOW_HTTP).
            self._store = from_url(
                settings.blob_url,
                retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=patience)},
            )
        else:
            named = unquote(urlsplit(settings.blob_url).path)
            self._folder = Path(named) if named else settings.data / "blobs"
            self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            self._store = LocalStore(self._folder)

    @property
    def is_away(self) -> bool:
        """Whether the store has failed lately and is not asked."""
        return self._breaker.is_open

    async def check(self) -> bool:
        """Say whether the store answers; it is asked only when nobody has heard from it for a while."""
        if time.monotonic() - self._heard_at > _STALE_SECONDS:
            with suppress(BlobsAway, FileNotFoundError):
                # There is no such name: that it says so is the answer. Nobody waits long to hear how we are.
                await self._ask(partial(self._store.get_async, "nothing"), 0, patience=min(2.0, self._patience))
        return not self.is_away

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` under `name`, on disk when this returns: a receipt may leave right after."""

        async def keep() -> None:
            await self._store.put_async(name, content)
            if self._folder is not None:
                # The store renames a finished file into place and leaves the rest to the system, which may lose power.
                await asyncio.to_thread(_sync, self._folder / name)

        await self._ask(keep, len(content))

    async def get(self, name: str) -> bytes:
        """Return what is kept under `name`. Raises FileNotFoundError."""

        async def fetch() -> bytes:
            result = await self._store.get_async(name)
            return bytes(await result.bytes_async())

        return await self._ask(fetch, _UNKNOWN_SIZE)

    async def put_file(self, name: str, path: Path) -> None:
        """Keep a file's content under `name`, which appears when all of it is there; a few pieces are in memory."""

        async def keep() -> None:
            await self._store.put_async(name, path, chunk_size=PIECE, max_concurrency=_PIECES_AT_ONCE)

        await self._ask(keep, (await asyncio.to_thread(path.stat)).st_size)

    async def pieces(self, name: str) -> AsyncIterator[bytes]:
        """Yield what is kept under `name`, piece by piece. Raises FileNotFoundError."""
        size = await self.size(name)
        if size is None:
            raise FileNotFoundError(name)
        for start in range(0, size, PIECE):
            # Each by a request of its own: one for a large file would outlast the client's time for a request.
            length = min(PIECE, size - start)
            yield bytes(await self._ask(partial(self._store.get_range_async, name, start=start, length=length), length))

    async def copy(self, name: str, to: str) -> None:
        """Keep under `to` what is kept under `name`; in S3 up to 5 GiB. Raises FileNotFoundError."""
        await self._ask(partial(self._store.copy_async, name, to), 0, patience=_LISTING_SECONDS)

    async def size(self, name: str, *, patience: float | None = None) -> int | None:
        """Return how many bytes are kept under `name`, None when nothing is.

        `patience`: seconds the answer may take, where that is less than usual.
        """

        async def ask() -> int:
            return int((await self._store.head_async(name))["size"])

        try:
            return await self._ask(ask, 0, patience=min(patience or self._patience, self._patience))
        except FileNotFoundError:
            return None

    async def names(self) -> list[str]:
        """Return the names of everything that is kept."""
        return list(await self.sizes())

    async def sizes(self) -> dict[str, int]:
        """Return the names of everything that is kept, with its bytes."""

        async def look() -> dict[str, int]:
            return {entry["path"]: int(entry["size"]) async for page in self._store.list() for entry in page}

        return await self._ask(look, 0, patience=_LISTING_SECONDS)

    async def is_empty(self) -> bool:
        """Say whether nothing is kept."""

        async def look() -> bool:
            async for page in self._store.list(chunk_size=1):
                return not page
            return True

        return await self._ask(look, 0)

    async def delete(self, name: str) -> None:
        """Forget `name`; nothing happens when it is not there."""

        async def forget() -> None:
            await self._store.delete_async(name)

        with suppress(FileNotFoundError):
            await self._ask(forget, 0)

    async def delete_folder(self, name: str) -> None:
        """Forget everything whose name begins with `name/`."""

        async def forget() -> None:
            async for page in self._store.list(name):
                await self._store.delete_async([entry["path"] for entry in page])

        with suppress(FileNotFoundError):
            await self._ask(forget, 0)

    async def _ask(self, work: Callable[[], Awaitable[Result]], size: int, *, patience: float | None = None) -> Result:
        self._breaker.enter()
        self._heard_at = time.monotonic()
        try:
            async with asyncio.timeout((patience or self._patience) + size / SLOWEST):
                answer = await work()
        except FileNotFoundError:
            self._breaker.succeeded()
            raise
        except (BaseError, OSError) as error:
            self._breaker.failed()
            log.warning("blobs", extra={"facts": {"failure": type(error).__name__, "is_away": self.is_away}})
            raise BlobsAway(headers={"Retry-After": "5"}) from error
        except asyncio.CancelledError:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer


def _sync(file: Path) -> None:
    for path in (file, file.parent, file.parent.parent):
        sync_to_disk(path)
