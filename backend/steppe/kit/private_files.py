"""Files of the server are for its own user only, whatever umask the service was started with."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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
