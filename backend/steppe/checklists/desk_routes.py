"""Publishing at the desk: check a form, publish it, open and close its versions, see how two of them differ."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from steppe.checklists import commands, desk_queries
from steppe.checklists.form_files import UPLOAD_LIMITS, Form, read_upload
from steppe.checklists.form_sheets import CellTooLong
from steppe.checklists.lifecycle import ReasonNeeded
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.queries import checklist_version, kept_form
from steppe.checklists.schemas import ChecklistVersionOut, CheckOut, ComparisonOut, PublishedOut, StatusIn
from steppe.checklists.way_back import KeptForm, NoXForm, bundle, spreadsheet, xform
from steppe.kit.db import ReadSession
from steppe.kit.http import (
    BlobsDep,
    DatabaseDep,
    ReadSessionDep,
    WriteSessionDep,
    body_schema,
    documented,
    json_body,
)
from steppe.kit.json_door import BadJson, TooLarge
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.uploads import BadUpload, uploaded
from steppe.people.access import DeskCaller, desk

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/desk/checklists", tags=["checklists"])

Admin = Annotated[DeskCaller, Depends(desk("administer"))]
Reader = Annotated[DeskCaller, Depends(desk("read_summaries"))]
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "one .xlsx or .md with the pictures, sounds and tables it names, or one .zip of them",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                    "required": ["files"],
                }
            }
        },
    }
}


async def _form(request: Request, caller: Admin) -> Form | ChecklistProblems:
    """Return the form that came, compiled, or what is wrong with it; asks who calls before it reads a byte."""
    del caller
    files = await uploaded(request, UPLOAD_LIMITS)
    try:
        return await to_thread(read_upload, files)
    except ChecklistProblems as problems:
        return problems


UploadedForm = Annotated[Form | ChecklistProblems, Depends(_form, scope="function")]


@router.post(
    "/check", openapi_extra=_UPLOAD, responses=documented(SignInNeeded, NotFound, TooLarge, BadJson, BadUpload)
)
async def check(form: UploadedForm, session: ReadSessionDep, caller: Admin) -> CheckOut:
    """Say what publishing this form would come to, with every problem and warning at its cell. Saves nothing."""
    return await desk_queries.checked(session, caller.mission_id, form)


@router.post(
    "",
    openapi_extra=_UPLOAD,
    responses=documented(
        SignInNeeded, NotFound, TooLarge, BadJson, BadUpload, ChecklistProblems, commands.VersionTaken
    ),
)
async def publish(form: UploadedForm, database: DatabaseDep, blobs: BlobsDep, caller: Admin) -> PublishedOut:
    """Publish a form as an immutable version; phones fetch it at their next contact."""
    if isinstance(form, ChecklistProblems):
        raise form
    # A session of its own, opened late: nobody waits for the one writer while a form is received and compiled.
    async with database.write() as session:
        done = await commands.publish(
            session, blobs, mission_id=caller.mission_id, form=form, actor=f"{desk_queries.PERSON}{caller.person_id}"
        )
        version = await desk_queries.version_out(ReadSession(session), caller.mission_id, done.version.id)
    return PublishedOut(is_new=done.is_new, checklist=version, warnings=desk_queries.problems_out(form.warnings))


@router.post(
    "/{version_id}/status",
    openapi_extra=body_schema(StatusIn),
    responses=documented(SignInNeeded, NotFound, ReasonNeeded),
)
async def status(
    session: WriteSessionDep, caller: Admin, version_id: UUID, body: Annotated[StatusIn, Depends(json_body(StatusIn))]
) -> ChecklistVersionOut:
    """Open, close or retire a version. Nothing that phones made with it is ever refused."""
    await commands.set_status(
        session,
        mission_id=caller.mission_id,
        version_id=version_id,
        status=body.status,
        reason=body.reason,
        actor=f"{desk_queries.PERSON}{caller.person_id}",
    )
    return await desk_queries.version_out(session, caller.mission_id, version_id)


@router.get("/{before}/diff/{after}", responses=documented(SignInNeeded, NotFound))
async def diff(session: ReadSessionDep, caller: Reader, before: UUID, after: UUID) -> ComparisonOut:
    """Say how one version differs from another, and which questions are counted over both."""
    return await desk_queries.comparison_of(session, caller.mission_id, before, after)


class FormFormat(StrEnum):
    """How a form is handed back."""

    XLSX = "xlsx"
    XML = "xml"
    ZIP = "zip"


_MAKERS: Final[dict[FormFormat, tuple[Callable[[KeptForm], bytes], str]]] = {
    FormFormat.XLSX: (spreadsheet, XLSX),
    FormFormat.XML: (lambda kept: xform(kept).encode(), "application/xml"),
    FormFormat.ZIP: (bundle, "application/zip"),
}


@router.get(
    "/{version_id}/form.{format}",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for _, kind in _MAKERS.values()}},
        **documented(SignInNeeded, NotFound, NoXForm, CellTooLong),
    },
)
async def form(
    session: ReadSessionDep,
    blobs: BlobsDep,
    caller: Reader,
    version_id: UUID,
    format: FormFormat,  # noqa: A002 - the address names it
) -> Response:
    """Hand the form back: `xlsx` as XLSForm with shared parts put in, `xml` as ODK XForm, `zip` with its files."""
    version = await checklist_version(session, caller.mission_id, version_id)
    make, kind = _MAKERS[format]
    content = await to_thread(make, await kept_form(session, blobs, version))
    name = re.sub(r"[^\w.-]+", "_", f"{version.form}-{version.version}", flags=re.ASCII)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, kind)
