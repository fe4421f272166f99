"""The SQLite file a process opened is the file it goes on with: another under its name is noticed, and who holds it.

SQLite keeps a removed or replaced file open and goes on writing into it, as any program would: what is acknowledged
then is gone with the process (https://www.sqlite.org/howtocorrupt.html §4.1).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from steppe.kit.problems import Problem

_LOCK: Final = ".lock"


class ServerRunning(Problem):
    """One process at a time serves a SQLite file."""

    slug = "server-running"
    status = HTTPStatus.CONFLICT
    title = "A server is using this database"
    next = "Stop it first; for several servers at once use PostgreSQL (docs/deploy.md)."


class FileIdentity:
    """Device and inode of a path, as they were when it was first looked at."""

    def __init__(self, path: str) -> None:
        """Watch over `path`; an empty one, a database in memory, never changes."""
        self._path = path
        self._first: tuple[int, int] | None = None

    def is_same(self) -> bool:
        """Say whether the path leads where it led at the first call."""
        if not self._path:
            return True
        try:
            found = os.stat(self._path)  # noqa: PTH116 - Path.stat costs five times as much, at every commit
        except FileNotFoundError:
            return False
        identity = (found.st_dev, found.st_ino)
        if self._first is None:
            self._first = identity
        return identity == self._first


@contextmanager
def served_alone(path: str | None) -> Iterator[None]:
    """Hold a SQLite file as its one server until the block ends; None (PostgreSQL) is not held.

    The lock lies beside the file and goes with the process, however that ends. Raises ServerRunning.
    """
    if not path:
        yield
        return
    beside = Path(path + _LOCK)
    beside.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ServerRunning(path) from error
        yield
