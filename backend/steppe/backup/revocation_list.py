"""The list of refused phones beside the database: a restored copy must not let a seized phone in again.

Lines of JSON, appended and never changed: `{device, mission, <columns of device that say it was revoked>}`. A phone
that was let in again and refused anew has a line for each time; otherwise it has one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

REVOCATIONS: Final = "revocations.jsonl"
_SERIAL: Final = "revoked_serial"
Revocations = dict[UUID, dict[str, Any]]


def read_revocations(path: Path) -> Revocations:
    """Return the last line of each device; lines that cannot be read, such as a torn last one, are passed over."""
    try:
        return _read(path.read_bytes())
    except FileNotFoundError:
        return {}


def _read(content: bytes) -> Revocations:
    held: Revocations = {}
    for line in content.splitlines():
        try:
            said = orjson.loads(line)
            held[UUID(said["device"])] = said
        except (ValueError, KeyError, TypeError):
            continue
    return held


def append_revocations(path: Path, revoked: Mapping[UUID, Mapping[str, Any]]) -> Revocations:
    """Append what the list does not have yet; return it as it is on the disk then.

    A later order to a phone is another line; an earlier one, of a database that was put back, is none. Several servers
    may keep one list: each reads it under the lock, or it would write a second time what another has written.
    """
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        held = _read(file.read())
        new = [{"device": one, **said} for one, said in revoked.items() if _is_new(said, held.get(one))]
        # A line that a power cut tore must not swallow the next one.
        # asyncpg's ids are a kind of their own, which is written as text like any other.
        lines = b"".join(b"\n" + orjson.dumps(said, default=str) for said in new)
        if lines:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    return held | _read(lines)


def _is_new(said: Mapping[str, Any], listed: Mapping[str, Any] | None) -> bool:
    return listed is None or (said.get(_SERIAL) or 0) > (listed.get(_SERIAL) or 0)
