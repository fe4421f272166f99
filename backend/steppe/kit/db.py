"""The database: a way to read and a way to write, on SQLite one writer and many readers.

Only this module commits. A command takes a `WriteSession`, a query a `ReadSession`; the type says which transaction it
needs. On SQLite the single writing connection begins with `BEGIN IMMEDIATE` (a deferred transaction that turns into a
writer fails with "database is locked" whatever the time-out) and also checkpoints; readers are `query_only`.
`synchronous=FULL`: with NORMAL a power cut loses commits whose receipts have already left.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final, NewType, TypeVar, cast

import orjson
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from steppe.kit import sqlite
from steppe.kit.private_files import PRIVATE_FOLDER
from steppe.kit.problems import TryLater
from steppe.kit.settings import Settings
from steppe.kit.sqlite import FileIdentity

ReadSession = NewType("ReadSession", AsyncSession)
# Whoever may write may read.
WriteSession = NewType("WriteSession", ReadSession)

BUSY_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 3_000
CONNECT_SECONDS = 5
RETURN_SECONDS: Final = 5
_PROGRAM: Final = "steppe "
RETURN_POLL_SECONDS: Final = 0.005
Value = TypeVar("Value")


class DatabaseAway(TryLater):
    """The database cannot be used now: stopped, starting, full, read-only, damaged, or out of connections."""

    title = "The server's database is not ready"
    next = "Send the same request again in some seconds. Nothing is lost."


class DatabaseReplaced(DatabaseAway):
    """The path of the SQLite file leads to another file than the one this process has open, or to none."""

    title = "The server's database file was replaced or removed while it runs"
    next = "Restart the server, after the right file is back. Phones keep what was not acknowledged and send it again."


_PASSING_SQLSTATES: Final = ("08", "53", "57P", "58", "XX001", "XX002", "25006", "55P03", "40")
"""Beginnings of PostgreSQL's codes for its own state (appendix A): connection, resources, shutdown and start, system,
damage, read-only, lock time-out, rolled back by the server."""
_PASSING_SQLITE_CODES: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


def is_passing(error: BaseException) -> bool:
    """Say whether a failure is the database's state and not the request's fault: locked, away, full, crowded.

    The same request may succeed when the database is well again; a missing table or a broken constraint never passes.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        if isinstance(error.orig, sqlite3.Error):
            # The low byte is the kind, the rest its detail (sqlite.org/rescode.html).
            code: int | None = getattr(error.orig, "sqlite_errorcode", None)
            if code is None:
                return isinstance(error, OperationalError)
            # A full or failing disk ends the whole transaction, savepoints too (sqlite.org/lang_transaction.html §3).
            return (code & 0xFF) in _PASSING_SQLITE_CODES or "no such savepoint" in str(error.orig)
        sqlstate: str | None = getattr(error.orig, "sqlstate", None)
        return isinstance(error, OperationalError) if sqlstate is None else sqlstate.startswith(_PASSING_SQLSTATES)
    return isinstance(error, PoolTimeoutError | DatabaseAway)


