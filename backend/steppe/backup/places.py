"""Where backups lie: names of their files, which older ones go (`7d4w`), the one running at a time, scratch places."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

from steppe.backup.problems import BackupNotWritten, BackupRunning
from steppe.kit.private_files import PRIVATE_FOLDER, locked
from steppe.kit.problems import Problem

UNFINISHED: Final = ".part"
FILES_FOLDER: Final = "files"
_NAME: Final = re.compile(r"steppe-(\d{8}T\d{6}Z)\.age")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_KEEP: Final = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})w)?")
_SCRATCH: Final = "backup-scratch-"
_LOCK: Final = "backup.lock"


class BadKeep(Problem):
    """What is to be kept is not said in days and weeks."""

    slug = "bad-keep"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Which backups shall be kept?"
    next = "Say it as 7d4w: the last of each of 7 days, and of each of 4 weeks. Nothing was deleted."


def backup_name(moment: datetime) -> str:
    """Return the name of a backup's file, which tells the moment it shows."""
    return f"steppe-{moment.astimezone(UTC).strftime(_STAMP)}.age"


def moment_of(name: str) -> datetime | None:
    """Return the moment that a backup's name tells; None for every other file."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None


def read_keep(text: str) -> tuple[int, int]:
    """Return days and weeks of a rule such as `7d4w`. Raises BadKeep."""
    found = _KEEP.fullmatch(text.strip().lower())
    days, weeks = (int(one or 0) for one in found.groups()) if found else (0, 0)
    if days + weeks == 0:
        msg = f"{text!r}"
        raise BadKeep(msg)
    return days, weeks


def expendable(moments: Sequence[datetime], days: int, weeks: int) -> set[datetime]:
    """Return the backups that a rule lets go: all but the last of each day and week that has one, counted back.

    Days and weeks without a backup do not count, so a server that stood still for a month keeps what it had. Days are
    UTC's, weeks begin on Monday. The newest always stays.
    """
    by_day = {moment.date(): moment for moment in sorted(moments)}
    by_week = {moment.date() - timedelta(days=moment.weekday()): moment for moment in sorted(moments)}
    kept = {by_day[day] for day in sorted(by_day)[-days:]} if days else set()
    kept |= {by_week[week] for week in sorted(by_week)[-weeks:]} if weeks else set()
    return set(moments) - kept - {max(moments, default=None)}


def delete_expendable(folder: Path, rule: str) -> list[str]:
    """Delete the backups of a folder that a rule lets go, and return their names. Other files stay."""
    days, weeks = read_keep(rule)
    held = {moment: path for path in folder.iterdir() if (moment := moment_of(path.name)) is not None}
    gone = sorted(expendable(list(held), days, weeks))
    for moment in gone:
        held[moment].unlink()
    return [held[moment].name for moment in gone]


def is_same_disk(folder: Path, data: Path) -> bool:
    """Say whether a folder lies on the disk that the server's own data lie on: what takes one takes the other."""
    return folder.stat().st_dev == data.stat().st_dev


def make_private_folder(folder: Path) -> None:
    """Make a folder for this user only, unless it is there. Raises BackupNotWritten."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupNotWritten(str(error)) from error


@contextmanager
def one_at_a_time(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder's backups, and clear away what a killed one left. Raises BackupRunning."""
    with ExitStack() as held:
        try:
            held.enter_context(locked(data / _LOCK))
        except BlockingIOError as error:
            raise BackupRunning from error
        for left in data.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def scratch_place(data: Path) -> Iterator[Path]:
    """Give a folder for this user only, gone with everything in it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=data))
    os.chmod(folder, PRIVATE_FOLDER)  # noqa: PTH101 - whatever the umask was
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
