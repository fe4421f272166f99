"""What one process holds for all its requests: its database, its store of bytes, its counters and caches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TypeVar, cast

from fastapi import Request

Part = TypeVar("Part")


class Parts:
    """The parts of this process, each once and found by its type.

    Example: `parts_of(request)[Database]`. A type checker knows what comes back, and a part nobody wired is a KeyError
    at the first request, not an attribute of another type.
    """

    def __init__(self, *parts: object) -> None:
        """Keep these parts."""
        self._by_type: dict[type, object] = {}
        for part in parts:
            self.put(part)

    def put(self, part: object) -> None:
        """Add a part, or replace the one of its type."""
        self._by_type[type(part)] = part

    def __getitem__(self, kind: type[Part]) -> Part:
        """Return the part of exactly this type. Raises KeyError."""
        return cast("Part", self._by_type[kind])


def parts_of(request: Request) -> Parts:
    """Return the parts that `create_app` wired for the process which answers this request."""
    return cast("Parts", request.app.state.parts)


@asynccontextmanager
async def in_background(work: Coroutine[object, object, None], name: str) -> AsyncIterator[None]:
    """Let `work` run beside the block and end it with the block."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
