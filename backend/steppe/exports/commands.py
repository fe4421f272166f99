"""Making an export: one snapshot, constant memory, and a trace of who took what, bound to the file by its hash."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from steppe.audit.commands import record
from steppe.checklists.queries import checklist_version, files_of, kept_form
from steppe.exports.counts_table import counts_rows, text_in
from steppe.exports.cover import Cover
from steppe.exports.csv_zip import CsvZipMaker
from steppe.exports.making import CsvMaker, Maker, XlsxMaker
from steppe.exports.openrosa_zip import FormToFill, OpenRosaMaker
from steppe.exports.queries import EXPORTED, exported_pages
from steppe.exports.schemas import Format
from steppe.exports.tables import Table, tables
from steppe.kit.blobs import Blobs
from steppe.kit.clock import now
from steppe.kit.db import Database, ReadSession
from steppe.kit.problems import NotFound
from steppe.missions.models import Mission
from steppe.missions.teams import ODIHR
from steppe.people.access import DeskCaller
from steppe.people.policy import Scope, decide
from steppe.submissions.filters import Filters
from steppe.summaries.claims import ViewFrame
from steppe.summaries.counts import add
from steppe.summaries.queries import published, region_name, region_summary
from steppe.summaries.sums import FormVersion


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What an export is of: region (`all`, `none`), form or all forms, one repeat of it (CSV), language of texts.

    `origin`: of one origin of teams alone; the caller's scope is narrowed to it. `status`: of reports that stand at it
    in review, counts and lines alike.
    """

    format: Format
    region: str
    form: str
    repeat: str
    language: str
    origin: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A finished file, nameless on disk and at its start; whoever gets it closes it."""

    file: IO[bytes]
    name: str
    size: int
    sha256: str


async def export(
    database: Database, blobs: Blobs, scratch: Path, caller: DeskCaller, wanted: ExportRequest, *, actor: str = ""
) -> ExportFile:
    """Make the file and record it in the audit trail. Raises NotFound for a region, form or repeat there is not.

    A caller who may not read reports gets the counts alone. `scratch` is a folder on the server's own disk; `actor`
    is whom the audit trail names, the caller by default. As OpenRosa it also raises NoXForm.
    """
    await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
    file: IO[bytes] = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 # the caller sends it and closes it
    try:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            async with database.read(is_snapshot=True) as session:
                mission = await session.get_one(Mission, caller.mission_id)
                maker = await (
                    _instances(session, blobs, caller, wanted, file)
                    if wanted.format == "zip"
                    else _maker(session, mission, caller, wanted, file=file, scratch=Path(folder))
                )
                reports = await _fill(session, maker, caller, wanted)
            await asyncio.to_thread(maker.close, reports)
        sha256 = await asyncio.to_thread(_hash, file)
        async with database.write() as writing:
            record(
                writing,
                mission_id=caller.mission_id,
                actor=actor or f"person:{caller.person_id}",
                action=EXPORTED,
                object_id=sha256,
                detail={
                    "format": wanted.format,
                    "region": wanted.region,
                    "checklist": wanted.form,
                    "repeat": wanted.repeat,
                    "origin": wanted.origin,
                    "status": wanted.status,
                    "reports": reports,
                },
            )
    except BaseException:
        file.close()
        raise
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    stamp = now().strftime("%Y%m%d-%H%M%SZ")
    parts = ["steppe", mission.code, wanted.region, wanted.form, wanted.repeat, wanted.origin, wanted.status, stamp]
    return ExportFile(file, "-".join(filter(None, parts)) + f".{wanted.format}", size, sha256)


async def _maker(
    session: ReadSession, mission: Mission, caller: DeskCaller, wanted: ExportRequest, *, file: IO[bytes], scratch: Path
) -> Maker:
    summary = await region_summary(session, caller.scope, wanted.region, wanted.status)
    versions = await _versions(session, caller.scope, wanted.form)
    forms = [form for form in summary.forms if not wanted.form or form.form == wanted.form]
    frame, guests = ViewFrame(mission.type, mission.texts), dict[str, int]()
    for form in forms:
        frame.note(form.kind, {ODIHR: form.reports - sum(form.guests.values()), **form.guests})
        add(guests, form.guests)
    cover = Cover(
        frame=frame,
        language=wanted.language,
        note=text_in(summary.note, wanted.language),
        mission=text_in(mission.name, wanted.language),
        region=text_in(summary.name, wanted.language),
        made_at=now().astimezone(ZoneInfo(mission.zone)).strftime(f"%Y-%m-%d %H:%M ({mission.zone})"),
        made_by=text_in(caller.functions, wanted.language) or caller.function,
        counted=sum(form.reports for form in forms),
        form=wanted.form,
        origin=wanted.origin,
        status=wanted.status,
        guests=guests,
        has_answers=decide(caller.scope, "read_reports"),
        small_cell=summary.small_cell,
        restricted_not_counted=summary.restricted_not_counted,
        counts=list(counts_rows(summary, wanted.language, wanted.form)),
    )
    if wanted.format == "csv.zip":
        return CsvZipMaker(file, scratch, cover=cover, versions=versions, language=wanted.language)
    if wanted.format == "xlsx":
        return XlsxMaker(file, scratch, cover=cover, versions=versions, language=wanted.language)
    table = _table(versions, wanted) if cover.has_answers else None
    return CsvMaker(file, cover=cover, versions=versions, table=table)


async def _versions(session: ReadSession, scope: Scope, form: str) -> dict[UUID, FormVersion]:
    every = await published(session, scope)
    versions = {version: one for version, one in every.items() if not form or one.form == form}
    if form and not versions:
        raise NotFound
    return versions


async def _instances(
    session: ReadSession, blobs: Blobs, caller: DeskCaller, wanted: ExportRequest, file: IO[bytes]
) -> OpenRosaMaker:
    await region_name(session, caller.scope, wanted.region)
    forms: dict[UUID, FormToFill] = {}
    for version, one in (await _versions(session, caller.scope, wanted.form)).items():
        row = await checklist_version(session, caller.mission_id, version)
        kept = await kept_form(blobs, row, await files_of(session, row.id))
        forms[version] = FormToFill(one.definition, kept)
    return OpenRosaMaker(file, forms)


def _table(versions: Mapping[UUID, FormVersion], wanted: ExportRequest) -> Table:
    newest_first = [version.definition for version in versions.values()]
    for table in tables(newest_first, wanted.language):
        if (table.repeat or "") == wanted.repeat:
            return table
    raise NotFound


async def _fill(session: ReadSession, maker: Maker, caller: DeskCaller, wanted: ExportRequest) -> int:
    if not decide(caller.scope, "read_reports"):
        return 0
    reports = 0
    filters = Filters(region=wanted.region, checklist=wanted.form, status=wanted.status)
    async for page in exported_pages(session, caller.scope, filters, has_media=wanted.format == "zip"):
        # XlsxWriter and csv would hold the event loop for the whole of a long export.
        await asyncio.to_thread(maker.add, page)
        reports += len(page)
    return reports


def _hash(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # an unbuffered-enough binary file
