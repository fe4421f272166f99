"""Definitions for phones and desk: immutable, so cached for ever by their hash."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from steppe.checklists.queries import checklist_version
from steppe.kit.http import ReadSessionDep, documented, immutable
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.people.access import MemberCallerDep

router = APIRouter(tags=["checklists"])


@router.get("/checklists/{version_id}", responses=documented(SignInNeeded, NotFound))
async def definition(request: Request, session: ReadSessionDep, caller: MemberCallerDep, version_id: UUID) -> Response:
    """Return the definition of one version, canonical JSON; `ETag` is its SHA-256."""
    version = await checklist_version(session, caller.mission_id, version_id)
    return immutable(request, version.definition, version.hash)
