"""Deciding of reports at the desk."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from steppe.checklists.stored import UnreadableVersion
from steppe.decisions import review
from steppe.decisions.commands import DecisionRecorder, mark_read
from steppe.decisions.problems import (
    DecisionKnown,
    DeclineReasonNeeded,
    HoldReasonNeeded,
    NoSuchRequest,
    NotARecipient,
    ReportChanged,
    UnconfirmedWarnings,
)
from steppe.decisions.schemas import BulkIn, BulkOut, DecisionIn, NoteIn, ReadIn, ReviewOut
from steppe.kit.http import (
    BadRequest,
    ForeignRequest,
    ReadSessionDep,
    WriteSessionDep,
    body_schema,
    documented,
    json_body,
)
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.strict_json import BadJson
from steppe.people.access import DeskCaller, desk

router = APIRouter(tags=["decisions"], responses=documented(SignInNeeded, NotFound))

Reader = Annotated[DeskCaller, Depends(desk("read_reports"))]
Commenter = Annotated[DeskCaller, Depends(desk("comment"))]
Decider = Annotated[DeskCaller, Depends(desk("decide"))]
_WRITES = (SignInNeeded, NotFound, BadJson, BadRequest, ForeignRequest)


def recorder(request: Request) -> DecisionRecorder:
    """Return the recorder of this process."""
    return parts_of(request)[DecisionRecorder]


Recorder = Annotated[DecisionRecorder, Depends(recorder)]


@router.get("/submissions/{submission_id}/review")
async def read_review(session: ReadSessionDep, caller: Reader, recording: Recorder, submission_id: UUID) -> ReviewOut:
    """Return where the review of a report stands, what was decided and noted, and what whoever accepts is warned of."""
    return await review.review_out(session, caller, recording, submission_id)


@router.post(
    "/submissions/{submission_id}/decisions",
    responses=documented(
        *_WRITES,
        DecisionKnown,
        DeclineReasonNeeded,
        HoldReasonNeeded,
        NoSuchRequest,
        NotARecipient,
        ReportChanged,
        UnconfirmedWarnings,
        UnreadableVersion,
    ),
    openapi_extra=body_schema(DecisionIn),
)
async def decide(
    body: Annotated[DecisionIn, Depends(json_body(DecisionIn))],
    session: WriteSessionDep,
    caller: Decider,
    recording: Recorder,
    submission_id: UUID,
) -> ReviewOut:
    """Take up a report, accept it, put it on hold, assign it, or decide of its withdrawal; returns its review."""
    await review.decide(session, caller, recording, submission_id, body)
    return await review.review_out(session, caller, recording, submission_id)


@router.post(
    "/submissions/{submission_id}/notes",
    responses=documented(*_WRITES, DecisionKnown),
    openapi_extra=body_schema(NoteIn),
)
async def note(
    body: Annotated[NoteIn, Depends(json_body(NoteIn))],
    session: WriteSessionDep,
    caller: Commenter,
    recording: Recorder,
    submission_id: UUID,
) -> ReviewOut:
    """Comment on a report or one of its answers, or recommend what to decide; no phone hears of it."""
    await review.take_note(session, caller, recording, submission_id, body)
    return await review.review_out(session, caller, recording, submission_id)


@router.post("/submissions/{submission_id}/read", responses=documented(*_WRITES), openapi_extra=body_schema(ReadIn))
async def read(
    body: Annotated[ReadIn, Depends(json_body(ReadIn))],
    session: WriteSessionDep,
    caller: Reader,
    submission_id: UUID,
) -> ReadIn:
    """Note up to which number the caller has read a report; 0 marks it as unread."""
    await review.readable(session, caller.scope, submission_id)
    await mark_read(session, caller.mission_id, caller.person_id, submission_id, body.n)
    return body


@router.post(
    "/submissions/accept", responses=documented(*_WRITES, UnreadableVersion), openapi_extra=body_schema(BulkIn)
)
async def accept_all(
    body: Annotated[BulkIn, Depends(json_body(BulkIn))],
    session: WriteSessionDep,
    caller: Decider,
    recording: Recorder,
) -> BulkOut:
    """Accept reports without serious flags and with nothing undone; says of each other one why it was left."""
    return await review.accept_all(session, caller, recording, body.reports)
