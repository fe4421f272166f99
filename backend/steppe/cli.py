"""The command line: `steppe …`. Each command opens what it needs, calls one command of a domain, says what happened."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import httpx
import segno
import typer
import uvicorn

from steppe import demo as demonstration
from steppe import doctor as doctoring
from steppe import migrate as migrations
from steppe.audit.commands import COMMAND_LINE
from steppe.backup_cli import backup_app, move, restore, verify
from steppe.checklist_cli import checklist_app, publish
from steppe.checklists.commands import keep_files, publish_all
from steppe.checklists.xlsform.form_files import read_forms
from steppe.device_cli import device_app
from steppe.grant_cli import grant_app
from steppe.keys_cli import keys_app
from steppe.kit.blobs import Blobs
from steppe.kit.db import sqlite_path
from steppe.kit.logs import set_up_logs
from steppe.kit.private_files import keep_files_private
from steppe.kit.settings import SERVING, Settings
from steppe.kit.sqlite import served_alone
from steppe.missions import commands as missions
from steppe.missions.due import check_due_forms
from steppe.missions.mission_file import FILE as MISSION_FILE
from steppe.missions.pack import read_pack
from steppe.missions.queries import id_for, mission_by_code
from steppe.missions.texts import shown_in_english
from steppe.people import commands as people
from steppe.people.matching import enrolment_link
from steppe.people.queries import link_thumbprint, team_devices
from steppe.person_cli import person_app
from steppe.quarantine_cli import reproject
from steppe.receipt_cli import receipt_app
from steppe.simulate import fleet
from steppe.summaries import rebuild as rebuilding
from steppe.terminal import MissionOption, opened, run, told

app = typer.Typer(
    callback=keep_files_private,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Field reports that work without a network.",
)
mission_app = typer.Typer(no_args_is_help=True, help="Missions and their packs.")
app.add_typer(mission_app, name="mission")
app.add_typer(checklist_app, name="checklist")
app.add_typer(grant_app, name="grant")
app.add_typer(backup_app, name="backup")
app.add_typer(device_app, name="device")
app.add_typer(person_app, name="person")
app.add_typer(keys_app, name="keys")
app.add_typer(receipt_app, name="receipt")
app.command()(publish)
app.command()(restore)
app.command()(move)
app.command()(verify)
app.command()(reproject)


@app.command()
def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API and both apps. `STEPPE_DATA` and `STEPPE_DATABASE_URL` say where the data is."""

    async def check() -> None:
        async with opened() as (settings, database):
            await doctoring.check_secret(settings, database)

    with told(), served_alone(sqlite_path(Settings())):
        run(check())
        set_up_logs()
        uvicorn.run("steppe.main:create_app", factory=True, host=host, port=port, **SERVING)


@app.command()
def migrate() -> None:
    """Bring the database's schema to this version."""

    async def work() -> None:
        async with opened(is_migrated=False) as (_, database):
            await migrations.migrate(database)

    run(work())
    typer.echo("The schema is up to date.")


@app.command("migrate-check", hidden=True)
def migrate_check() -> None:
    """Fail when the tables in code and the migrated schema differ."""

    async def work() -> None:
        async with opened(is_migrated=False) as (_, database):
            await migrations.migrate(database)
            await migrations.check(database)

    run(work())


@app.command("migrate-new", hidden=True)
def migrate_new(message: str) -> None:
    """Write a migration file from what the code has and the database lacks."""

    async def work() -> None:
        async with opened(is_migrated=False) as (_, database):
            await migrations.migrate(database)
            await migrations.new_revision(database, message)

    run(work())


@mission_app.command("load")
def mission_load(path: Path) -> None:
    """Check a mission pack whole, then write the mission, its places, people and checklists."""

    async def work() -> str:
        pack = read_pack(path)
        forms = read_forms(pack.checklists)
        check_due_forms(MISSION_FILE, pack.mission.due, {form.definition.id for form in forms})
        async with opened() as (settings, database):
            async with database.read() as reading:
                planned = await id_for(reading, pack.mission.code)
            await keep_files(Blobs(settings), planned, *forms)
            async with database.write() as session:
                mission_id = await missions.load_mission(
                    session, pack, secret=settings.secret_key, actor=COMMAND_LINE, new_id=planned
                )
                await people.load_people(session, mission_id, pack.teams, pack.people, pack.mission.default_language)
                await publish_all(session, mission_id=mission_id, forms=forms, actor=COMMAND_LINE)
        for language, keys in shown_in_english(pack.mission.languages, pack.texts):
            typer.echo(f"In English, for texts.csv has no text in {language!r}: {', '.join(keys)}.", err=True)
        return (
            f"{pack.mission.code}: {len(pack.regions)} regions, {len(pack.stations)} polling stations, "
            f"{len(pack.teams)} teams, {len(pack.people)} people, {len(pack.checklists)} checklists."
        )

    typer.echo(run(work()))


