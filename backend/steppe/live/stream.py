"""The event stream of one desk: what moved, never what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import orjson
from fastapi import Request

from steppe.kit.db import Database
from steppe.kit.problems import SignInNeeded
from steppe.live.queries import changed_regions, counters
from steppe.live.watch import Watch
from steppe.people.access import desk_caller
from steppe.people.policy import may

HEARTBEAT_S = 15.0


def _event(name: str, n: int, regions: list[str]) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), n, orjson.dumps({"n": n, "regions": regions}))


async def _is_signed_in(request: Request, database: Database) -> bool:
    async with database.read() as session:
        try:
            caller = await desk_caller(request, session)
        except SignInNeeded:
            return False
    return may(caller.role, "read_summaries")


async def changes(
    request: Request, database: Database, watch: Watch, mission_id: UUID, after: int | None
) -> AsyncIterator[bytes]:
    """Yield server-sent events for as long as the caller stays signed in.

    First `ready` with the mission's number, unless the browser comes back with the last one it saw (`after`); then
    `change` whenever numbers were added, with the regions they touched. A comment every 15 s keeps proxies from
    closing the connection.
    """
    with watch.listening(mission_id) as bell:
        while await _is_signed_in(request, database):
            bell.clear()
            async with database.read() as session:
                n = (await counters(session, [mission_id])).get(mission_id, 0)
                regions = [] if after is None else await changed_regions(session, mission_id, after=after, upto=n)
            if after is None:
                yield _event("ready", n, [])
            elif n > after:
                yield _event("change", n, regions)
            after = n
            try:
                await asyncio.wait_for(bell.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield b": here\n\n"
