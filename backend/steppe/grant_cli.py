"""`steppe grant …`: who may read and do what at the desk, where a role alone does not say it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from steppe.audit.commands import COMMAND_LINE
from steppe.missions.queries import mission_by_code
from steppe.people import grants
from steppe.terminal import MissionOption, opened, run

grant_app = typer.Typer(no_args_is_help=True, help="A role for some regions, themes and time, instead of the role.")


@grant_app.command("add")
def add(
    *,
    username: Annotated[str, typer.Argument(help="of somebody at the desk")],
    role: Annotated[str, typer.Option(help=f"one of {', '.join(grants.GIVEN)}")],
    region: Annotated[list[str] | None, typer.Option(help="code of a region, may be repeated; all by default")] = None,
    theme: Annotated[list[str] | None, typer.Option(help="tag of a theme, may be repeated; all by default")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day, included")] = None,
    mission: MissionOption = None,
) -> None:
    """Give somebody a role for some regions, themes and days. From then on grants alone say what they may do."""
    asked = grants.GrantToAdd(
        username,
        role,
        tuple(region or ()),
        tuple(theme or ()),
        since.date() if since else None,
        until.date() if until else None,
    )

    async def work() -> str:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await grants.add_grant(session, named, asked, actor=COMMAND_LINE)

    typer.echo(run(work()))


@grant_app.command("list")
def list_all(
    username: Annotated[str | None, typer.Argument(help="of one person; else everybody's")] = None,
    mission: MissionOption = None,
) -> None:
    """List what was given, in force or not. Whoever is not in the list has what their role gives."""

    async def work() -> list[str]:
        async with opened() as (_, database), database.read() as session:
            return await grants.list_grants(session, await mission_by_code(session, mission), username)

    for line in run(work()):
        typer.echo(line)


@grant_app.command("end")
def end(
    key: Annotated[str, typer.Argument(help="the digits its line begins with")], mission: MissionOption = None
) -> None:
    """End a grant now: it acts at the person's next request. It stays in the list, and the role does not come back."""

    async def work() -> str:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await grants.end_grant(session, named, key, actor=COMMAND_LINE)

    typer.echo(run(work()))
