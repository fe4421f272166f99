"""Definitions and their files for phones and desk, immutable and so cached for ever."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from steppe.checklists.queries import checklist_version, file_bytes, media_file
from steppe.kit.http import BlobsDep, ReadSessionDep, documented, immutable
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.people.access import MemberCallerDep

router = APIRouter(tags=["checklists"])


@router.get("/checklists/{version_id}", responses=documented(SignInNeeded, NotFound))
async def definition(request: Request, session: ReadSessionDep, caller: MemberCallerDep, version_id: UUID) -> Response:
    """Return the definition of one version, canonical JSON; `ETag` is its SHA-256."""
    version = await checklist_version(session, caller.mission_id, version_id)
    return immutable(request, version.definition, version.hash)


@router.get(
    "/checklists/files/{sha256}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **documented(SignInNeeded, NotFound)},
)
async def media(
    request: Request,
    session: ReadSessionDep,
    blobs: BlobsDep,
    caller: MemberCallerDep,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """Return a picture, sound or film of one of the mission's checklists; `ETag` is its SHA-256."""
    file = await media_file(session, caller.mission_id, sha256)
    headers = {
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        # An SVG could hold a script; as a picture in a page it is harmless, opened by itself it gets nothing.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if f'"{sha256}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(await file_bytes(blobs, caller.mission_id, sha256), 200, headers, file.type)
