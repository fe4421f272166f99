"""What whoever accepts a report is warned of first. Pure.

A warning stops nobody: it is confirmed by its id, and then the report is accepted. The id names what it is about, so
that confirming one says nothing of another that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol
from uuid import UUID

from steppe.decisions.withdrawals import StandingWithdrawal
from steppe.submissions.current import SubmissionRow

if TYPE_CHECKING:
    from steppe.kit.db import ReadSession

WarningKind = Literal["critical", "dissent", "conflict", "open_query", "one_signature", "withdrawal"]
AGREEMENT_QUESTION: Final = "both_agree"
"""The common block's question whether both observers agree with the entry."""
CRITICAL: Final = 3
BULK_SEVERITY: Final = 2
"""A report with a flag at least this severe is accepted by itself, by somebody who opened it."""


@dataclass(frozen=True, slots=True)
class AcceptanceWarning:
    """One thing left undone. `id` is the same for as long as it is the same thing; `path` the answer it is about."""

    id: str
    kind: WarningKind
    path: str | None = None


class Blockers(Protocol):
    """What another part of the server knows to be undone about reports: queries nobody answered, signatures missing."""

    async def __call__(
        self, session: ReadSession, mission_id: UUID, submissions: Collection[UUID]
    ) -> Mapping[UUID, Sequence[AcceptanceWarning]]:
        """Return by submission what is undone, of these of the mission."""


def own_warnings(row: SubmissionRow, read_n: int) -> list[AcceptanceWarning]:
    """Return what the report itself says to somebody who has read it up to the mission's number `read_n`."""
    warnings = []
    if row["status"] == "conflict":
        warnings.append(AcceptanceWarning(f"conflict:{row['n']}", "conflict"))
    if row["answers"].get(AGREEMENT_QUESTION) == "no":
        warnings.append(AcceptanceWarning("dissent", "dissent", AGREEMENT_QUESTION))
    if read_n < row["n"]:
        warnings += [
            AcceptanceWarning(f"critical:{flag['path']}:{row['n']}", "critical", flag["path"])
            for flag in row["flags"]
            if flag["severity"] >= CRITICAL
        ]
    return warnings


def withdrawal_warnings(withdrawals: Iterable[StandingWithdrawal]) -> list[AcceptanceWarning]:
    """Return what its team said to take the report back: whoever accepts it decides against that."""
    return [
        AcceptanceWarning(f"withdrawal:{one.withdrawal.id}:{one.state}", "withdrawal")
        for one in withdrawals
        if one.state != "declined"
    ]
