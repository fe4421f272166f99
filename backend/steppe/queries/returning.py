"""The seam between asking and reviewing: whoever keeps the review state of reports is handed in by `main`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from steppe.kit.db import WriteSession


class Returning(Protocol):
    """Notes that a report goes back to its team, in the transaction in which a query about it leaves."""

    async def __call__(
        self, session: WriteSession, mission_id: UUID, submission_id: UUID, query_id: UUID, by: UUID
    ) -> None:
        """`by`: the person who let the query go. The caller holds the mission's counter."""


@dataclass(frozen=True, slots=True)
class ReturningReports:
    """The part of the application that notes it."""

    note: Returning
