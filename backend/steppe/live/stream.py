"""The event stream of one desk: what moved, never what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from uuid import UUID

import orjson

from steppe.live.watch import Watch

HEARTBEAT_S: Final = 15.0
Welcome = Callable[[], Awaitable[bool]]
News = Callable[[int | None], Awaitable[tuple[int, list[str]]]]


def _event(name: str, n: int, regions: list[str]) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), n, orjson.dumps({"n": n, "regions": regions}))


async def changes(
    watch: Watch,
    mission_id: UUID,
    *,
    after: int | None,
    is_welcome: Welcome,
    news: News,
    heartbeat_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """Yield server-sent events for as long as the listener is welcome.

    First `ready` with the mission's number, unless the browser comes back with the last one it saw (`after`); then
    `change` whenever numbers were added, with the regions they touched. A comment now and then keeps proxies from
    closing the connection.
    """
    clock = asyncio.get_running_loop()
    with watch.listening(mission_id) as bell:
        heartbeat_at = clock.time() + heartbeat_s
        while await is_welcome():
            bell.clear()
            n, regions = await news(after)
            if after is None:
                yield _event("ready", n, [])
            elif n > after:
                yield _event("change", n, regions)
            after = n
            try:
                # To the same beat whatever rings: a comment put off would tell of a report the listener may not read.
                await asyncio.wait_for(bell.wait(), max(0.0, heartbeat_at - clock.time()))
            except TimeoutError:
                heartbeat_at = clock.time() + heartbeat_s
                yield b": here\n\n"
