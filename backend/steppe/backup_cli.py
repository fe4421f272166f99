"""`steppe backup …`: the recovery key, and copies of everything for the day this machine is gone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from steppe import migrate
from steppe.audit.commands import COMMAND_LINE
from steppe.backup import commands, queries, verifying
from steppe.backup.making import FinishedBackup, make_backup
from steppe.backup.moving import Move
from steppe.backup.places import (
    FILES_FOLDER,
    BesideFolder,
    backup_name,
    delete_expendable,
    is_same_disk,
    make_private_folder,
    read_keep,
    sha256_of,
)
from steppe.backup.problems import BackupNotWritten, KeyMade, WordsNotRepeated
from steppe.backup.recovery_words import RecoveryWords, identity_of, make_recovery_words
from steppe.backup.restoring import Restore, Restored, Schema
from steppe.backup.stores import BackupStore, fetched_backup, is_store, store_backup
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso, now
from steppe.kit.db import Database, sqlite_path
from steppe.kit.settings import Settings
from steppe.kit.sqlite import ServerRunning, served_alone
from steppe.missions.key_rotation import set_root
from steppe.missions.queries import every_mission
from steppe.terminal import opened, run, told

REPEATED: Final = 3
WAITED_SECONDS: Final = 0.5
_TRIES: Final = 3
_A_ROW: Final = 4


class _MakeByDefault(TyperGroup):
    """`steppe backup FILE` is `steppe backup make FILE`: whoever is in a hurry types the shorter one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `make` before arguments that begin with no command's name."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["make", *args]
        return super().parse_args(ctx, args)


backup_app = typer.Typer(
    cls=_MakeByDefault,
    no_args_is_help=True,
    help="Backups: sealed files of everything, and the key that opens them.",
)


@backup_app.command("make")
def make(
    file: Annotated[Path | None, typer.Argument(help="file to write; it must not be there yet")] = None,
    *,
    to: Annotated[
        str | None, typer.Option(help="folder or s3://bucket/prefix off this machine: a dated file, photos beside it")
    ] = None,
    keep: Annotated[str | None, typer.Option(help="older backups there that stay, e.g. 7d4w")] = None,
) -> None:
    """Write everything into one sealed file while the server serves, read it back, and say whether it is good."""
    if (file is None) == (to is None) or (keep is not None and to is None):
        typer.echo("Say either FILE or --to FOLDER (with --keep for its older ones).", err=True)
        raise typer.Exit(2)

    async def work() -> tuple[FinishedBackup, bool]:
        async with opened() as (settings, database):
            if keep is not None:
                read_keep(keep)
            store = BackupStore(to, settings) if to is not None and is_store(to) else None
            if store is not None:
                made = await store_backup(database, settings, Blobs(settings), store, backup_name(now()))
                is_away = True
            else:
                made, is_away = await _make_file(settings, database, file, Path(to) if to is not None else None)
            async with database.write() as session:
                await commands.note_backup(session, made, is_away=is_away, actor=COMMAND_LINE)
            return made, is_away

    made, is_away = run(work())
    _tell(made, is_away=is_away, is_folder=to is not None)
    if to is not None and keep is not None:
        for name in run(_prune(to, keep)):
            typer.echo(f"{name} was deleted.")
    if made.manifest.files.lost:
        raise typer.Exit(1)


async def _prune(to: str, keep: str) -> list[str]:
    if is_store(to):
        return await BackupStore(to, Settings()).delete_expendable(keep)
    return await asyncio.to_thread(delete_expendable, Path(to), keep)


async def _make_file(
    settings: Settings, database: Database, file: Path | None, to: Path | None
) -> tuple[FinishedBackup, bool]:
    """Make a backup in a file, or in a folder under a name of today, and say whether it lies off this machine."""
    if file is not None and await asyncio.to_thread(file.exists):
        msg = f"{file} is there already"
        raise BackupNotWritten(msg)
    if to is not None:
        make_private_folder(to)
    path = file or (to or Path()) / backup_name(now())
    beside = BesideFolder(to / FILES_FOLDER) if to is not None else None
    made = await make_backup(database, settings, Blobs(settings), path, beside=beside)
    return made, to is not None and not is_same_disk(to, settings.data)


