"""The mark beside a database: how far each mission was, so that an older database put back by hand is noticed.

A copy that is put back with `cp` or `pg_restore` looks whole, and its counters would give numbers a second time while
phones believe that what they sent is there. The mark stands in the data folder, which such a hand seldom touches, and
is never ahead of what was committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from steppe.kit.private_files import write_whole

MARK: Final = "incarnation.json"
AHEAD: Final = 1_000_000
"""By how much a counter moves on with a new epoch: beyond every number given since the last mark."""
_SECONDS_OF_AN_EPOCH: Final = 2
"""No restore is done faster, and counted like this epochs fit into 32 bits until 2106, which is what databases keep."""
log = logging.getLogger("steppe")


class Place(BaseModel):
    """Where a mission's feed was."""

    epoch: int
    n: int

    def is_behind(self, mark: Place) -> bool:
        """Say whether this is an earlier state than the mark tells of."""
        return (self.epoch, self.n) < (mark.epoch, mark.n)


class PutBack(BaseModel):
    """An older database was found in the place of a newer one."""

    at: datetime
    mission: str = Field(description="its code")
    was: int
    found: int


class Mark(BaseModel):
    """What the file beside the database says."""

    missions: dict[UUID, Place] = Field(default_factory=dict)
    noted_at: datetime | None = Field(default=None, description="when that was found so; marks of before have none")
    put_back: PutBack | None = Field(default=None, description="when that was last noticed")


def read_mark(data: Path) -> Mark:
    """Return the mark of a data folder; an empty one when there is none, or none that can be read."""
    try:
        return Mark.model_validate_json((data / MARK).read_bytes())
    except FileNotFoundError:
        return Mark()
    except (OSError, ValidationError) as error:
        log.warning("the mark beside the database cannot be read", extra={"facts": {"failure": type(error).__name__}})
        return Mark()


def write_mark(data: Path, mark: Mark, *, is_synced: bool) -> None:
    """Replace the mark of a data folder; `is_synced`: it is on the disk when this returns."""
    write_whole(data / MARK, mark.model_dump_json().encode(), is_synced=is_synced)


def next_epoch(known: Iterable[int], at: datetime) -> int:
    """Return an epoch above all that are known here.

    It is at least half of the seconds since 1970: a file that was restored a second time, on a machine that knows
    nothing of the first, must not come to the epoch of the first. (Counted in minutes, two restores in one did.)
    """
    return max(max(known) + 1, int(at.timestamp()) // _SECONDS_OF_AN_EPOCH)
