"""What `steppe doctor` looks at."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from steppe import migrate
from steppe.backup.checkpoints import fault_of_checkpoint
from steppe.backup.incarnation import read_mark
from steppe.backup.manifest import MissionHead
from steppe.backup.queries import backups, checkpoints, mission_heads, unread_restores
from steppe.backup.schemas import RestoredPeriod
from steppe.kit.clock import iso, now
from steppe.kit.db import Database, DatabaseAway, ReadSession
from steppe.kit.private_files import PRIVATE_FOLDER, loose_files
from steppe.kit.problems import Problem
from steppe.kit.settings import Settings
from steppe.missions import keys
from steppe.missions.models import DERIVATION, MissionCounter, MissionKey
from steppe.missions.safety import read_safety

LOW_DISK_BYTES = 2 * 1024**3
OLD_BACKUP = timedelta(hours=48)
# Before this version two connections that write and checkpoint at once can damage a database (the WAL-reset bug,
# sqlite.org/wal.html).
WAL_RESET_FIXED = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is, and what to do when it is not well."""

    subject: str
    state: str
    is_well: bool = True
    remedy: str = ""

    def __str__(self) -> str:
        """Return the line for a terminal."""
        mark = "ok  " if self.is_well else "FIX "
        return f"{mark} {self.subject}: {self.state}" + (f"\n     {self.remedy}" if self.remedy else "")


async def examine(settings: Settings, database: Database) -> list[Check]:
    """Look at Python, disk, database, schema, secret and build; nothing is changed."""
    checks = [Check("Python", sys.version.split()[0])]
    settings.data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    checks.append(_files(settings))
    free = shutil.disk_usage(settings.data).free
    checks.append(
        Check(
            "free disk", f"{free // 1024**2} MB", free > LOW_DISK_BYTES, "" if free > LOW_DISK_BYTES else "Free some."
        )
    )
    try:
        checks.append(Check("database", await database.check()))
    except (SQLAlchemyError, DatabaseAway, OSError) as error:
        remedy = "Check STEPPE_DATABASE_URL and that the server runs."
        return [*checks, Check("database", type(error).__name__, is_well=False, remedy=remedy)]
    if database.is_sqlite:
        checks.extend(await _sqlite(database))
    checks.extend(_age(settings))
    checks.append(await _schema(database))
    checks.extend(await _backups(database))
    checks.extend(await _of_each_mission(database, _restores))
    checks.extend(await _of_each_mission(database, _checkpoints))
    checks.append(await _secret(settings, database))
    checks.extend(await _derivation(database))
    built = settings.pwa_dist.is_dir()
    checks.append(Check("apps", "built" if built else "not built", built, "" if built else "Run `make setup build`."))
    return checks


async def _sqlite(database: Database) -> list[Check]:
    checks = []
    if sqlite3.sqlite_version_info < WAL_RESET_FIXED:
        note = "before 3.51.3: has the WAL-reset bug; run one writing command at a time beside the server"
        checks.append(Check("SQLite", f"{sqlite3.sqlite_version}, {note}"))
    async with database.write() as session:
        durable = (await session.execute(text("PRAGMA synchronous"))).scalar_one()
        mode = (await session.execute(text("PRAGMA journal_mode"))).scalar_one()
    is_well = (durable, mode) == (2, "wal")
    remedy = "" if is_well else "Put the data folder on a local disk: a network file system cannot hold a WAL."
    return [*checks, Check("SQLite journal", f"{mode}, synchronous={durable}", is_well, remedy)]


def _age(settings: Settings) -> list[Check]:
    """Say that an older database stood in the place of a newer one: somebody put back a copy by hand."""
    put_back = read_mark(settings.data).put_back
    if put_back is None:
        return []
    state = f"an older database of {put_back.mission} was put back, noticed {iso(put_back.at)}; phones offer again"
    return [Check("database's age", state)]


async def _backups(database: Database) -> list[Check]:
    """Say when the last backup was made and whether it lies elsewhere; none, or an old one, is to be changed."""
    try:
        async with database.read() as session:
            made = await backups(session)
            has_missions = bool(await mission_heads(session))
    except SQLAlchemyError:
        return []  # The schema's own check says what to do first.
    if not has_missions:
        return []
    if not made:
        remedy = "Run `steppe backup key`, then `steppe backup --to FOLDER` with a folder off this machine."
        return [Check("backup", "there was never one", is_well=False, remedy=remedy)]
    newest, away = made[0].made_at, max((one.made_at for one in made if one.away_at is not None), default=None)
    if now() - newest > OLD_BACKUP:
        return [Check("backup", f"the last is of {iso(newest)}", is_well=False, remedy="Run `steppe backup`.")]
    if away is None or now() - away > OLD_BACKUP:
        state = f"the last is of {iso(newest)}, none of these days lies off this machine"
        remedy = "Carry one away and run `steppe backup confirm`, or use `--to` with a folder of another machine."
        return [Check("backup", state, is_well=False, remedy=remedy)]
    return [Check("backup", f"of {iso(newest)}; off this machine: {iso(away)}")]


