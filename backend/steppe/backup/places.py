"""Where backups lie: names of their files, which older ones go (`7d4w`), the one running at a time, scratch places."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol

from steppe.backup.problems import BackupNotGood, BackupNotWritten, BackupRunning
from steppe.kit.private_files import PRIVATE_FOLDER, locked, write_whole
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


def expendable_names(names: Iterable[str], rule: str) -> list[str]:
    """Return which of these files are backups that a rule lets go, the oldest first. Raises BadKeep."""
    days, weeks = read_keep(rule)
    held = {moment: name for name in names if (moment := moment_of(name)) is not None}
    return [held[moment] for moment in sorted(expendable(list(held), days, weeks))]


def delete_expendable(folder: Path, rule: str) -> list[str]:
    """Delete the backups of a folder that a rule lets go, and return their names. Other files stay."""
    gone = expendable_names((path.name for path in folder.iterdir()), rule)
    for name in gone:
        (folder / name).unlink()
    return gone


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


def is_whole(target: Path, size: int) -> bool:
    """Say whether a file is there, with this size and the bytes its name says."""
    try:
        return target.stat().st_size == size and sha256_of(target) == target.name
    except FileNotFoundError:
        return False


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    with path.open("rb") as file:
        # What was written just now is asked of the disk and not of memory, as far as the system does that.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()


class Beside(Protocol):
    """Where photos and recordings lie beside backups, each once, under the names they have among the server's blobs."""

    async def holds(self, name: str, size: int) -> bool:
        """Say whether a file is there, whole."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file, and read it back. Raises BackupNotWritten, BackupNotGood."""

    async def get(self, name: str) -> bytes:
        """Return a file that is held."""


class BesideFolder:
    """Photos and recordings in a folder."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when there is something to keep."""
        self._folder = folder

    async def holds(self, name: str, size: int) -> bool:
        """Say whether a file is there, with its size and the bytes its name says."""
        return await asyncio.to_thread(is_whole, self._folder / name, size)

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file, and read it back from the disk."""
        path = self._folder / name
        try:
            await asyncio.to_thread(write_whole, path, content)
        except OSError as error:
            raise BackupNotWritten(str(error)) from error
        if not await self.holds(name, len(content)):
            msg = f"{path} is not what was written"
            raise BackupNotGood(msg)

    async def get(self, name: str) -> bytes:
        """Return a file that is held."""
        return await asyncio.to_thread((self._folder / name).read_bytes)
