"""Push and pull."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from steppe.checklists.expressions.limits import PUSH_BYTES
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.kit.http import (
    BadRequest,
    DatabaseDep,
    ReadSessionDep,
    SettingsDep,
    body_schema,
    documented,
    json_body,
    json_response,
    packed_response,
)
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded, TryLater
from steppe.kit.strict_json import BadJson, TooLarge
from steppe.people.access import (
    DelivererDep,
    DeskCaller,
    DeviceCaller,
    DeviceCallerDep,
    PushCallers,
    RememberedPushCallerDep,
    bringing,
)
from steppe.people.dpop import BadProof, UseDpopNonce
from steppe.queries.commands import note_arrivals
from steppe.submissions.mission_cache import MissionCache
from steppe.sync import queries
from steppe.sync.commands import with_retries
from steppe.sync.item_checker import ItemChecker
from steppe.sync.needs import add_lost
from steppe.sync.push_batcher import PushBatcher
from steppe.sync.schemas import (
    MAX_ITEMS,
    ParcelsIn,
    PullIn,
    PullOut,
    PushIn,
    PushOut,
    TeamReportsIn,
    TeamReportsOut,
)
from steppe.sync.team_reports import NoContentKey
from steppe.sync.team_reports import team_reports as lacking_reports

_TEAM_REPORTS_BYTES = 256 * 1024

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
    return await _taken_in(request, caller, body)


@router.post(
    "/parcels",
    response_model=PushOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, NotFound, TooLarge, TryLater),
    openapi_extra=body_schema(ParcelsIn),
)
async def parcels(
    caller: DelivererDep,
    body: Annotated[ParcelsIn, Depends(json_body(ParcelsIn, PUSH_BYTES))],
    request: Request,
) -> Response:
    """Take in sealed revisions at the desk, out of a file; whoever does it is told how many, never what is inside."""
    return await _taken_in(request, caller, body)


async def _taken_in(request: Request, caller: DeviceCaller | DeskCaller, body: PushIn | ParcelsIn) -> Response:
    if len(body.items) > MAX_ITEMS:
        msg = f"a push holds at most {MAX_ITEMS} items, this one {len(body.items)}"
        raise TooLarge(msg)
    callers = parts_of(request)[PushCallers]
    missions, batcher = parts_of(request)[MissionCache], parts_of(request)[PushBatcher]
    checker = parts_of(request)[ItemChecker]
    for reading in range(queries.MOST_READINGS):
        if body.items and isinstance(caller, DeviceCaller):
            bringing(caller)
        push = await queries.read_push(missions, checker, caller, body, reading)
        answer = await batcher.record(push)
        if answer is not None:
            await add_lost(parts_of(request)[Database], parts_of(request)[Blobs], push, answer)
            return packed_response(request, with_retries(answer, push.numbers, len(body.items)))
        if isinstance(caller, DeviceCaller):
            caller = await callers.now(caller.token)
    raise TryLater("the reports of this push are changed by others at the same moment")


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
    settings: SettingsDep,
    database: DatabaseDep,
) -> Response:
    """Return what changed since the cursor, in the caller's scope. What the cursor is behind of, the phone has."""
    page = await queries.pull(session, caller, settings, body.cursor, body.limit)
    arrived = await queries.arrived(session, caller, body.cursor)
    if arrived:
        async with database.write() as writing:
            await note_arrivals(writing, caller, arrived)
    return packed_response(request, page)


@router.post(
    "/team-reports",
    response_model=TeamReportsOut,
    responses=documented(BadJson, BadRequest, SignInNeeded, TooLarge, UseDpopNonce, BadProof, NoContentKey),
    openapi_extra=body_schema(TeamReportsIn),
)
async def team_reports(
    caller: DeviceCallerDep,
    body: Annotated[TeamReportsIn, Depends(json_body(TeamReportsIn, _TEAM_REPORTS_BYTES))],
    session: ReadSessionDep,
    settings: SettingsDep,
) -> Response:
    """Return the revisions of the team's reports that the phone lacks, encrypted to its content key."""
    held = {report.submission: frozenset(report.held) for report in body.reports}
    return json_response(await lacking_reports(session, caller, settings, held))
