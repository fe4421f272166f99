"""Push and pull."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from steppe.kit.http import (
    BadRequest,
    DatabaseDep,
    ReadSessionDep,
    SettingsDep,
    body_schema,
    documented,
    json_body,
    json_response,
)
from steppe.kit.json_door import BadJson, TooLarge
from steppe.kit.problems import SignInNeeded, TryLater
from steppe.people.access import DeviceCallerDep, PushCallerDep
from steppe.people.dpop import BadProof, UseDpopNonce
from steppe.submissions.projection import Projection
from steppe.sync import commands, queries
from steppe.sync.schemas import MAX_ITEMS, MAX_PUSH_BYTES, PullIn, PullOut, PushIn, PushOut

router = APIRouter(prefix="/sync", tags=["sync"])


def _projection(request: Request) -> Projection:
    return request.app.state.projection  # type: ignore[no-any-return]  # set by create_app


@router.post(
    "/push",
    response_model=PushOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, TooLarge, TryLater),
    openapi_extra=body_schema(PushIn),
)
async def push(
    caller: PushCallerDep,
    body: Annotated[PushIn, Depends(json_body(PushIn, MAX_PUSH_BYTES))],
    reading: ReadSessionDep,
    database: DatabaseDep,
    settings: SettingsDep,
    project: Annotated[Projection, Depends(_projection)],
) -> Response:
    """Take in sealed revisions; every item is kept, only the envelope can be refused."""
    if len(body.items) > MAX_ITEMS:
        msg = f"a push holds at most {MAX_ITEMS} items, this one {len(body.items)}"
        raise TooLarge(msg)
    read = await queries.read_push(reading, caller.mission_id, body.items, settings.secret_key)
    # Give the reading connection back first: pushes that each hold one while they wait for another could fill the pool.
    await reading.close()
    async with database.write() as session:
        answer = await commands.push(session, caller, read, body.outbox, project)
    return json_response(answer)


@router.post(
    "/pull",
    response_model=PullOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, TooLarge, UseDpopNonce, BadProof),
    openapi_extra=body_schema(PullIn),
)
async def pull(
    caller: DeviceCallerDep, body: Annotated[PullIn, Depends(json_body(PullIn))], session: ReadSessionDep
) -> Response:
    """Return what changed since the cursor, in the caller's scope."""
    return json_response(await queries.pull(session, caller, body.cursor, body.limit))
