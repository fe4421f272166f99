"""`steppe person leave | return | move`: the command line's words for those who go, and go elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from steppe.audit.commands import COMMAND_LINE
from steppe.missions.queries import mission_by_code
from steppe.people import leaving, moving
from steppe.terminal import MissionOption, opened, run

person_app = typer.Typer(no_args_is_help=True, help="People: who left the mission, who came back, who moved.")
Username = Annotated[str, typer.Argument(help="as in people.csv")]


@person_app.command("leave")
def leave(username: Username, mission: MissionOption = None) -> None:
    """End all that a person could still do: sessions, password, unused codes, phones. Their reports stay theirs."""

    async def work() -> int:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await leaving.leave(session, named.id, username, actor=COMMAND_LINE)

    typer.echo(f"{username} left. Phones refused, with the order to wipe themselves: {run(work())}.")


@person_app.command("return")
def come_back(username: Username, mission: MissionOption = None) -> None:
    """Let somebody in again who left: make them a new code, or a new password, then."""

    async def work() -> None:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            await leaving.come_back(session, named.id, username, actor=COMMAND_LINE)

    run(work())
    typer.echo(f"{username} is in the mission again. Make a new code or a new password.")


@person_app.command("move")
def move(
    username: Username,
    team: Annotated[str, typer.Option(help="code of the team they are of from now on")],
    mission: MissionOption = None,
) -> None:
    """Make an observer one of another team, with their phones; what they reported stays the old team's."""

    async def work() -> int:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await moving.move(session, named.id, username, team, actor=COMMAND_LINE)

    phones = run(work())
    typer.echo(f"{username} is of team {team}. Phones that go along: {phones}; each hears of it at its next contact.")
