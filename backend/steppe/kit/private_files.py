"""Files of the server: for its own user only, whatever umask it was started with; whole on the disk, or as before."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def keep_files_private() -> None:
    """Let every file this process makes from now on be 0600 and every folder 0700.

    Whoever makes a process of Steppe calls it first: SQLite, the store of bytes and temporary files take no mode.
    """
    os.umask(_OTHERS)


def loose_files(folder: Path) -> Iterator[Path]:
    """Yield the folder and what is in it, where other users of the machine may read, write or enter."""
    for path in (folder, *folder.rglob("*")):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            # A running server removes and makes files while we look.
            continue
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            yield path


def write_whole(path: Path, content: bytes, *, is_synced: bool = True) -> None:
    """Put `content` in the place of a file, which is as before until it is whole. Makes the folder. Raises OSError.

    `is_synced`: content and name are on the disk when this returns.
    """
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    # By process: several servers keep their marks in one folder.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
            file.write(content)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    if is_synced:
        sync_to_disk(path.parent)


def sync_to_disk(path: Path) -> None:
    """Bring a file, or a folder's own list of files, to the disk: a new name is not there before that."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file beside what it stands for; it goes with the process, however that ends.

    Raises BlockingIOError when another process holds it.
    """
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
