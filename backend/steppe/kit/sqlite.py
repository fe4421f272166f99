"""SQLite connections that cross to their thread once a statement: speed only, durability is set in `kit/db.py`.

aiosqlite keeps each connection in a thread and goes there to make a cursor, to execute, to fetch and to close: four
crossings, each of which wakes two threads and costs more than the statement itself. A push of one report took 76 of
them; these connections execute and fetch in one, and do the rest where they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import aiosqlite
from aiosqlite.context import contextmanager

EAGER_ROWS: Final = 200
"""Rows fetched together with the execution. Longer results are fetched on demand, so that exports can stream."""
_CHUNK: Final = 200


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

    @contextmanager
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