Examined = Callable[[ReadSession, MissionHead], Awaitable[list[Check]]]


async def _of_each_mission(database: Database, examined: Examined) -> list[Check]:
    try:
        async with database.read() as session:
            return [check for head in await mission_heads(session) for check in await examined(session, head)]
    except SQLAlchemyError:
        return []  # The schema's own check says what to do first.


async def _restores(session: ReadSession, head: MissionHead) -> list[Check]:
    """Say of which time the desk's own facts may be missing, until somebody at the desk has looked after them."""
    remedy = (
        "Do again what was decided then: people, phones, grants, keys, checklists. "
        "Then a co-ordinator, the head or an administrator says so on the desk's first page."
    )
    return [
        Check(
            "restore",
            f"{head.code}: what was decided {_period(period)} may be missing, and nobody has looked after it",
            is_well=False,
            remedy=remedy,
        )
        for period in await unread_restores(session, head.id)
    ]


def _period(period: RestoredPeriod) -> str:
    until = iso(period.until)
    return f"from {iso(period.since)} to {until}" if period.since else f"before {until}"


async def _checkpoints(session: ReadSession, head: MissionHead) -> list[Check]:
    """Say how old a mission's newest checkpoint is, and whether it still fits the trees."""
    made = await checkpoints(session, head.id)
    again = "Run `steppe receipt checkpoint`; a server with STEPPE_BACKUP_TO signs one after each of its backups."
    if not made:
        has_receipts = (await read_safety(session, head.id)).tree.size > 0
        words = f"{head.code}: there was never one"
        return [Check("checkpoint", words, not has_receipts, again if has_receipts else "")]
    newest = made[-1]
    words = f"{head.code}: the newest is of {iso(newest.made_at)}, over {newest.receipts} receipts"
    if fault := await fault_of_checkpoint(session, newest):
        remedy = (
            "Run `steppe verify`: it names the first entry that is missing or was changed. Compare with checkpoints "
            "that others keep (`--held FILE`), and bring back a backup of before; sign no other one until then."
        )
        return [Check("checkpoint", f"{words}; {fault}", is_well=False, remedy=remedy)]
    if now() - newest.made_at > OLD_BACKUP:
        return [Check("checkpoint", words, is_well=False, remedy=again)]
    return [Check("checkpoint", f"{words}, and fits what is held")]


async def _schema(database: Database) -> Check:
    difference = await migrate.pending(database)
    if difference:
        return Check("schema", difference, is_well=False, remedy="Run `steppe migrate`.")
    return Check("schema", "up to date")


async def _derivation(database: Database) -> list[Check]:
    """Say whether reports stand as earlier rules derived them: then levels and places are not those of today's."""
    try:
        async with database.read() as session:
            behind = (await session.exec(select(MissionCounter).where(MissionCounter.derivation < DERIVATION))).all()
    except SQLAlchemyError:
        return []  # The schema's own check says what to do first.
    if behind:
        remedy = "Run `steppe rebuild`: levels, places and counts are then those of today's rules."
        return [Check("reports", "derived by earlier rules", is_well=False, remedy=remedy)]
    return [Check("reports", "derived by today's rules")]


class SecretDoesNotOpen(Problem):
    """The server's secret is not the one the missions' keys are wrapped with."""

    slug = "secret-does-not-open"
    title = "The missions' keys do not open with this server's secret"
    next = "Bring back the secret the mission was loaded with: without it no report can be opened."


async def check_secret(settings: Settings, database: Database) -> int:
    """Return how many keys of missions this server's secret opens. Raises SecretDoesNotOpen when one stays shut.

    A server that served with it would set aside every report as unreadable.
    """
    async with database.read() as session:
        wrapped = (await session.exec(select(MissionKey.private_wrapped))).all()
    shut = sum(not keys.opens(text_, *settings.secrets()) for text_ in wrapped)
    if shut:
        msg = f"{shut} of {len(wrapped)} stay shut"
        raise SecretDoesNotOpen(msg)
    return len(wrapped)


async def _secret(settings: Settings, database: Database) -> Check:
    try:
        opened = await check_secret(settings, database)
    except SecretDoesNotOpen as problem:
        state = "do not open with this server's secret"
        return Check("mission keys", state, is_well=False, remedy=problem.next)
    except SQLAlchemyError:
        return Check("mission keys", "none yet")
    return Check("mission keys", f"{opened}, open with this server's secret")


def _files(settings: Settings) -> Check:
    loose = list(loose_files(settings.data))
    if not loose:
        return Check("data folder", "for this server's user only")
    state = f"{len(loose)} files or folders are open to other users of this machine, such as {loose[0]}"
    remedy = f"chmod -R go= {settings.data}"
    return Check("data folder", state, is_well=False, remedy=remedy)