def _tell(made: FinishedBackup, *, is_away: bool, is_folder: bool) -> None:
    files, rows = made.manifest.files, sum(made.manifest.tables.values())
    typer.echo(f"{made.place}: good. {rows} rows, {files.inside + files.beside} files, read back and derived anew.")
    typer.echo(f"SHA-256 {made.sha256}")
    if files.lost:
        typer.echo(
            f"{files.lost} files are lost: the server does not hold them as they came. The first of them:", err=True
        )
        for name in files.lost_names[:3]:
            typer.echo(f"  {name}", err=True)
    if is_away:
        typer.echo("It lies off this machine: phones need not keep what is in it.")
    elif is_folder:
        typer.echo("The folder is on the same disk as the server's data, so phones keep everything.")
        typer.echo("Name a folder of another machine, or carry the file away and run `steppe backup confirm`.")
    else:
        typer.echo(f"Carry it off this machine, then run: steppe backup confirm {made.sha256}")


@backup_app.command("confirm")
def confirm(
    backup: Annotated[str, typer.Argument(help="the SHA-256 of the file, worked out where it lies now, or the file")],
) -> None:
    """Say that a backup lies off this machine now: phones may let go of what is in it."""
    path = Path(backup)
    digest = sha256_of(path) if path.is_file() else backup

    async def work() -> tuple[str, bool]:
        async with opened() as (_, database), database.write() as session:
            held = await queries.backup_by_digest(session, digest)
            return held.name, await commands.note_away(session, held, actor=COMMAND_LINE)

    name, is_of_today = run(work())
    if is_of_today:
        typer.echo(f"{name} lies off this machine: phones need not keep what is in it.")
    else:
        typer.echo(f"{name} lies off this machine, but was made before the server was restored.")
        typer.echo("Phones keep everything until the next backup.")


@backup_app.command("list")
def list_all() -> None:
    """List the backups that were found good, the newest first."""

    async def work() -> list[str]:
        async with opened() as (_, database), database.read() as session:
            return [
                f"{iso(one.made_at)}  {one.name}  {one.sha256}  {'away' if one.away_at else 'not confirmed'}"
                for one in await queries.backups(session)
            ]

    for line in run(work()):
        typer.echo(line)


@backup_app.command("key")
def key(
    *,
    replace: Annotated[bool, typer.Option("--replace", help="the words are lost: make others for backups to come")] = (
        False
    ),
) -> None:
    """Make the recovery key: 24 words to write down now. Without them no backup can be opened, by anybody."""

    async def is_made() -> bool:
        async with opened() as (_, database), database.read() as session:
            return await queries.recovery_key(session) is not None

    async def keep(made: RecoveryWords) -> None:
        async with opened() as (_, database), database.write() as session:
            await commands.keep_recovery_key(session, made.public, is_replaced=replace, actor=COMMAND_LINE)
            for mission in await every_mission(session):
                await set_root(session, mission, made.root, actor=COMMAND_LINE)

    with told():
        if run(is_made()) and not replace:
            raise KeyMade
        made = make_recovery_words()
        _show(made)
        _ask_back(made)
    run(keep(made))
    typer.echo("The recovery key is set. Keep the paper where this machine is not, and tell a second person where.")
    typer.echo("The same words are the root of the missions loaded so far: with them stolen keys can be replaced.")
    if replace:
        typer.echo("Phones that learned the root of the earlier words keep it; a new code makes them learn this one.")


def _show(made: RecoveryWords) -> None:
    typer.echo("The recovery key. Write these words down, with their numbers, on paper; they are shown only now.\n")
    for row in range(0, len(made.words), _A_ROW):
        typer.echo("  ".join(f"{row + place + 1:2} {made.words[row + place]:<9}" for place in range(_A_ROW)).rstrip())
    typer.echo()


def _ask_back(made: RecoveryWords) -> None:
    """Ask for some of the words. Raises WordsNotRepeated."""
    for place in places_to_repeat(len(made.words)):
        for _ in range(_TRIES):
            typed: Any = typer.prompt(f"Word {place + 1}")
            if str(typed).strip().lower() == made.words[place]:
                break
            typer.echo("That is another word. Look at your paper.")
        else:
            raise WordsNotRepeated


def places_to_repeat(count: int) -> list[int]:
    """Return the places, from 0, of the words that are asked back."""
    return sorted(secrets.SystemRandom().sample(range(count), REPEATED))


