"""Queries and decisions about the same report, joined: one that leaves returns it, an open one is warned of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from steppe.decisions.commands import DecisionRecorder, NewDecision
from steppe.decisions.warnings import AcceptanceWarning
from steppe.kit.db import ReadSession, WriteSession
from steppe.queries.queries import open_queries_about
from steppe.queries.returning import Returning


def returning_by(recorder: DecisionRecorder) -> Returning:
    """Return what notes, as a decision of whoever let a query go, that its report went back to the team."""

    async def note(session: WriteSession, mission_id: UUID, submission_id: UUID, query_id: UUID, by: UUID) -> None:
        returned = NewDecision(mission_id, submission_id, "returned", by, payload={"query": str(query_id)})
        await recorder.record(session, returned)

    return note


async def open_query_warnings(
    session: ReadSession, mission_id: UUID, submissions: Collection[UUID]
) -> Mapping[UUID, Sequence[AcceptanceWarning]]:
    """Return by report the queries about it that its team has not answered: what `Blockers` asks for."""
    found: dict[UUID, list[AcceptanceWarning]] = defaultdict(list)
    for one in await open_queries_about(session, mission_id, submissions):
        # With its round: one confirmed once says nothing of what was asked again since.
        found[one.submission_id].append(
            AcceptanceWarning(f"query:{one.id}:{one.round}", "open_query", one.path or None)
        )
    return found
