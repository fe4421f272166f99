"""`steppe publish` and `steppe checklist …`: forms from the command line."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from steppe.audit.commands import COMMAND_LINE
from steppe.checklists import commands
from steppe.checklists.comparing import compare
from steppe.checklists.comparison_text import comparison_lines
from steppe.checklists.definition import Definition
from steppe.checklists.form_process import compile_file
from steppe.checklists.lifecycle import Status
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.queries import files_of, kept_form, version_named
from steppe.checklists.stored import definition_of
from steppe.checklists.xlsform.includes import SUFFIXES
from steppe.checklists.xlsform.to_xlsform import bundle, spreadsheet, xform
from steppe.exports.commands import ExportFile, ExportRequest, export
from steppe.kit.blobs import Blobs
from steppe.kit.db import ReadSession
from steppe.missions.queries import mission_by_code
from steppe.people.access import DeskCaller
from steppe.people.policy import whole_mission
from steppe.submissions.filters import EVERYWHERE
from steppe.summaries.queries import counted_versions
from steppe.terminal import MissionOption, opened, run

checklist_app = typer.Typer(no_args_is_help=True, help="Checklist versions: their lives and their differences.")

FormPath = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
_WIDTHS: Final = (24, 46, 42)
"""Characters of the columns of the table of problems: place, what is wrong, what to write instead."""


def publish(path: FormPath, mission: MissionOption = None) -> None:
    """Publish a checklist (XLSForm, .xlsx, .xls or .md) as an immutable version.

    Pictures, sounds and tables it names are taken from the folder `<name>-media` or from beside it.
    """
    try:
        form = compile_file(path)
    except ChecklistProblems as found:
        for line in problem_table(found.problems):
            typer.echo(line, err=True)
        typer.echo(f"\n{found.title}: {len(found.problems)}.\n{found.next}", err=True)
        raise typer.Exit(1) from found

    async def work() -> str:
        async with opened() as (settings, database):
            async with database.read() as reading:
                mission_id = (await mission_by_code(reading, mission)).id
            await commands.keep_files(Blobs(settings), mission_id, form)
            async with database.write() as session:
                done = await commands.publish(session, mission_id=mission_id, form=form, actor=COMMAND_LINE)
        what = (
            "published"
            if done.is_new
            else "was published before; headquarters reads its answers otherwise from now on"
            if done.is_read_anew
            else "was published before, unchanged"
        )
        return f"{done.version.form} {done.version.version} {what}."

    for line in problem_table(form.warnings):
        typer.echo(line)
    typer.echo(run(work()))


def problem_table(problems: Sequence[CellProblem]) -> Iterator[str]:
    """Yield the lines of a table: where, what is wrong, what to write instead."""
    if not problems:
        return
    yield from _table_row(("where", "what is wrong", "what to do"))
    for problem in problems:
        parts = (problem.sheet, problem.row and f"row {problem.row}", problem.column)
        place = ", ".join(str(part) for part in parts if part)
        where = f"{place}, character {problem.position}" if problem.position else place
        yield from _table_row((where, problem.message, problem.suggestion))


def _table_row(cells: Sequence[str]) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, _WIDTHS, strict=True)]
    for number in range(max(map(len, wrapped))):
        line = [
            (column[number] if number < len(column) else "").ljust(width)
            for column, width in zip(wrapped, _WIDTHS, strict=True)
        ]
        yield "  ".join(line).rstrip()


@checklist_app.command("list")
def list_versions(mission: MissionOption = None) -> None:
    """List versions with their status and the reports made with them."""

    async def work() -> list[str]:
        async with opened() as (_, database), database.read() as session:
            held = await counted_versions(session, whole_mission((await mission_by_code(session, mission)).id, "head"))
        return [
            f"{one.form}  {one.version}  {one.status}{', offered' if one.is_offered else ''}  {one.reports} reports"
            for one in held.checklists
        ]

    for line in run(work()):
        typer.echo(line)


@checklist_app.command("status")
def set_status(
    form: str,
    version: str,
    status: Status,
    reason: Annotated[str, typer.Option(help="why; needed to open a version again")] = "",
    mission: MissionOption = None,
) -> None:
    """Open, close (`closing`: no new reports begin) or retire a version. Phones hear of it at their next contact."""

    async def work() -> str:
        async with opened() as (_, database), database.write() as session:
            mission_id = (await mission_by_code(session, mission)).id
            held = await version_named(session, mission_id, form, version)
            done = await commands.set_status(
                session,
                mission_id=mission_id,
                version_id=held.id,
                status=status,
                reason=reason,
                actor=COMMAND_LINE,
            )
        return f"{done.form} {done.version} is {done.status}."

    typer.echo(run(work()))


@checklist_app.command("diff")
def diff(before: str, after: str, mission: MissionOption = None) -> None:
    """Say how two versions differ. Each is a file (.xlsx, .xls, .md) or a published version: `visit@2021-01-05`."""

    async def work() -> list[str]:
        if all(Path(one).suffix in SUFFIXES for one in (before, after)):
            return list(
                comparison_lines(compare(compile_file(Path(before)).definition, compile_file(Path(after)).definition))
            )
        async with opened() as (_, database), database.read() as session:
            mission_id = (await mission_by_code(session, mission)).id
            old, new = [await definition_at(session, mission_id, one) for one in (before, after)]
        return list(comparison_lines(compare(old, new)))

    for line in run(work()):
        typer.echo(line)


async def definition_at(session: ReadSession, mission_id: UUID, named: str) -> Definition:
    """Return the definition of a file or of `form@version`. Raises ChecklistProblems, NoSuchVersion."""
    if Path(named).suffix in SUFFIXES:
        return compile_file(Path(named)).definition
    form, _, version = named.partition("@")
    return definition_of(await version_named(session, mission_id, form, version))


@checklist_app.command("form")
def write_form(
    named: Annotated[str, typer.Argument(metavar="FORM@VERSION")],
    target: Annotated[Path, typer.Argument(help="file to write; its ending says how: .xlsx, .xml (XForm) or .zip")],
    mission: MissionOption = None,
) -> None:
    """Hand a published form back: as XLSForm, as ODK XForm, or as a zip with its pictures and tables."""
    makers = {".xlsx": spreadsheet, ".xml": lambda kept: xform(kept).encode(), ".zip": bundle}
    make = makers.get(target.suffix.lower())
    if make is None:
        raise typer.BadParameter("the file's ending must be .xlsx, .xml or .zip")

    async def work() -> bytes:
        async with opened() as (settings, database):
            async with database.read() as session:
                mission_id = (await mission_by_code(session, mission)).id
                form, _, version = named.partition("@")
                held = await version_named(session, mission_id, form, version)
                files = await files_of(session, held.id)
            return make(await kept_form(Blobs(settings), held, files))

    content = run(work())
    target.write_bytes(content)
    typer.echo(f"{target}: {len(content)} bytes.")


@checklist_app.command("instances")
def write_instances(
    target: Annotated[Path, typer.Argument(help="zip to write")],
    form: Annotated[str, typer.Option(help="one checklist; all by default")] = "",
    region: Annotated[str, typer.Option(help="code of a region; all by default")] = EVERYWHERE,
    mission: MissionOption = None,
) -> None:
    """Write reports as OpenRosa instances for ODK's tools, with the XForms they are of.

    Left out as from every export: confidential and sealed reports, sealed answers, positions, the files of media.
    """

    async def work() -> ExportFile:
        async with opened() as (settings, database):
            async with database.read() as session:
                mission_id = (await mission_by_code(session, mission)).id
            caller = DeskCaller(
                UUID(int=0), mission_id, "expert", COMMAND_LINE, {}, "", whole_mission(mission_id, "expert")
            )
            wanted = ExportRequest(format="zip", region=region, form=form, repeat="", language="en")
            return await export(
                database, Blobs(settings), settings.data / "exports", caller, wanted, actor=COMMAND_LINE
            )

    made = run(work())
    with made.file, target.open("wb") as file:
        shutil.copyfileobj(made.file, file)
    typer.echo(f"{target}: {made.size} bytes, SHA-256 {made.sha256}.")
