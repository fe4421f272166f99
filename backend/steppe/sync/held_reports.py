"""Reports with every revision of them that is here, read from the inbox: what an edit is merged with."""

from __future__ import annotations

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from steppe.decisions.models import Decision
from steppe.decisions.queries import took
from steppe.decisions.taken import TakenAs
from steppe.kit.db import ReadSession, in_list
from steppe.submissions.commands import held_submissions
from steppe.submissions.current import SubmissionRow
from steppe.submissions.merging import HeldReport, HeldRevision
from steppe.submissions.models import Revision
from steppe.submissions.opening import read_signed
from steppe.submissions.revision import RevisionIn, parse_revision
from steppe.sync.items import Item, reports_withdrawn
from steppe.sync.models import InboxItem


def stored_revision(raw: bytes) -> RevisionIn:
    """Return the revision in the bytes that the inbox keeps of it. Raises ValueError: they are not what they were."""
    signed = read_signed(raw)
    found = parse_revision(signed.canonical, UUID(signed.kid))
    if isinstance(found, RevisionIn):
        return found
    raise ValueError(found)


def taken_revision(raw: bytes, payload: Mapping[str, Any] | None) -> tuple[RevisionIn, TakenAs | None]:
    """Return a revision as it counts, and what it was taken as where it had been kept aside.

    `raw`: what the inbox holds; `payload`: of the decision that took it. Raises ValueError as `stored_revision` does.
    """
    taken = TakenAs.read(payload)
    if taken is None:
        return stored_revision(raw), None
    return taken.revision(stored_revision(taken.signed or raw)), taken


async def withdrawn_versions(session: ReadSession, mission_id: UUID, items: Collection[Item]) -> dict[UUID, UUID]:
    """Return report → checklist version of the mission's reports here that withdrawals among the items take back."""
    withdrawn = reports_withdrawn(items)
    rows = await held_submissions(session, withdrawn) if withdrawn else {}
    return {key: row["checklist_version_id"] for key, row in rows.items() if row["mission_id"] == mission_id}


async def held_reports(session: ReadSession, mission_id: UUID, ids: Collection[UUID]) -> dict[UUID, HeldReport]:
    """Return the reports with these ids of which anything is here: rows of whatever mission, revisions of this one."""
    if not ids:
        return {}
    query = (
        select(
            col(Revision.submission_id),
            col(Revision.waits_for),
            col(InboxItem.team_id),
            col(InboxItem.raw),
            col(Decision.payload),
        )
        .join(
            InboxItem,
            (col(InboxItem.mission_id) == col(Revision.mission_id)) & (col(InboxItem.seq) == col(Revision.seq)),
        )
        .outerjoin(Decision, took(Revision))
        .where(col(Revision.submission_id).in_(in_list(ids)), col(Revision.mission_id) == mission_id)
        .order_by(col(Revision.seq))
    )
    stored = defaultdict[UUID, list[_Stored]](list)
    for submission, *facts in (await session.execute(query)).all():
        stored[submission].append(_Stored(*facts))
    rows = await held_submissions(session, ids)
    return {key: await to_thread(_opened, rows.get(key), stored[key]) for key in stored.keys() | rows.keys()}


class _Stored(NamedTuple):
    waits_for: list[str]
    team_id: UUID | None
    raw: bytes
    payload: dict[str, Any] | None
    """Of the decision that took it, where it had been kept aside."""

    def held(self) -> HeldRevision:
        """Return the revision, as it was taken. Raises ValueError."""
        revision, taken = taken_revision(self.raw, self.payload)
        return HeldRevision(revision, taken.team_id if taken else self.team_id, tuple(self.waits_for))


def _opened(row: SubmissionRow | None, stored: list[_Stored]) -> HeldReport:
    try:
        held = [one.held() for one in stored]
    except ValueError:
        return HeldReport(row, is_damaged=True)
    return HeldReport(row, tuple(held))
