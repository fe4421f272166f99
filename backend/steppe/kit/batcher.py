"""Doing at once what several requests want done: one query, one transaction, one sync to disk for all that wait.

While one round is under way the next gathers, so a server at rest answers at once and a busy one does most of its work
in company. Order is kept: within a round as asked, and rounds one after the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from steppe.kit.db import is_passing

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Batcher(Generic[Asked, Answer]):
    """Runs `work` for all that is asked while it is busy; `work` returns an answer for each, in their order.

    When a round of several fails, each is done again alone, so that nobody fails for another's fault; unless the
    failure is one that passes (`kit.db.is_passing`), which then is everybody's. So a failing `work` must leave nothing
    behind.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]], *, most: int) -> None:
        """Keep `work`; a round holds at most `most`."""
        self._work = work
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, one: Asked) -> Answer:
        """Return the answer to `one` when its round is done. Raises what `work` raises for it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="together")
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._round([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            self._running = None

    async def _do(self, asked: Sequence[Asked]) -> Sequence[Answer]:
        return await self._work(asked)

    async def _round(self, asked: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        # A task of its own keeps the failure, whatever it is, for those whom it concerns.
        [done], _ = await asyncio.wait([asyncio.create_task(self._do([one for one, _ in asked]))])
        error = done.exception()
        if error is None:
            for (_, waiting), answer in zip(asked, done.result(), strict=True):
                if not waiting.done():
                    waiting.set_result(answer)
        elif len(asked) > 1 and not is_passing(error):
            for one in asked:
                await self._round([one])
        else:
            for _, waiting in asked:
                if not waiting.done():
                    waiting.set_exception(error)
