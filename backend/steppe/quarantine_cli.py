"""`steppe reproject`: what was kept aside is judged again after a fix."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from steppe.missions.queries import mission_by_code
from steppe.quarantine.judging import LEFT_TO_PEOPLE
from steppe.quarantine.quarantine import Quarantine, Reprojected
from steppe.submissions.mission_cache import MissionCache
from steppe.submissions.revision import Reason
from steppe.summaries.commands import apply as keep_tallies
from steppe.terminal import MissionOption, opened, run

REASONS = sorted(set(get_args(Reason)) - LEFT_TO_PEOPLE)


def reproject(
    *,
    reason: Annotated[str | None, typer.Option(help=f"only what was kept aside for it: {', '.join(REASONS)}")] = None,
    is_dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be taken")] = False,
    mission: MissionOption = None,
) -> None:
    """Judge again what was kept aside and nobody decided of, and take what this version finds right."""
    if reason is not None and reason not in REASONS:
        raise typer.BadParameter(f"one of {', '.join(REASONS)}", param_hint="--reason")

    async def work() -> Reprojected:
        async with opened() as (settings, database):
            async with database.read() as session:
                mission_id = (await mission_by_code(session, mission)).id
            quarantine = Quarantine(database, MissionCache(database, settings), keep_tallies)
            return await quarantine.reproject(mission_id, reason, is_dry_run=is_dry_run)

    done = run(work())
    for why, n in sorted(done.taken.items()):
        typer.echo(f"{why}: {n} {'would be taken' if is_dry_run else 'taken'}")
    for why, n in sorted(done.again.items()):
        typer.echo(f"{why}: {n} came again since and are stored; these copies are kept apart")
    for (why, still), n in sorted(done.left.items()):
        typer.echo(f"{why}: {n} left, {still}")
    total = done.taken.total() + done.again.total() + done.left.total()
    typer.echo(f"{total} items judged again{', nothing changed' if is_dry_run else ''}.")