def in_list(values: Iterable[Value]) -> list[Value]:
    """Return distinct values for an expanding `IN`, their number rounded up to a power of two by repeating the last.

    Every length is a statement of its own to SQLAlchemy and the drivers, which keep only the latest hundred.
    """
    listed = list(dict.fromkeys(values))
    return listed + listed[-1:] * ((1 << (len(listed) - 1).bit_length()) - len(listed)) if listed else listed


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def _sqlite_engine(url: str, identity: FileIdentity, *, is_writer: bool, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=partial(sqlite.connect, make_url(url).database or ""),
        pool_size=1 if is_writer else pool_size,
        max_overflow=0,
        pool_timeout=30,
        json_serializer=_dump,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        pragmas = (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "query_only=OFF" if is_writer else "query_only=ON",
        )
        try:
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            # The first to touch the file: read-only, damaged, or no database at all.
            raise DatabaseAway(str(error)) from error
        finally:
            cursor.close()
        # A connection made later must not lead into the file that took the first one's place.
        if not identity.is_same():
            raise DatabaseReplaced

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine


def _program() -> str:
    """Return the name by which PostgreSQL lists this process."""
    return f"{_PROGRAM}{socket.gethostname()[:30]} {os.getpid()}"


def _postgresql_engine(url: str, *, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        # A restart leaves dead connections in the pool: each would cost a request.
        pool_pre_ping=True,
        json_serializer=_dump,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "server_settings": {"lock_timeout": str(LOCK_TIMEOUT_MS), "application_name": _program()},
        },
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(
        dialect: Dialect, _record: ConnectionPoolEntry, arguments: Any, options: dict[str, Any]
    ) -> DBAPIConnection:
        # A server that is not there is no error of the driver's but of the system's.
        try:
            return dialect.connect(*arguments, **options)
        except OSError as error:
            raise DatabaseAway(type(error).__name__) from error

    @event.listens_for(engine.sync_engine, "handle_error")
    def lost(context: ExceptionContext) -> DatabaseAway | None:
        if not isinstance(context.original_exception, OSError):
            return None
        context.is_disconnect = True
        return DatabaseAway(type(context.original_exception).__name__)

    return engine


def sqlite_path(settings: Settings) -> str | None:
    """Return the path of the SQLite file; empty for one in memory, None for PostgreSQL."""
    address = make_url(settings.sqlalchemy_url)
    return (address.database or "") if address.get_backend_name() == "sqlite" else None


class Database:
    """The server's connections to its database, made once per process by `create_app` or a command."""

    def __init__(self, settings: Settings) -> None:
        """Prepare engines; nothing connects before the first session."""
        self.after_commit: set[Callable[[], None]] = set()
        """Called after each commit of this process; other nodes' commits show in the mission's counter only."""
        url = settings.sqlalchemy_url
        self.is_sqlite = url.startswith("sqlite")
        self._identity = FileIdentity(sqlite_path(settings) or "")
        if self.is_sqlite:
            settings.data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            self.writer = _sqlite_engine(url, self._identity, is_writer=True, pool_size=1)
            self.reader = _sqlite_engine(url, self._identity, is_writer=False, pool_size=settings.pool_size)
        else:
            # Two pools: requests that read while they wait to write must not use up what writers wait for.
            self.writer, self.reader = (_postgresql_engine(url, pool_size=settings.pool_size) for _ in range(2))
        # One pool, of which PostgreSQL is asked for more; on SQLite every reader is `query_only` and a snapshot.
        self._reads = self._snapshots = self.reader
        if not self.is_sqlite:
            self._reads = self.reader.execution_options(postgresql_readonly=True)
            self._snapshots = self._reads.execution_options(isolation_level="REPEATABLE READ")

    @asynccontextmanager
    async def read(self, *, is_snapshot: bool = False) -> AsyncIterator[ReadSession]:
        """Open a transaction that only reads, rolled back at the end. PostgreSQL refuses writes in it too.

        With `is_snapshot` every statement in it sees the same moment (on SQLite always): for what is read in pages.
        """
        # A connection is taken by the first statement and not before: who opens a session may still wait for a client.
        reader = self._snapshots if is_snapshot else self._reads
        async with AsyncSession(reader, expire_on_commit=False) as session:
            yield ReadSession(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a writing transaction: committed when the block ends well, rolled back when it raises."""
        async with AsyncSession(self.writer, expire_on_commit=False) as session:
            yield WriteSession(ReadSession(session))
            await session.commit()
        # What went into a file that nobody will open again is not acknowledged.
        self.check_file()
        for tell in tuple(self.after_commit):
            tell()

    def check_file(self) -> None:
        """Raise DatabaseReplaced when the SQLite file is no longer the one that was opened. Costs microseconds."""
        if not self._identity.is_same():
            raise DatabaseReplaced

    async def check(self) -> str:
        """Return the engine's name and version, as it says itself.

        Raises the driver's error when it is unreachable, and DatabaseReplaced.
        """
        self.check_file()
        query = "SELECT sqlite_version()" if self.is_sqlite else "SHOW server_version"
        async with self.read() as session:
            version = (await session.execute(text(query))).scalar_one()
        return f"{'SQLite' if self.is_sqlite else 'PostgreSQL'} {version}"

    async def others(self) -> int:
        """Return how many other processes of Steppe are connected to this PostgreSQL database; 0 on SQLite.

        (There the lock beside the file says it: `sqlite.served_alone`.)
        """
        if self.is_sqlite:
            return 0
        query = text(
            "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name LIKE :all AND application_name <> :own"
        )
        async with self.read() as session:
            found = await session.execute(query, {"all": f"{_PROGRAM}%", "own": _program()})
            return int(found.scalar_one())

    async def close(self) -> None:
        """Close every connection, those still on their way back to their pool included.

        A task that was cancelled in a session gives its connection back a moment later. To a pool that was disposed of
        meanwhile it would come back open and stay so, its thread and its lock with it. One that does not come back
        within `RETURN_SECONDS` is left to its holder.
        """
        for engine in (self.writer, self.reader):
            pool = cast(QueuePool, engine.pool)
            with suppress(TimeoutError):
                async with asyncio.timeout(RETURN_SECONDS):
                    while pool.checkedout():  # noqa: ASYNC110 - its event of a return comes before the return
                        await asyncio.sleep(RETURN_POLL_SECONDS)
            await engine.dispose()
