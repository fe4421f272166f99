"""The mission's reference list for phones, and for trying checklists out at the desk."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from steppe.kit.http import ReadSessionDep, documented, immutable
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.missions.queries import newest_place_list, place_list
from steppe.people.access import MemberCallerDep

router = APIRouter(tags=["missions"])


@router.get("/places/{version}", responses=documented(SignInNeeded, NotFound))
async def places(request: Request, session: ReadSessionDep, caller: MemberCallerDep, version: str) -> Response:
    """Return regions, districts and stations as one immutable file."""
    found = await place_list(session, caller.mission_id, version)
    return immutable(request, found.content, version, is_gzipped=True)


@router.get("/places", responses=documented(SignInNeeded, NotFound))
async def newest_places(request: Request, session: ReadSessionDep, caller: MemberCallerDep) -> Response:
    """Return the present list to those whom no feed tells its version."""
    found = await newest_place_list(session, caller.mission_id)
    answer = immutable(request, found.content, found.version, is_gzipped=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
