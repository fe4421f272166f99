"""Push and pull."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from steppe.checklists.expressions.limits import PUSH_BYTES
from steppe.kit.http import (
    BadRequest,
    ReadSessionDep,
    body_schema,
    documented,
    json_body,
    packed_response,
)
from steppe.kit.parts import parts_of
from steppe.kit.problems import SignInNeeded, TryLater
from steppe.kit.strict_json import BadJson, TooLarge
from steppe.people.access import DeviceCallerDep, PushCallers, RememberedPushCallerDep
from steppe.people.dpop import BadProof, UseDpopNonce
from steppe.submissions.mission_cache import MissionCache
from steppe.sync import queries
from steppe.sync.push_batcher import PushBatcher
from steppe.sync.schemas import MAX_ITEMS, PullIn, PullOut, PushIn, PushOut

router = APIRouter(prefix="/sync", tags=["sync"])


@router.post(
    "/push",
    response_model=PushOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, TooLarge, TryLater),
    openapi_extra=body_schema(PushIn),
)
async def push(
    caller: RememberedPushCallerDep,
    body: Annotated[PushIn, Depends(json_body(PushIn, PUSH_BYTES))],
    request: Request,
) -> Response:
    """Take in sealed revisions; every item is kept, only the envelope can be refused."""
    if len(body.items) > MAX_ITEMS:
        msg = f"a push holds at most {MAX_ITEMS} items, this one {len(body.items)}"
        raise TooLarge(msg)
    callers = parts_of(request)[PushCallers]
    missions, batcher = parts_of(request)[MissionCache], parts_of(request)[PushBatcher]
    while True:
        answer = await batcher.record(await queries.read_push(missions, caller, body))
        if answer is not None:
            return packed_response(request, answer)
        caller = await callers.now(caller.token)


@router.post(
    "/pull",
    response_model=PullOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, TooLarge, UseDpopNonce, BadProof),
    openapi_extra=body_schema(PullIn),
)
async def pull(
    request: Request,
    caller: DeviceCallerDep,
    body: Annotated[PullIn, Depends(json_body(PullIn))],
    session: ReadSessionDep,
) -> Response:
    """Return what changed since the cursor, in the caller's scope."""
    return packed_response(request, await queries.pull(session, caller, body.cursor, body.limit))
