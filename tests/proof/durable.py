"""What outlives a server that dies: every commit, every write to the store of bytes; any may be its last step.

These are seams of the proof and not of the product: they stand in the place of the session that `kit/db.py` commits, of
the store's own methods and of the clock, in this process only.
"""

import asyncio
import errno
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, TypeVar

import aiosqlite
from asyncpg.exceptions import CannotConnectNowError, DiskFullError
from fastapi.dependencies import utils as dependencies
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from steppe.kit import clock, db
from steppe.kit.blobs import Blobs
from steppe.kit.budgets import Budget
from steppe.people import dpop
from steppe.submissions import mission_cache
from steppe.sync import item_checker

Result = TypeVar("Result")


class Steps:
    """Counts the steps of the server that runs now, and lets it die at one of them."""

    def __init__(self) -> None:
        """Begin with a server that lives."""
        self.died = asyncio.Event()
        self.taken = 0
        self._left = 0
        self._is_after = False

    def arm(self, step: int, *, is_after: bool) -> None:
        """Let the server die at its `step`-th step from now (from 1): before it is taken, or right after it."""
        self._left, self._is_after = step, is_after

    def disarm(self) -> None:
        """Let it live."""
        self._left = 0

    def born(self) -> None:
        """Begin again with another server."""
        self.died = asyncio.Event()
        self.disarm()

    async def take(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Take one step, unless the server is dead or dies before it."""
        self._left -= 1
        is_last = self._left == 0
        if self.died.is_set() or (is_last and not self._is_after):
            await self._die()
        result = await act()
        self.taken += 1
        if is_last:
            await self._die()
        return result

    async def _die(self) -> None:
        # Nothing of a dead process runs any further; whoever drops it cancels what waits here.
        self.died.set()
        await asyncio.Event().wait()


steps = Steps()
moment = datetime(2021, 1, 9, 8, tzinfo=UTC)


def set_clock(now: float) -> None:
    """Set the server's clock, in seconds since 1970."""
    global moment  # noqa: PLW0603 - there is one clock, as there is one process
    moment = datetime.fromtimestamp(now, UTC)


def _now() -> datetime:
    return moment


class _Session(AsyncSession):
    async def commit(self) -> None:
        await steps.take(super().commit)


def _as_step(name: str) -> None:
    real = getattr(Blobs, name)

    async def stepping(self: Blobs, *given: Any) -> Any:
        return await steps.take(lambda: real(self, *given))

    setattr(Blobs, name, stepping)


class _AtOnce(Executor):
    """Runs everything where it is asked for: one request at a time has nobody to make room for."""

    def __init__(self, *given: Any, **options: Any) -> None:
        pass

    def submit(self, work: Callable[..., Result], /, *given: Any, **named: Any) -> Future[Result]:
        done: Future[Result] = Future()
        done.set_result(work(*given, **named))
        return done


async def _run_at_once(work: Callable[..., Result], *given: Any, **named: Any) -> Result:
    return work(*given, **named)


class Trouble:
    """What ails the machine now: its database is `away` or its disk `full`, or full only `at the end` of a change."""

    database: str | None = None
    is_store_full = False

    def keeps_from(self, statement: str) -> bool:
        """Say whether a statement cannot be done now; an empty one is a commit."""
        if self.database == "at the end":
            return statement == ""
        return self.database == "away" or (self.database == "full" and statement.startswith(_CHANGES))


_CHANGES = ("INSERT", "UPDATE", "DELETE")
trouble = Trouble()


async def _execute_at_once(
    connection: aiosqlite.Connection, work: Callable[..., Result], *given: Any, **named: Any
) -> Result:
    is_commit = getattr(work, "__name__", "") == "commit"
    statement = next((one for one in given if isinstance(one, str)), None)
    if (statement is not None or is_commit) and trouble.keeps_from(statement or ""):
        # As SQLite does: what cannot be written ends the whole transaction (sqlite.org/lang_transaction.html §3).
        connection._conn.rollback()
        error = sqlite3.OperationalError("the machine is in trouble")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN if trouble.database == "away" else sqlite3.SQLITE_FULL
        raise error
    return work(*given, **named)


_prepare: Callable[..., Awaitable[Any]] = AsyncAdapt_asyncpg_connection._prepare


async def _prepare_unless_troubled(self: AsyncAdapt_asyncpg_connection, operation: str, *given: Any) -> Any:
    if trouble.keeps_from(operation.lstrip()):
        raise (CannotConnectNowError if trouble.database == "away" else DiskFullError)("in trouble")
    return await _prepare(self, operation, *given)


class FullStore:
    """A store of bytes whose disk may be full; otherwise the one it stands before."""

    def __init__(self, store: Any) -> None:
        """Stand before a store."""
        self._store = store

    def __getattr__(self, name: str) -> Any:
        """Return what the store does itself."""
        return getattr(self._store, name)

    async def put_async(self, *given: Any) -> Any:
        """Keep bytes, if there is room. Raises OSError."""
        if trouble.is_store_full:
            raise OSError(errno.ENOSPC, "no space left on the device")
        return await self._store.put_async(*given)


def virtual_seconds() -> float:
    """Return the schedule's time, for what counts seconds that only grow."""
    return moment.timestamp()


_compiled: dict[type[Dialect], tuple[Dialect, dict[Any, Any]]] = {}


def _create_engine_that_knows(*given: Any, **named: Any) -> AsyncEngine:
    """Make an engine that has compiled already what another one has: a schedule opens several databases of one kind."""
    engine = create_async_engine(*given, **named)
    inner = engine.sync_engine
    inner.dialect, inner._compiled_cache = _compiled.setdefault(type(inner.dialect), (inner.dialect, {}))
    return engine


def install() -> None:
    """Put the seams in place, once the server's modules are loaded."""
    for owner, seam, stand_in in (
        (item_checker, "ThreadPoolExecutor", _AtOnce),
        (asyncio, "to_thread", _run_at_once),
        (dependencies, "run_in_threadpool", _run_at_once),
        (aiosqlite.Connection, "_execute", _execute_at_once),
        (AsyncAdapt_asyncpg_connection, "_prepare", _prepare_unless_troubled),
        (db, "AsyncSession", _Session),
        (db, "create_async_engine", _create_engine_that_knows),
    ):
        setattr(owner, seam, stand_in)
    for name in ("put", "delete", "delete_folder"):
        _as_step(name)
    counting = SimpleNamespace(time=virtual_seconds, monotonic=virtual_seconds)
    for counts in (mission_cache, dpop):
        vars(counts)["time"] = counting
    (Budget.__init__.__kwdefaults__ or {})["clock"] = virtual_seconds
    real = clock.now
    for module in list(sys.modules.values()):
        if module.__name__.startswith("steppe") and getattr(module, "now", None) is real:
            vars(module)["now"] = _now
