"""The seam between storing reports and counting them: sync stores, whoever counts is handed in by `main`.

What a report amounts to (place, level, flags) is derived in `submissions/current.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.kit.db import WriteSession
from steppe.submissions.current import WITHDRAWN, SubmissionRow


@dataclass(frozen=True, slots=True)
class Counted:
    """What a tally sees of a submission: the row it belongs to, and what is counted there."""

    region_code: str
    checklist_version_id: UUID
    day: date
    status: str
    answers: Mapping[str, Any]
    flags: Sequence[Mapping[str, Any]]
    level: str
    received_at: datetime
    origin: str


@dataclass(frozen=True, slots=True)
class SubmissionChange:
    """A submission before and after one transaction; None where it did not exist or was not counted."""

    submission_id: UUID
    definition: Definition
    before: Counted | None
    after: Counted | None


def counted(row: SubmissionRow) -> Counted | None:
    """Return what tallies see of a submission; None of one that its team took back: it is counted nowhere."""
    if row["status"] == WITHDRAWN:
        return None
    return Counted(
        row["region_code"],
        row["checklist_version_id"],
        row["observed_on"],
        row["status"],
        row["answers"],
        row["flags"],
        row["level"],
        row["received_at"],
        row["origin"],
    )


class Projection(Protocol):
    """Brings everything derived from submissions up to date, in the transaction that changes them."""

    async def __call__(self, session: WriteSession, mission_id: UUID, changes: Sequence[SubmissionChange]) -> None:
        """Apply the changes. The caller holds the mission's counter."""
