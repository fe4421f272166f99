"""SQLite: connections that cross to their thread once a statement, and whether a file is still the one opened.

Durability is set in `kit/db.py`.

aiosqlite keeps each connection in a thread and goes there to make a cursor, to execute, to fetch and to close: four
crossings, each of which wakes two threads and costs more than the statement itself. A push of one report took 76 of
them; these connections execute and fetch in one, and do the rest where they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiosqlite
from aiosqlite.context import contextmanager as aiosqlite_context

from steppe.kit.private_files import locked
from steppe.kit.problems import Problem

EAGER_ROWS: Final = 200
"""Rows fetched together with the execution. Longer results are fetched on demand, so that exports can stream."""
_CHUNK: Final = 200
_LOCK_ENDING: Final = ".lock"


def _execute(cursor: sqlite3.Cursor, sql: str, parameters: Iterable[Any]) -> list[Any]:
    cursor.execute(sql, parameters)  # type: ignore[arg-type]  # SQLAlchemy gives a tuple
    return cursor.fetchmany(EAGER_ROWS) if cursor.description else []


class OneCrossingCursor(aiosqlite.Cursor):
    """A cursor whose first rows come back with the execution."""

    _first: list[Any]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> OneCrossingCursor:
        """Execute a statement and fetch its first rows."""
        crossing = self._execute(_execute, self._cursor, sql, parameters or ())  # type: ignore[no-untyped-call]  # theirs
        self._first = await crossing
        return self

    async def fetchall(self) -> list[Any]:
        """Return all rows not fetched yet."""
        first, self._first = self._first, []
        return first if len(first) < EAGER_ROWS else first + list(await super().fetchall())

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows: what is left of the first ones, then `size` at a time."""
        if self._first:
            wanted = size or self.arraysize
            first, self._first = self._first[:wanted], self._first[wanted:]
            return first
        return list(await super().fetchmany(size))

    async def fetchone(self) -> Any:
        """Return the next row or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Close the cursor; nothing of it runs in the thread any more."""
        self._cursor.close()


class OneCrossingConnection(aiosqlite.Connection):
    """A connection whose cursors are made and closed without its thread."""

    @aiosqlite_context
    async def cursor(self) -> aiosqlite.Cursor:
        """Return a cursor."""
        return OneCrossingCursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Roll back what was begun; the pool asks for it again after every session, mostly for nothing."""
        if self._conn.in_transaction:
            await super().rollback()


async def connect(path: str) -> OneCrossingConnection:
    """Open a SQLite file. Raises sqlite3.OperationalError when that fails."""
    # Cursors are touched from the event loop while the connection's thread is idle: SQLAlchemy lets in one at a time.
    connection = OneCrossingConnection(partial(sqlite3.connect, path, check_same_thread=False), _CHUNK)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a forgotten connection must not hold the process
    _ = await connection
    return connection


class ServerRunning(Problem):
    """One process at a time serves a SQLite file."""

    slug = "server-running"
    status = HTTPStatus.CONFLICT
    title = "A server is using this database"
    next = "Stop it first; for several servers at once use PostgreSQL (docs/deploy.md)."


class FileIdentity:
    """Device and inode of a path, as they were when it was first looked at.

    SQLite keeps a removed or replaced file open and goes on writing into it, as any program would: what is acknowledged
    then is gone with the process (https://www.sqlite.org/howtocorrupt.html §4.1).
    """

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
    with ExitStack() as held:
        try:
            held.enter_context(locked(Path(path + _LOCK_ENDING)))
        except BlockingIOError as error:
            raise ServerRunning(path) from error
        yield
