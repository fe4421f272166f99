"""Queries at the desk: asking, releasing, asking again, ending, and the board."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from steppe.kit.http import ForeignRequest, ReadSessionDep, WriteSessionDep, body_schema, documented, json_body
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.strict_json import BadJson
from steppe.people.access import DeskCaller, desk
from steppe.queries import commands, queries
from steppe.queries.problems import NobodyToAsk, NothingToRelease
from steppe.queries.returning import ReturningReports
from steppe.queries.schemas import EndIn, QueriesOut, QueryIn, RoundIn, TeamQuestionsOut

router = APIRouter(tags=["queries"])
Reader = Annotated[DeskCaller, Depends(desk("read_reports"))]
Asker = Annotated[DeskCaller, Depends(desk("ask"))]
Releaser = Annotated[DeskCaller, Depends(desk("release_queries"))]


@router.get("/queries")
async def board(session: ReadSessionDep, caller: Reader, submission: UUID | None = None) -> QueriesOut:
    """Return the queries the caller may read, the last asked first: all, or those about a report."""
    return await queries.board(session, caller, submission_id=submission)


@router.get("/queries/from-teams")
async def from_teams(session: ReadSessionDep, caller: Reader) -> TeamQuestionsOut:
    """Return what teams asked headquarters."""
    return await queries.team_questions(session, caller)


@router.post(
    "/queries",
    responses=documented(SignInNeeded, BadJson, ForeignRequest, NotFound, NobodyToAsk),
    openapi_extra=body_schema(QueryIn),
)
async def ask(
    request: Request, body: Annotated[QueryIn, Depends(json_body(QueryIn))], session: WriteSessionDep, caller: Asker
) -> QueriesOut:
    """Ask a team about its report, or several about nothing reported yet."""
    query = await commands.ask(session, caller, body, parts_of(request)[ReturningReports].note)
    return await queries.board(session, caller, query_id=query)


@router.post(
    "/queries/{query_id}/rounds",
    responses=documented(SignInNeeded, BadJson, ForeignRequest, NotFound),
    openapi_extra=body_schema(RoundIn),
)
async def ask_again(
    request: Request,
    body: Annotated[RoundIn, Depends(json_body(RoundIn))],
    session: WriteSessionDep,
    caller: Asker,
    query_id: UUID,
) -> QueriesOut:
    """Ask again: what was said before does not answer the new round."""
    await commands.ask_again(session, caller, query_id, body, parts_of(request)[ReturningReports].note)
    return await queries.board(session, caller, query_id=query_id)


@router.post(
    "/queries/{query_id}/release",
    responses=documented(SignInNeeded, ForeignRequest, NotFound, NothingToRelease),
)
async def release(request: Request, session: WriteSessionDep, caller: Releaser, query_id: UUID) -> QueriesOut:
    """Let the newest round go to the phones."""
    await commands.release(session, caller, query_id, parts_of(request)[ReturningReports].note)
    return await queries.board(session, caller, query_id=query_id)


@router.post(
    "/queries/{query_id}/end",
    responses=documented(SignInNeeded, BadJson, ForeignRequest, NotFound),
    openapi_extra=body_schema(EndIn),
)
async def end(
    body: Annotated[EndIn, Depends(json_body(EndIn))], session: WriteSessionDep, caller: Asker, query_id: UUID
) -> QueriesOut:
    """Resolve a query, or withdraw it: it leaves Today of the phones at their next contact."""
    await commands.end(session, caller, query_id, body.state)
    return await queries.board(session, caller, query_id=query_id)
