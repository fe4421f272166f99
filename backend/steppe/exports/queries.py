"""Reports for an export, page by page, and the history of exports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlmodel import col, select

from steppe.audit.models import AuditEntry
from steppe.checklists.lifecycle import is_late
from steppe.exports.schemas import ExportedOut, ExportsOut
from steppe.exports.tables import Line
from steppe.kit.clock import iso
from steppe.kit.db import ReadSession
from steppe.people.models import Person, Team
from steppe.people.policy import OPEN_LEVELS, Scope
from steppe.submissions.filters import Filters
from steppe.submissions.models import RevisionAttachment
from steppe.submissions.queries import PAGE
from steppe.submissions.scope import submissions_from
from steppe.summaries.queries import published

if TYPE_CHECKING:
    from steppe.submissions.models import Submission

EXPORTED: Final = "export.submissions"
LATE: Final = "yes"
HISTORY_SHOWN: Final = 50


async def exported_pages(
    session: ReadSession, scope: Scope, filters: Filters, *, has_media: bool = False
) -> AsyncIterator[list[tuple[UUID, Line]]]:
    """Yield reports the scope may export in bulk with their checklist version, 500 at a time, oldest change first.

    Confidential and sealed reports are never in bulk, whoever asks. With `has_media` each line knows the types of its
    attachments. Run it in a snapshot: a report edited while pages
    are read would move past the reader or be read twice.
    """
    teams = dict((await session.exec(select(Team.id, Team.code).where(Team.mission_id == scope.mission))).all())
    versions = await published(session, scope)
    after = -1
    while True:
        found = await submissions_from(session, scope, filters, after=after, limit=PAGE, levels=OPEN_LEVELS)
        if not found:
            return
        media = await _media_types(session, scope.mission, [one.id for one in found]) if has_media else {}
        yield [
            (
                one.checklist_version_id,
                _line(one, teams[one.team_id], versions[one.checklist_version_id].retired_at, media),
            )
            for one in found
        ]
        after = found[-1].n
        session.expunge_all()


def _line(submission: Submission, team: str, retired_at: datetime | None, media: dict[str, str]) -> Line:
    facts = (
        submission.code,
        submission.region_code,
        submission.district_code,
        submission.place,
        team,
        submission.origin,
        submission.observed_on.isoformat(),
        iso(submission.received_at),
        submission.status,
        LATE if is_late(submission.received_at, retired_at) else "",
    )
    return Line(submission.id, facts, submission.answers, submission.received_at, media)


async def _media_types(session: ReadSession, mission_id: UUID, submissions: list[UUID]) -> dict[str, str]:
    """Return the media types of the attachments of these reports, by the SHA-256 of their plain bytes."""
    query = select(RevisionAttachment.plain_sha256, RevisionAttachment.type).where(
        RevisionAttachment.mission_id == mission_id, col(RevisionAttachment.submission_id).in_(submissions)
    )
    return dict((await session.exec(query)).all())


async def exports_made(session: ReadSession, scope: Scope) -> ExportsOut:
    """Return the mission's last fifty exports with who made them and the hash of each file.

    How many reports somebody else took out is told to those who could have counted them.
    """
    query = (
        select(AuditEntry)
        .where(AuditEntry.mission_id == scope.mission, AuditEntry.action == EXPORTED)
        .order_by(col(AuditEntry.at).desc())
        .limit(HISTORY_SHOWN)
    )
    entries = (await session.exec(query)).all()
    people = (await session.exec(select(Person).where(Person.mission_id == scope.mission))).all()
    makers = {f"person:{person.id}": person for person in people}
    return ExportsOut(
        exports=[
            ExportedOut(
                id=entry.id,
                at=entry.at,
                by=by.function if (by := makers.get(entry.actor)) else entry.actor,
                by_functions=by.functions if by else {},
                format=entry.detail["format"],
                region=entry.detail["region"],
                checklist=entry.detail["checklist"],
                reports=entry.detail["reports"] if scope.reads_everything_open else None,
                sha256=entry.object_id,
            )
            for entry in entries
        ]
    )
