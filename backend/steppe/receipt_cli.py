"""`steppe receipt …`: a report's receipt as a file, and whether such a file proves anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steppe.backup.checkpoints import sign_checkpoint
from steppe.backup.problems import NotCovered
from steppe.backup.queries import covered_receipt, received_report
from steppe.backup.receipts.receipt_check import check_receipt_file
from steppe.backup.receipts.receipt_file import Foundation, checkpoint_file, receipt_file
from steppe.kit.clock import iso, now
from steppe.missions.mission_keys import mission_keys
from steppe.missions.queries import every_mission, mission_by_code
from steppe.terminal import MissionOption, opened, run, told

receipt_app = typer.Typer(no_args_is_help=True, help="Receipts as proof for somebody who has no server.")


@receipt_app.command("make")
def make(
    report: Annotated[str, typer.Argument(help="short code of the report, or the id of a revision")],
    file: Annotated[Path, typer.Argument(help="file to write; it holds the report's answers in clear")],
    mission: MissionOption = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="file with the checkpoint that whoever gets the file has kept"),
    ] = None,
) -> None:
    """Write a file that proves what a report said, which phone signed it, and that it was received by then.

    It stands under the first checkpoint after its receipt; where there is none yet, one is signed.
    """
    kept = checkpoint.read_bytes() if checkpoint else None

    async def work() -> tuple[bytes, str]:
        async with opened() as (settings, database):
            async with database.read() as session:
                named = await mission_by_code(session, mission)
                received, raw = await received_report(session, named.id, report)
                keys = await mission_keys(session, named.id, settings)
                covered = await covered_receipt(session, named.id, received.seq, keys.kids_in_force(), kept)
            if covered is None and kept is None:
                await sign_checkpoint(database, named.id, settings)
                async with database.read() as session:
                    covered = await covered_receipt(session, named.id, received.seq, keys.kids_in_force(), None)
            if covered is None:
                raise NotCovered
            key = keys.receipts[-1].key
            foundation = Foundation.of(named.root_jwk, keys.statements_by_root(), key)
            content = receipt_file(received, raw, key, foundation, now(), covered)
            return content, foundation.trusted.thumbprint()

    content, trusted = run(work())
    with file.open("xb") as opened_file:
        opened_file.write(content)
    typer.echo(f"{file}: the report's answers in clear, its phone's signature, and the mission's.")
    typer.echo(f"Check it anywhere with: steppe receipt check {file} --trust {trusted}")
    typer.echo("Tell that thumbprint by another way than the file.")


@receipt_app.command("checkpoint")
def checkpoint(
    file: Annotated[Path | None, typer.Argument(help="file to write it to, for somebody who keeps it")] = None,
    mission: MissionOption = None,
) -> None:
    """Sign what every mission has receipted so far, or the one whose checkpoint is written to a file."""

    async def work() -> tuple[list[str], bytes | None]:
        async with opened() as (settings, database):
            async with database.read() as session:
                every = await every_mission(session)
                named = await mission_by_code(session, mission) if file or mission else None
            said, content = [], None
            for one in [named] if named else every:
                made = await sign_checkpoint(database, one.id, settings)
                said.append(f"{one.code}: {made.receipts} receipts, {iso(made.made_at)}")
                if file:
                    async with database.read() as session:
                        keys = await mission_keys(session, one.id, settings)
                    foundation = Foundation.of(one.root_jwk, keys.statements_by_root(), keys.receipts[-1].key)
                    content = checkpoint_file(made.jws, foundation)
            return said, content

    said, content = run(work())
    if file and content:
        with file.open("xb") as opened_file:
            opened_file.write(content)
        typer.echo(f"{file}: hand it to somebody who keeps it. It holds no answers.")
    for line in said:
        typer.echo(line)


@receipt_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    trust: Annotated[str, typer.Option(help="thumbprint of the mission's root or receipt key, told another way")],
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="file with a checkpoint that you kept since it was made"),
    ] = None,
) -> None:
    """Say what a receipt file proves; exit code 1 when nothing. Needs neither server nor database."""
    with told():
        proven = check_receipt_file(file.read_bytes(), trust, checkpoint.read_bytes() if checkpoint else None)
    typer.echo(f"Good. Report {proven.report}, content {proven.content_hash},")
    typer.echo(f"signed by phone {proven.device} as its no. {proven.device_seq},")
    typer.echo(f"received by mission {proven.mission} at {proven.received_at} as number {proven.seq},")
    typer.echo(f"epoch {proven.epoch}; said so at {proven.signed_at}.")
    if proven.covered_by is None:
        typer.echo("It stands under no checkpoint: the time is the mission's word alone.")
    else:
        whose = "the checkpoint you kept" if checkpoint else "a checkpoint that only the mission vouches for"
        typer.echo(f"It was among {proven.covered_by.size} receipts at {proven.covered_by.at}, by {whose}.")
