"""`steppe keys …`, for operators: list, make the root, rotate."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.audit.commands import COMMAND_LINE
from steppe.backup.recovery_words import identity_of, root_of
from steppe.doctor import SecretDoesNotOpen
from steppe.kit.clock import iso
from steppe.kit.private_files import sync_to_disk, write_whole
from steppe.kit.settings import NEXT_SECRET_FILE, SECRET_BYTES, SECRET_FILE, Settings
from steppe.missions import key_rotation, keys
from steppe.missions.queries import every_mission, key_rows, mission_by_code
from steppe.people.key_holders import key_holders
from steppe.terminal import MissionOption, opened, run, told

keys_app = typer.Typer(no_args_is_help=True, help="Keys of a mission, and others in their place.")
rotate_app = typer.Typer(no_args_is_help=True, help="Put another key, or secret, into force.")
keys_app.add_typer(rotate_app, name="rotate")
KeyFileOption = Annotated[Path | None, typer.Option(help="file with the 24 words, instead of typing them")]
_NODES = "Running servers take it over within half a minute; none has to be started anew."


@keys_app.command("list")
def list_all(mission: MissionOption = None) -> None:
    """List a mission's keys and its root, and how many phones hold the list of today."""

    async def work() -> list[str]:
        async with opened() as (_, database), database.read() as session:
            named = await mission_by_code(session, mission)
            rows = await key_rows(session, named.id)
            root = named.root_jwk["kid"] if named.root_jwk else "none: `steppe backup key` or `steppe keys root`"
            lines = [f"root       {root}"]
            for purpose in keys.PURPOSES:
                own = [row for row in rows if row.purpose == purpose]
                for row in own:
                    state = "in force" if row is own[-1] else "older, still good"
                    if row.stolen_since is not None:
                        state = f"stolen since {iso(row.stolen_since)}, refused"
                    lines.append(f"{purpose:10} {row.kid}  {iso(row.made_at)}  {state}")
            return [*lines, *(str(one) for one in await key_holders(session, named))]

    for line in run(work()):
        typer.echo(line)


@keys_app.command("root")
def root_command(mission: MissionOption = None, *, key_file: KeyFileOption = None) -> None:
    """Make the recovery words the root of a mission: links name it, and with it stolen keys can be replaced."""
    with told():
        root = _root(key_file)

    async def work() -> bool:
        async with opened() as (_, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await key_rotation.set_root(session, named, root, actor=COMMAND_LINE)

    is_new = run(work())
    typer.echo(f"Root {root.thumbprint()}{'' if is_new else ', as before'}. Phones learn it at their next contact.")


@rotate_app.command("receipt")
def rotate_receipt(
    mission: MissionOption = None,
    *,
    compromised: Annotated[bool, typer.Option("--compromised", help="the keys until now are in wrong hands")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="since when, UTC"),
    ] = None,
    key_file: KeyFileOption = None,
) -> None:
    """Sign receipts with a new key. Phones trust it by the one they hold; with --compromised, by the root alone."""
    if compromised != (since is not None):
        typer.echo("Say both --compromised and --since TIME, or neither.", err=True)
        raise typer.Exit(2)
    with told():
        root = _root(key_file) if compromised else None

    async def work() -> tuple[key_rotation.Rotated, list[str]]:
        async with opened() as (settings, database):
            async with database.write() as session:
                named = await mission_by_code(session, mission)
                rotated = await key_rotation.rotate(
                    session,
                    named,
                    keys.RECEIPT,
                    secret=_wrapping(settings),
                    actor=COMMAND_LINE,
                    root=root,
                    stolen_since=since.replace(tzinfo=UTC) if since else None,
                )
            async with database.read() as session:
                return rotated, [str(one) for one in await key_holders(session, named)]

    rotated, holders = run(work())
    typer.echo(f"Receipt key {rotated.kid} is in force. {_NODES}")
    if rotated.stolen:
        typer.echo(f"{rotated.stolen} earlier keys are refused by every phone that holds the root, and what they said")
        typer.echo("was received is offered again. Run `steppe keys rotate transport` and `rotate secret` too.")
    for line in holders:
        typer.echo(line)


@rotate_app.command("transport")
def rotate_transport(mission: MissionOption = None) -> None:
    """Let phones seal new reports to a new key. What was sealed to older ones is opened with them, for ever."""

    async def work() -> key_rotation.Rotated:
        async with opened() as (settings, database), database.write() as session:
            named = await mission_by_code(session, mission)
            return await key_rotation.rotate(
                session, named, keys.TRANSPORT, secret=_wrapping(settings), actor=COMMAND_LINE
            )

    typer.echo(f"Transport key {run(work()).kid} is in force. {_NODES}")
    typer.echo("Phones seal to it from their next contact on; older keys stay for what is under way.")


@rotate_app.command("secret")
def rotate_secret() -> None:
    """Wrap every private key by another secret of the server. Stopped anywhere, run it again."""

    async def work() -> int:
        async with opened() as (settings, database):
            secret = _wrapping(settings)
            known = settings.secrets()
            changed = 0
            async with database.write() as session:
                for mission in await every_mission(session):
                    try:
                        changed += await key_rotation.rewrap(session, mission, known, secret, actor=COMMAND_LINE)
                    except JoseError as error:
                        msg = f"mission {mission.code}"
                        raise SecretDoesNotOpen(msg) from error
            return changed

    with told():
        settings = Settings()
        if settings.secret and not settings.secret_before:
            typer.echo("Set these on every server, the first new, the second as it was, and start them again:")
            typer.echo(f"STEPPE_SECRET={secrets.token_hex(SECRET_BYTES)}")
            typer.echo("STEPPE_SECRET_BEFORE=(what STEPPE_SECRET is now)")
            typer.echo("Then run `steppe keys rotate secret` once more, with both. Nothing was changed yet.")
            return
        if not settings.secret:
            _make_next(settings)
        changed = run(work())
        if not settings.secret:
            (settings.data / NEXT_SECRET_FILE).replace(settings.data / SECRET_FILE)
            sync_to_disk(settings.data)
    typer.echo(f"{changed} keys are wrapped by the new secret.")
    if settings.secret:
        typer.echo("Take STEPPE_SECRET_BEFORE out of the settings of every server.")
    else:
        typer.echo(f"It lies in {settings.data / SECRET_FILE}; nothing in the settings has to change.")
    typer.echo("Make a backup now: earlier ones hold the earlier secret, and open as before.")


def _root(key_file: Path | None) -> ECKey:
    return root_of(identity_of(key_file.read_text() if key_file else typer.prompt("The 24 words", hide_input=True)))


def _wrapping(settings: Settings) -> bytes:
    """Return the secret to wrap keys by: the next one, while it is being put in place."""
    path = settings.data / NEXT_SECRET_FILE
    return bytes.fromhex(path.read_text().strip()) if not settings.secret and path.exists() else settings.secret_key


def _make_next(settings: Settings) -> None:
    """Write the next secret beside the present one, whole, unless an earlier run did."""
    assert settings.secret_key
    path = settings.data / NEXT_SECRET_FILE
    if path.exists():
        return
    write_whole(path, secrets.token_hex(SECRET_BYTES).encode())
