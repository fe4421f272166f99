"""`steppe device …`: which phones a mission has, and which of them it refuses."""

from __future__ import annotations

from typing import Annotated

import typer

from steppe.audit.commands import COMMAND_LINE
from steppe.missions.queries import mission_by_code
from steppe.people import revocations
from steppe.people.models import REVOKED_REASONS
from steppe.terminal import MissionOption, opened, run

device_app = typer.Typer(no_args_is_help=True, help="Phones: which there are, and which are refused.")


@device_app.command("revoke")
def revoke(
    *,
    phone: Annotated[str, typer.Argument(help="team and letter, e.g. LTO05-A, or the device's id")],
    reason: Annotated[str, typer.Option(help=f"one of {', '.join(REVOKED_REASONS)}")],
    mission: MissionOption = None,
) -> None:
    """Refuse a phone from now on, and have it wipe itself. What it had sealed is kept aside for 14 days."""

    async def work() -> str:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            device = await revocations.revoke(session, named.id, phone, reason=reason, actor=COMMAND_LINE)
            return revocations.state(device)

    days = revocations.REVOKED_MAY_PUSH.days
    typer.echo(f"{phone}: {run(work())}. What it had made is taken in for {days} days and kept aside.")


@device_app.command("list")
def list_all(mission: MissionOption = None) -> None:
    """List the phones with their observers, when they were last heard, and since when one is refused."""

    async def work() -> list[str]:
        async with opened() as (_, database), database.read() as session:
            return await revocations.phones(session, await mission_by_code(session, mission))

    for line in run(work()):
        typer.echo(line)
