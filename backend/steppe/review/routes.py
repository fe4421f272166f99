"""Reading reports at the desk."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from steppe.attachments.queries import open_attachment
from steppe.decisions.schemas import NUMBERS
from steppe.kit.http import (
    BlobsDep,
    DatabaseDep,
    ForeignRequest,
    ReadSessionDep,
    WriteSessionDep,
    body_schema,
    bytes_response,
    documented,
    json_body,
)
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.strict_json import BadJson
from steppe.people.access import DeskCaller, Origin, desk, narrowed_to
from steppe.people.revocations import UnknownPhone
from steppe.quarantine.quarantine import Quarantine
from steppe.quarantine.queue import is_in_queue
from steppe.review import held_items, phones, queries
from steppe.review.schemas import (
    HeldItemOut,
    QuarantineOut,
    RevokedPhoneOut,
    RevokeIn,
    SubmissionOut,
    SubmissionsOut,
    TeamsOut,
)
from steppe.submissions.filters import EVERYWHERE, Filters, StatusFilter

router = APIRouter(tags=["review"], responses=documented(SignInNeeded, NotFound))

Reader = Annotated[DeskCaller, Depends(desk("read_reports"))]
Word = Query(max_length=120)
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"}) | frozenset(
    f"{kind}/{container}" for kind in ("audio", "video") for container in ("mp4", "mpeg", "ogg", "webm", "aac", "wav")
)
"""Types a browser shows or plays and never runs."""


@router.get("/submissions")
async def submissions(
    *,
    session: ReadSessionDep,
    caller: Reader,
    region: Annotated[str, Word] = EVERYWHERE,
    checklist: Annotated[str, Word] = "",
    team: Annotated[str, Word] = "",
    q: Annotated[str, Query(max_length=120, description="part of a short code or a place")] = "",
    severity: Annotated[int, Query(ge=0, le=3, description="worst flag at least this severe")] = 0,
    origin: Origin = "",
    status: StatusFilter = "",
    is_mine: Annotated[bool, Query(alias="mine", description="assigned to the caller")] = False,
    is_unread: Annotated[bool, Query(alias="unread", description="changed since the caller read it")] = False,
    before: Annotated[int | None, Query(ge=0, le=NUMBERS)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SubmissionsOut:
    """Return reports the caller may read, last changed first."""
    filters = Filters(region=region, checklist=checklist, team=team, text=q.strip(), severity=severity, status=status)
    own = queries.OwnFilters(caller.person_id, is_mine=is_mine, is_unread=is_unread)
    scope = narrowed_to(caller.scope, origin)
    return await queries.submissions(session, scope, filters, own, before=before, limit=limit)


@router.get("/submissions/{submission_id}")
async def submission(session: ReadSessionDep, caller: Reader, submission_id: UUID) -> SubmissionOut:
    """Return one report: answers with their texts, flags, attachments, and how it came here."""
    return await queries.submission(session, caller.scope, caller.person_id, submission_id)


@router.get(
    "/attachments/{sha256}/content",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def attachment_content(
    request: Request,
    database: DatabaseDep,
    blobs: BlobsDep,
    caller: Reader,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """Return a photo, recording or file of a report in clear; what is neither seen nor heard is only ever saved."""
    async with database.read() as session:
        named = await queries.attachment(session, caller.scope, sha256)
    opened = await open_attachment(blobs, named)
    is_shown = opened.type in SHOWN
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'{"inline" if is_shown else "attachment"}; filename="{sha256[:12]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    kind = opened.type if is_shown else "application/octet-stream"
    return bytes_response(request, opened.content, kind, headers)


@router.get("/quarantine")
async def quarantine(
    session: ReadSessionDep,
    caller: Reader,
    *,
    is_apart: Annotated[bool, Query(alias="apart", description="those that somebody keeps apart instead")] = False,
) -> QuarantineOut:
    """Return what phones sent that could not be read or was not allowed, and waits for a person."""
    return await held_items.quarantine(session, caller.scope, is_apart=is_apart)


@router.get("/quarantine/{seq}")
async def quarantined(
    request: Request, database: DatabaseDep, caller: Reader, seq: Annotated[int, Path(ge=0, le=NUMBERS)]
) -> HeldItemOut:
    """Return what can be read of an item that was kept aside, and what the caller may do about it."""
    async with database.read() as session:
        if not await is_in_queue(session, caller.scope, seq):
            raise NotFound
    judged = await parts_of(request)[Quarantine].judged(caller.mission_id, seq)
    async with database.read() as session:
        return await held_items.held_item(session, caller.scope, judged)


@router.get("/teams")
async def teams(session: ReadSessionDep, caller: Annotated[DeskCaller, Depends(desk("read_summaries"))]) -> TeamsOut:
    """Return the teams and when each was last heard from."""
    return await phones.teams_heard(session, caller.scope)


@router.post(
    "/teams/{code}/phones/{letter}/revoke",
    responses=documented(SignInNeeded, BadJson, ForeignRequest, UnknownPhone),
    openapi_extra=body_schema(RevokeIn),
)
async def revoke_phone(
    session: WriteSessionDep,
    caller: Annotated[DeskCaller, Depends(desk("revoke"))],
    code: Annotated[str, Path(max_length=40)],
    letter: Annotated[str, Path(pattern="^[A-Z]{1,3}$")],
    body: Annotated[RevokeIn, Depends(json_body(RevokeIn))],
) -> RevokedPhoneOut:
    """Refuse a phone from its next request on; what it had made is kept aside for 14 days."""
    return await phones.refuse(session, caller, code, letter, body.reason)
