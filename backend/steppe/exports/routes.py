"""Taking reports out of the house."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from steppe.checklists.xlsform.to_xlsform import NoXForm
from steppe.exports import commands, queries
from steppe.exports.schemas import ExportsOut
from steppe.kit.http import XLSX, BlobsDep, DatabaseDep, ReadSessionDep, SettingsDep, documented
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.people.access import DeskCaller, Origin, desk, narrowed_to
from steppe.submissions.filters import EVERYWHERE, StatusFilter

router = APIRouter(tags=["exports"])

ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"
CHUNK = 256 * 1024

Exporter = Annotated[DeskCaller, Depends(desk("export"))]
ReportExporter = Annotated[DeskCaller, Depends(desk("read_reports"))]
Word = Query(max_length=120, pattern=r"^[\w-]*$")
Language = Query(max_length=8, pattern=r"^[a-z]{2,3}$")


@router.get("/exports")
async def exports(session: ReadSessionDep, caller: Exporter) -> ExportsOut:
    """Return who exported what and when, with the hash of each file."""
    return await queries.exports_made(session, caller.scope)


@router.get(
    "/exports/submissions.xlsx",
    response_class=StreamingResponse,
    responses={200: {"content": {XLSX: {}}}, **documented(SignInNeeded, NotFound)},
)
async def xlsx(
    *,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    caller: Exporter,
    region: Annotated[str, Word] = EVERYWHERE,
    form: Annotated[str, Word] = "",
    language: Annotated[str, Language] = "en",
    origin: Origin = "",
    status: StatusFilter = "",
) -> StreamingResponse:
    """Return a workbook: the mission's frame, counts, and for the core team a sheet per checklist version."""
    wanted = commands.ExportRequest(
        format="xlsx", region=region, form=form, repeat="", language=language, origin=origin, status=status
    )
    return _sent(
        await commands.export(database, blobs, settings.data / "exports", _narrowed(caller, origin), wanted), XLSX
    )


@router.get(
    "/exports/submissions.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {CSV: {}}}, **documented(SignInNeeded, NotFound)},
)
async def csv(
    *,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    caller: Exporter,
    form: Annotated[str, Word],
    repeat: Annotated[str, Word] = "",
    region: Annotated[str, Word] = EVERYWHERE,
    language: Annotated[str, Language] = "en",
    origin: Origin = "",
    status: StatusFilter = "",
) -> StreamingResponse:
    """Return one checklist as CSV, or one of its repeats; counts alone for those who do not read reports."""
    wanted = commands.ExportRequest(
        format="csv", region=region, form=form, repeat=repeat, language=language, origin=origin, status=status
    )
    return _sent(
        await commands.export(database, blobs, settings.data / "exports", _narrowed(caller, origin), wanted), CSV
    )


@router.get(
    "/exports/submissions.csv.zip",
    response_class=StreamingResponse,
    responses={200: {"content": {ZIP: {}}}, **documented(SignInNeeded, NotFound)},
)
async def csv_zip(
    *,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    caller: Exporter,
    form: Annotated[str, Word] = "",
    region: Annotated[str, Word] = EVERYWHERE,
    language: Annotated[str, Language] = "en",
    origin: Origin = "",
    status: StatusFilter = "",
) -> StreamingResponse:
    """Return a zip of CSV tables (counts, checklists, repeats) with a README that says what they are and hold not."""
    wanted = commands.ExportRequest(
        format="csv.zip", region=region, form=form, repeat="", language=language, origin=origin, status=status
    )
    made = await commands.export(database, blobs, settings.data / "exports", _narrowed(caller, origin), wanted)
    return _sent(made, ZIP)


@router.get(
    "/exports/openrosa.zip",
    response_class=StreamingResponse,
    responses={200: {"content": {ZIP: {}}}, **documented(SignInNeeded, NotFound, NoXForm)},
)
async def openrosa(
    *,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    caller: ReportExporter,
    region: Annotated[str, Word] = EVERYWHERE,
    form: Annotated[str, Word] = "",
    origin: Origin = "",
    status: StatusFilter = "",
) -> StreamingResponse:
    """Return reports as OpenRosa instances for ODK tools, with the XForms they are of; for those who read reports."""
    wanted = commands.ExportRequest(
        format="zip", region=region, form=form, repeat="", language="en", origin=origin, status=status
    )
    return _sent(
        await commands.export(database, blobs, settings.data / "exports", _narrowed(caller, origin), wanted), ZIP
    )


def _narrowed(caller: DeskCaller, origin: str) -> DeskCaller:
    return replace(caller, scope=narrowed_to(caller.scope, origin))


def _sent(exported: commands.ExportFile, media_type: str) -> StreamingResponse:
    return StreamingResponse(
        _chunks(exported.file),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{exported.name}"',
            "Content-Length": str(exported.size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Steppe-Sha256": exported.sha256,
        },
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
