"""What the desk is told of restores, and who looked after them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from steppe.backup.commands import note_restores_read
from steppe.backup.queries import unread_restores
from steppe.backup.schemas import RestoresOut, RestoresReadIn
from steppe.kit.http import ForeignRequest, ReadSessionDep, WriteSessionDep, body_schema, documented, json_body
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.strict_json import BadJson
from steppe.people.access import DeskCaller, desk

router = APIRouter(tags=["backup"], responses=documented(SignInNeeded, NotFound))

Caller = Annotated[DeskCaller, Depends(desk("see_restores"))]


@router.get("/restores")
async def restores(session: ReadSessionDep, caller: Caller) -> RestoresOut:
    """Return the times of which the desk's own facts may be missing, until somebody has looked after them."""
    return RestoresOut(restores=await unread_restores(session, caller.mission_id))


@router.post(
    "/restores/read",
    responses=documented(SignInNeeded, BadJson, ForeignRequest),
    openapi_extra=body_schema(RestoresReadIn),
)
async def read_restores(
    session: WriteSessionDep, caller: Caller, body: Annotated[RestoresReadIn, Depends(json_body(RestoresReadIn))]
) -> RestoresOut:
    """Note that the caller looked after these, and return those that are left."""
    await note_restores_read(session, caller, body.restores)
    return RestoresOut(restores=await unread_restores(session, caller.mission_id))