def restore(
    file: Annotated[str, typer.Argument(help="the backup: a file, or s3://bucket/prefix/NAME")],
    *,
    key_file: Annotated[Path | None, typer.Option(help="file with the 24 words, instead of typing them")] = None,
    beside: Annotated[
        Path | None, typer.Option(help="folder of its photos; `files` beside the backup if not given")
    ] = (None),
    incomplete: Annotated[bool, typer.Option("--incomplete", help="go on without photos missing beside it")] = False,
) -> None:
    """Bring a backup back into an empty place (STEPPE_DATA and the like). Phones then offer again what it lacks."""
    with told(), served_alone(sqlite_path(Settings())):
        identity = identity_of(key_file.read_text() if key_file else typer.prompt("The 24 words"))
        schema = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)

        async def work() -> Restored:
            async with opened(is_migrated=False) as (settings, database), fetched_backup(file, settings) as fetched:
                path, photos = fetched
                photos = BesideFolder(beside) if beside else photos
                place = Restore(settings, database, Blobs(settings), schema, beside=photos)
                return await place.run(path, identity, is_incomplete=incomplete)

        restored = run(work())
    said = restored.manifest
    typer.echo(f"Restored what the server held at {iso(said.made_at)}: {sum(said.tables.values())} rows.")
    for head in said.missions:
        typer.echo(f"{head.code}: epoch {restored.places[head.id].epoch}. Its phones offer again what came after that.")
    if restored.missing:
        typer.echo(f"{len(restored.missing)} photos are missing; phones that still hold them are asked for them.")
    if restored.refused_again:
        typer.echo(f"{restored.refused_again} phones were refused again, by the list beside the database.")
    typer.echo(
        "Everybody at the desk signs in anew. Decisions, grants and published forms since then are to be made again; "
        "the desk's first page lists the time until somebody says that it was done."
    )
    typer.echo("Now run `steppe serve`, `steppe doctor` and, as soon as phones have sent, `steppe backup`.")


def move(
    *,
    to: Annotated[str, typer.Option(help="the other database, e.g. postgresql+asyncpg://user@host/db")],
    blobs: Annotated[str | None, typer.Option(help="the other store of files, e.g. s3://bucket/prefix")] = None,
) -> None:
    """Move everything to another database, and files to another store: the same numbers, nothing is offered again."""

    async def work() -> tuple[int, int]:
        here = Settings()
        there = Settings(database_url=to, blob_url=here.blob_url if blobs is None else blobs)
        moving = Move(here, there)
        try:
            await moving.check_place()
            await migrate.migrate(moving.target)
            files = await moving.copy_files()
            typer.echo(f"{files} files are copied. Stop the server now; phones wait and lose nothing.")
            async with alone(sqlite_path(here), moving.database):
                files += await moving.copy_files()
                digest = await moving.copy_rows()
                await moving.close()
                moving.put_aside()
            return files, sum(digest.rows.values())
        finally:
            await moving.close()

    files, rows = run(work())
    typer.echo(f"Moved: {rows} rows, compared one by one, and {files} files. From now on set, then start the server:")
    typer.echo(f"STEPPE_DATABASE_URL={to}")
    if blobs is not None:
        typer.echo(f"STEPPE_BLOB_URL={blobs}")


@asynccontextmanager
async def alone(path: str | None, database: Database) -> AsyncIterator[None]:
    """Wait until no server uses the database; of a SQLite file keep it so within the block."""
    with ExitStack() as held:
        while await database.others():  # noqa: ASYNC110 - no event tells of another process
            await asyncio.sleep(WAITED_SECONDS)
        while True:
            try:
                held.enter_context(served_alone(path))
                break
            except ServerRunning:
                await asyncio.sleep(WAITED_SECONDS)
        yield


def verify(
    held: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="file with checkpoints or lists of receipts, kept elsewhere"),
    ] = None,
) -> None:
    """Check everything held against what was signed; exit code 1 when something is bad. Nothing is changed."""

    async def work() -> bool:
        is_well = True
        async with opened() as (settings, database):
            async for checked in verifying.verify(database, Blobs(settings), held.read_bytes() if held else b""):
                typer.echo(str(checked))
                is_well = is_well and not checked.bad
        return is_well

    if not run(work()):
        raise typer.Exit(1)
