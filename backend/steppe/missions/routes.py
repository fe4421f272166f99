"""The mission's reference list for phones, and for trying checklists out at the desk."""

from __future__ import annotations

import gzip
import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from steppe.kit.http import ReadSessionDep, documented
from steppe.kit.packing import packed_immutable
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.missions.place_parts import places_part, regions_named
from steppe.missions.queries import newest_place_list, place_list
from steppe.people.access import MemberCallerDep

RegionsAsked = Annotated[
    str | None, Query(max_length=2000, description="codes with commas between; an empty one: stations of no region")
]

router = APIRouter(tags=["missions"])


@router.get("/places/{version}", responses=documented(SignInNeeded, NotFound))
async def places(
    request: Request, session: ReadSessionDep, caller: MemberCallerDep, version: str, regions: RegionsAsked = None
) -> Response:
    """Return regions, districts and stations as one immutable file; with `regions`, the stations of these only."""
    found = await place_list(session, caller.mission_id, version)
    # Packing may wait for that of others: meanwhile the connection is theirs who read.
    await session.close()
    if regions is None:
        return await packed_immutable(request, version, lambda: gzip.decompress(found.content))
    named = regions_named(regions)
    tag = hashlib.sha256(",".join(named).encode()).hexdigest()[: len(version)]
    return await packed_immutable(request, f"{version}.{tag}", lambda: places_part(version, found.content, named))


@router.get("/places", responses=documented(SignInNeeded, NotFound))
async def newest_places(request: Request, session: ReadSessionDep, caller: MemberCallerDep) -> Response:
    """Return the present list to those whom no feed tells its version."""
    found = await newest_place_list(session, caller.mission_id)
    await session.close()
    answer = await packed_immutable(request, found.version, lambda: gzip.decompress(found.content))
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
