"""Files that come together or in a zip: bounded before they are unpacked, with names that lead nowhere."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final

from steppe.kit.problems import Problem

MEBIBYTE: Final = 1024 * 1024
_LONGEST_NAME: Final = 200
"""Bytes; file systems take 255."""
_JUNK: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class BadUpload(Problem):
    """The files that came cannot be taken."""

    slug = "bad-upload"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The upload cannot be used"
    next = "Correct what the detail names and upload again. Nothing was kept."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may hold at most: bytes packed, bytes unpacked, bytes of one file, files."""

    packed: int
    unpacked: int
    file: int
    files: int


def safe_name(path: str) -> str:
    """Return the last part of a file's path. Raises BadUpload for a path that leaves its folder, or for none."""
    pure = PurePosixPath(path.replace("\\", "/"))
    is_whole = pure.name and not pure.is_absolute() and ".." not in pure.parts and ":" not in pure.parts[0]
    if not is_whole or not pure.name.isprintable() or len(pure.name.encode(errors="replace")) > _LONGEST_NAME:
        msg = f"{path!r} is no name of a file within its folder"
        raise BadUpload(msg)
    return pure.name


def unzipped(content: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the files of a zip by their path in it; folders and what file managers leave behind are passed over.

    Raises BadUpload for what is no zip, is encrypted, damaged, over the limits, or has a path that leads out.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_junk(entry.filename)]
            # The declared size is also what zipfile stops at: an entry cannot unpack to more than it says.
            check_sizes({entry.filename: entry.file_size for entry in entries}, limits)
            for entry in entries:
                safe_name(entry.filename)
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        msg = f"the zip cannot be read: {error}"
        raise BadUpload(msg) from error


def check_packed(content: bytes, name: str, limits: Limits, *, but: str) -> None:
    """Say that a file which is a zip inside (.xlsx) stays within the limits unpacked, but for its parts under a folder.

    Raises BadUpload. Whoever reads the parts in `but` holds them to limits of their own.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            check_sizes({f"{name}: {part}": sizes[part] for part in sizes if not part.startswith(but)}, limits)
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        msg = f"{name} is no spreadsheet: {error}"
        raise BadUpload(msg) from error


def _is_junk(path: str) -> bool:
    return path.startswith(_JUNK[0]) or path.endswith(_JUNK[1:])


def check_sizes(sizes: Mapping[str, int], limits: Limits) -> None:
    """Say that files of these sizes in bytes, by name, stay within the limits together. Raises BadUpload."""
    if len(sizes) > limits.files:
        msg = f"{len(sizes)} files are too many: at most {limits.files}"
        raise BadUpload(msg)
    for name, size in sizes.items():
        if size > limits.file:
            msg = f"{name} has {size} bytes, at most {limits.file} are taken"
            raise BadUpload(msg)
    total = sum(sizes.values())
    if total > limits.unpacked:
        msg = f"all files together unpack to {total} bytes, at most {limits.unpacked} are taken"
        raise BadUpload(msg)
