"""The live stream for open desks."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from steppe.kit.http import DatabaseDep, documented
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.live import queries
from steppe.live.stream import changes
from steppe.live.watch import Watch
from steppe.people.access import DeskCaller, desk

router = APIRouter(tags=["live"])
BIGINT_DIGITS = 19


def watch(request: Request) -> Watch:
    """Return the process's watch."""
    return parts_of(request)[Watch]


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **documented(SignInNeeded, NotFound)},
)
async def live(
    *,
    request: Request,
    database: DatabaseDep,
    watching: Annotated[Watch, Depends(watch)],
    caller: Annotated[DeskCaller, Depends(desk("read_summaries"))],
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Stream `event: change` with `{n, regions}`; a browser that comes back is told what it missed."""
    after = (
        int(last_event_id)
        if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < BIGINT_DIGITS
        else None
    )
    return StreamingResponse(
        changes(
            watching,
            caller.mission_id,
            after=after,
            is_welcome=partial(queries.is_welcome, database, request, caller.scope),
            news=partial(queries.news, database, caller.scope),
        ),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