@app.command()
def enrol(
    team: Annotated[str, typer.Option(help="code of the team, e.g. LTO01")] = "",
    person: Annotated[str | None, typer.Option(help="username of the observer; else the one without a phone")] = None,
    mission: MissionOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print {code, keys, link, team, person}")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list teams and their devices with matching codes")] = False,
) -> None:
    """Make a one-time enrolment link for an observer's phone, valid for 72 hours."""

    async def list_devices() -> None:
        async with opened() as (_, database), database.read() as session:
            for line in await team_devices(session, (await mission_by_code(session, mission)).id):
                typer.echo(line)

    async def make() -> None:
        async with opened() as (settings, database), database.write() as session:
            mission_id = (await mission_by_code(session, mission)).id
            code, observer = await people.open_enrolment(
                session, mission_id=mission_id, team_code=team, username=person, actor=COMMAND_LINE
            )
            keys = await link_thumbprint(session, mission_id)
        link = enrolment_link(settings.public_url or "http://127.0.0.1:8000", code, keys)
        if as_json:
            made = {"code": code, "keys": keys, "link": link, "team": team, "person": observer.username}
            typer.echo(json.dumps(made))
            return
        typer.echo(f"{observer.function}: {link}")
        segno.make(link, error="l").terminal(compact=True, out=sys.stdout)

    run(list_devices() if listed else make())


@app.command()
def password(
    username: str,
    mission: MissionOption = None,
    *,
    piped: Annotated[bool, typer.Option("--stdin", help="read it from standard input instead of asking")] = False,
) -> None:
    """Give somebody at the desk a password; it is asked for, never an argument: arguments are seen by everybody."""
    if piped:
        typed = sys.stdin.readline().rstrip("\n")
    else:
        typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def work() -> None:
        async with opened() as (_, database), database.write() as session:
            mission_id = (await mission_by_code(session, mission)).id
            await people.set_password(
                session, mission_id=mission_id, username=username, password=typed, actor=COMMAND_LINE
            )

    run(work())
    typer.echo(f"{username} can sign in at the desk.")


@app.command()
def simulate(
    *,
    codes: Annotated[typer.FileText, typer.Option(help="enrolment codes or links, one a line; - is standard input")],
    server: Annotated[str, typer.Option(help="address of the server")] = "http://127.0.0.1:8000",
    phones: Annotated[int | None, typer.Option(min=1, help="how many codes to use; all by default")] = None,
    submissions: Annotated[int, typer.Option(min=0, help="reports of each phone")] = 20,
    days: Annotated[int, typer.Option(min=1, help="length of the period")] = 21,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="its last day, else today")] = None,
    seed: Annotated[int, typer.Option(help="the same seed gives the same answers")] = 1,
    photos: Annotated[float, typer.Option(min=0, max=1, help="share of reports with a photo")] = 0.1,
    batch: Annotated[int, typer.Option(min=1, max=50, help="reports of one push")] = 50,
    replies: Annotated[bool, typer.Option("--replies", help="answer in words what headquarters asks")] = False,
) -> None:
    """Let simulated phones enrol, fill reports, answer and send it all to any server over the real protocol."""
    held = [line.strip().rpartition("=")[2] for line in codes if line.strip()][:phones]
    last = until.date() if until else None
    orders = fleet.Orders(held, submissions, days, seed, photos, batch, last, replies=replies)

    async def work() -> fleet.Outcome:
        async with httpx.AsyncClient(base_url=server, timeout=60) as http:
            return await fleet.run(http, orders, typer.echo)

    try:
        done = asyncio.run(work())
    except httpx.HTTPError as error:
        typer.echo(f"{server}: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(
        f"{done.phones} phones, {done.received} reports received, {len(done.quarantined)} of them in quarantine, "
        f"{done.attachments} photos, {done.replies} replies, {done.seconds:.1f} s."
    )
    if done.quarantined:
        raise typer.Exit(1)


@app.command()
def demo(port: int = 8000, host: str = "127.0.0.1", data: Path = Path("var/demo")) -> None:
    """Serve the Kazakhstan demonstration: loads it on the first start, keeps it afterwards, prints the ways in."""
    with told():
        demonstration.run(host=host, port=port, data=data)


@app.command()
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="only compare; exit code 1 when something differs")] = False,
) -> None:
    """Derive submissions and tallies anew from the inbox's signed bytes."""

    async def work() -> list[rebuilding.Replay]:
        async with opened() as (_, database):
            return await rebuilding.rebuild(database, is_check=check)

    results = run(work())
    for found in results:
        for difference in found.differences:
            typer.echo(difference)
    submissions = sum(found.submissions for found in results)
    differences = sum(len(found.differences) for found in results)
    typer.echo(f"{submissions} submissions replayed, {differences} differences{'' if check else ' put right'}.")
    if check and differences:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Check this machine and installation, say what is not right; exit code 1 when something must be changed."""

    async def work() -> bool:
        async with opened(is_migrated=False) as (settings, database):
            checks = await doctoring.examine(settings, database)
        for check in checks:
            typer.echo(str(check))
        return all(check.is_well for check in checks)

    if not run(work()):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app()
