"""The list of refused phones beside the database: a restored copy must not let a seized phone in again.

Lines of JSON, appended and never changed: `{device, mission, <columns of device that say it was revoked>}`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

REVOCATIONS: Final = "revocations.jsonl"


def read_revocations(path: Path) -> dict[UUID, dict[str, Any]]:
    """Return the last line of each device; lines that cannot be read, such as a torn last one, are passed over."""
    held: dict[UUID, dict[str, Any]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return held
    for line in lines:
        try:
            said = orjson.loads(line)
            held[UUID(said["device"])] = said
        except (ValueError, KeyError, TypeError):
            continue
    return held


def append_revocations(path: Path, revoked: Iterable[dict[str, Any]]) -> None:
    """Append lines; they are on the disk when this returns."""
    with path.open("ab") as file:
        # A line that a power cut tore must not swallow the next one.
        # asyncpg's ids are a kind of their own, which is written as text like any other.
        file.write(b"".join(b"\n" + orjson.dumps(one, default=str) for one in revoked))
        file.flush()
        os.fsync(file.fileno())
