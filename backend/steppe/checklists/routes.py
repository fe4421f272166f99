"""Definitions and their files for phones and desk, cached for ever; publishing and the life of versions at the desk."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from steppe.checklists import commands, queries
from steppe.checklists.form_process import FormCompiler
from steppe.checklists.formats import FIRST, MOST_TOGETHER, NEWEST, SeveralDefinitions, in_first_format
from steppe.checklists.lifecycle import ReasonNeeded
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.schemas import ChecklistVersionOut, CheckOut, ComparisonOut, PublishedOut, StatusIn
from steppe.checklists.stored import read_definition
from steppe.checklists.xlsform.form_files import UPLOAD_LIMITS, Form
from steppe.checklists.xlsform.form_sheets import CellTooLong
from steppe.checklists.xlsform.to_xlsform import KeptForm, NoXForm, bundle, spreadsheet, xform
from steppe.kit.db import ReadSession
from steppe.kit.http import (
    XLSX,
    BlobsDep,
    DatabaseDep,
    ReadSessionDep,
    WriteSessionDep,
    body_schema,
    bytes_response,
    documented,
    json_body,
)
from steppe.kit.packed_files import BadUpload
from steppe.kit.packing import packed_immutable
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded, TryLater
from steppe.kit.strict_json import BadJson, TooLarge
from steppe.kit.uploads import uploaded
from steppe.people.access import DeskCaller, MemberCallerDep, desk, desk_caller

router = APIRouter(tags=["checklists"])
publishing = APIRouter(prefix="/desk/checklists", tags=["checklists"])


@router.get("/checklists/{version_id}", responses=documented(SignInNeeded, NotFound))
async def definition(
    request: Request,
    session: ReadSessionDep,
    caller: MemberCallerDep,
    version_id: UUID,
    format: Annotated[int, Query(ge=FIRST)] = FIRST,  # noqa: A002 - the address names it
) -> Response:
    """Return the definition of one version, JSON, in no newer format than the caller reads.

    As published it is canonical and `ETag` is its SHA-256; long chains are written as pairs for apps of format 1.
    """
    version = await queries.checklist_version(session, caller.mission_id, version_id)
    # Packing may wait for that of others: meanwhile the connection is theirs who read.
    await session.close()
    if format >= NEWEST:
        return await packed_immutable(request, version.hash, lambda: version.definition)
    content = await to_thread(in_first_format, version.definition)
    is_as_published = content == version.definition
    return await packed_immutable(
        request, version.hash if is_as_published else f"{version.hash}.{FIRST}", lambda: content
    )


@router.get("/checklists", response_class=Response, responses=documented(SignInNeeded, NotFound))
async def several_definitions(
    request: Request,
    session: ReadSessionDep,
    caller: MemberCallerDep,
    versions: Annotated[list[UUID], Query(min_length=1, max_length=MOST_TOGETHER)],
    format: Annotated[int, Query(ge=NEWEST)],  # noqa: A002, ARG001 - what the caller reads: none is newer yet
) -> Response:
    """Return several definitions as published, one JSON object by their ids: packed together they take half the bytes.

    The first, and those after it that fit into 4 MiB with it; the others are asked for again.
    """
    several = SeveralDefinitions(await queries.definitions_of(session, caller.mission_id, versions))
    await session.close()
    return await packed_immutable(request, several.tag, several.content)


@router.get(
    "/checklists/files/{sha256}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **documented(SignInNeeded, NotFound)},
)
async def media(
    request: Request,
    database: DatabaseDep,
    blobs: BlobsDep,
    caller: MemberCallerDep,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """Return a picture, sound or film of one of the mission's checklists; `ETag` is its SHA-256."""
    async with database.read() as session:
        file = await queries.media_file(session, caller.mission_id, sha256)
    headers = {
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        # An SVG could hold a script; as a picture in a page it is harmless, opened by itself it gets nothing.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if f'"{sha256}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = await queries.file_bytes(blobs, caller.mission_id, sha256)
    return bytes_response(request, content, file.type, headers)


Admin = Annotated[DeskCaller, Depends(desk("administer"))]
Reader = Annotated[DeskCaller, Depends(desk("read_summaries"))]
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "one .xlsx, .xls or .md with the pictures, sounds and tables it names, or one .zip of them",
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


async def _form(request: Request, database: DatabaseDep) -> Form | ChecklistProblems:
    """Return the form that came, compiled, or what is wrong with it; asks who calls before it reads a byte."""
    # In a session of its own: one that lives on while a form is received and compiled keeps a connection from others.
    async with database.read() as session:
        caller = await desk("administer")(await desk_caller(request, session))
    files = await uploaded(request, UPLOAD_LIMITS)
    try:
        return await parts_of(request)[FormCompiler].compile(files, mission=caller.mission_id)
    except ChecklistProblems as problems:
        return problems


UploadedForm = Annotated[Form | ChecklistProblems, Depends(_form, scope="function")]


@publishing.post(
    "/check",
    openapi_extra=_UPLOAD,
    responses=documented(SignInNeeded, NotFound, TooLarge, BadJson, BadUpload, TryLater),
)
async def check(form: UploadedForm, session: ReadSessionDep, caller: Admin) -> CheckOut:
    """Say what publishing this form would come to, with every problem and warning at its cell. Saves nothing."""
    return await queries.checked(session, caller.mission_id, form)


@publishing.post(
    "",
    openapi_extra=_UPLOAD,
    responses=documented(
        SignInNeeded, NotFound, TooLarge, BadJson, BadUpload, ChecklistProblems, commands.VersionTaken, TryLater
    ),
)
async def publish(form: UploadedForm, database: DatabaseDep, blobs: BlobsDep, caller: Admin) -> PublishedOut:
    """Publish a form as an immutable version; phones fetch it at their next contact."""
    if isinstance(form, ChecklistProblems):
        raise form
    await commands.keep_files(blobs, caller.mission_id, form)
    # A session of its own, opened late: nobody waits for the one writer while a form is received and compiled.
    async with database.write() as session:
        done = await commands.publish(
            session, mission_id=caller.mission_id, form=form, actor=f"{queries.PERSON}{caller.person_id}"
        )
        version = await queries.version_out(ReadSession(session), caller.mission_id, done.version.id)
    # Everybody who reads it from now on finds it parsed.
    await to_thread(read_definition, done.version.definition)
    return PublishedOut(
        is_new=done.is_new,
        is_read_anew=done.is_read_anew,
        checklist=version,
        warnings=queries.problems_out(form.warnings),
    )


@publishing.post(
    "/{version_id}/status",
    openapi_extra=body_schema(StatusIn),
    responses=documented(SignInNeeded, NotFound, ReasonNeeded),
)
async def status(
    body: Annotated[StatusIn, Depends(json_body(StatusIn))], session: WriteSessionDep, caller: Admin, version_id: UUID
) -> ChecklistVersionOut:
    """Open, close or retire a version. Nothing that phones made with it is ever refused."""
    await commands.set_status(
        session,
        mission_id=caller.mission_id,
        version_id=version_id,
        status=body.status,
        reason=body.reason,
        actor=f"{queries.PERSON}{caller.person_id}",
    )
    return await queries.version_out(session, caller.mission_id, version_id)


@publishing.get("/{before}/diff/{after}", responses=documented(SignInNeeded, NotFound))
async def diff(session: ReadSessionDep, caller: Reader, before: UUID, after: UUID) -> ComparisonOut:
    """Say how one version differs from another, and which questions are counted over both."""
    return await queries.comparison_of(session, caller.mission_id, before, after)


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


@publishing.get(
    "/{version_id}/form.{format}",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for _, kind in _MAKERS.values()}},
        **documented(SignInNeeded, NotFound, NoXForm, CellTooLong),
    },
)
async def form(
    database: DatabaseDep,
    blobs: BlobsDep,
    caller: Reader,
    version_id: UUID,
    format: FormFormat,  # noqa: A002 - the address names it
) -> Response:
    """Hand the form back: `xlsx` as XLSForm with shared parts put in, `xml` as ODK XForm, `zip` with its files."""
    async with database.read() as session:
        version = await queries.checklist_version(session, caller.mission_id, version_id)
        files = await queries.files_of(session, version_id)
    make, kind = _MAKERS[format]
    content = await to_thread(make, await queries.kept_form(blobs, version, files))
    name = re.sub(r"[^\w.-]+", "_", f"{version.form}-{version.version}", flags=re.ASCII)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, kind)
