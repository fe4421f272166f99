"""Reports the caller may read, through the one scoped statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from sqlmodel import col, select

from steppe.attachments.models import Attachment
from steppe.attachments.queries import readable_attachment
from steppe.checklists.lifecycle import is_late
from steppe.checklists.marks import plain
from steppe.decisions.queries import ReviewMarks, assigned_to, read_by, review_marks
from steppe.kit.db import ReadSession
from steppe.kit.problems import NotFound
from steppe.missions.models import District, Region, Station
from steppe.people.models import Device, Person, Team
from steppe.people.policy import Scope
from steppe.review.history import History
from steppe.review.phone_clock import phone_clock
from steppe.review.report import Report
from steppe.review.schemas import (
    AttachmentOut,
    RevisionOut,
    SubmissionLineOut,
    SubmissionOut,
    SubmissionsOut,
    Texts,
)
from steppe.submissions.filters import Filters
from steppe.submissions.merging import own_revisions, repeats_of
from steppe.submissions.models import Revision, RevisionAttachment
from steppe.submissions.scope import last_number, newest_submissions, scoped_submission
from steppe.summaries.narratives import question_of
from steppe.summaries.queries import published
from steppe.summaries.sums import FormVersion
from steppe.sync.held_reports import held_reports
from steppe.sync.models import InboxItem

if TYPE_CHECKING:
    from steppe.submissions.models import Submission

HASH_SHOWN = 12
_RevisionRow: TypeAlias = tuple[Revision, str, Person, datetime | None]
_PLACE_TABLES: dict[str, type[Region | District | Station]] = {
    "region": Region,
    "district": District,
    "station": Station,
}


@dataclass(frozen=True, slots=True)
class OwnFilters:
    """What a list is narrowed to by what one person at the desk has to do: assigned to them, not read by them yet."""

    person_id: UUID
    is_mine: bool = False
    is_unread: bool = False


async def submissions(
    session: ReadSession, scope: Scope, filters: Filters, own: OwnFilters, *, before: int | None, limit: int
) -> SubmissionsOut:
    """Return up to `limit` reports the scope may read, last changed first, older than number `before`."""
    n = await last_number(session, scope)
    found = await newest_submissions(
        session,
        scope,
        filters,
        before=before,
        limit=limit,
        among=assigned_to(scope.mission, own.person_id) if own.is_mine else None,
        read=read_by(scope.mission, own.person_id) if own.is_unread else None,
    )
    marks = await review_marks(session, scope, own.person_id, [one.id for one in found])
    versions = await published(session, scope)
    teams = await _team_codes(session, scope)
    lines = [
        SubmissionLineOut(**_line(submission, versions[submission.checklist_version_id], teams, marks))
        for submission in found
    ]
    return SubmissionsOut(n=n, submissions=lines, before=found[-1].n if len(found) == limit else None)


async def submission(session: ReadSession, scope: Scope, person_id: UUID, submission_id: UUID) -> SubmissionOut:
    """Return one whole report, with this person's marks. Raises NotFound where there is none for the scope."""
    found = await scoped_submission(session, scope, submission_id)
    if found is None:
        raise NotFound
    version = (await published(session, scope))[found.checklist_version_id]
    report = Report(
        version.definition,
        found.answers,
        found.flags,
        sees_sealed=scope.sees_sealed,
        places=await _places(session, found, version),
    )
    rows = await _revision_rows(session, found)
    history = await _history(session, found, version, report, is_edited=len(rows) > 1)
    return SubmissionOut(
        **_line(
            found,
            version,
            await _team_codes(session, scope),
            await review_marks(session, scope, person_id, [found.id]),
        ),
        languages=list(version.definition.languages),
        district=found.district_code,
        **await _place_names(session, found),
        noted=report.noted(),
        sections=report.sections(),
        conflicts=history.conflicts(),
        attachments=[
            one
            for one in await _attachments(session, found, version)
            if not _is_kept_back(question_of(one.path), version, scope)
        ],
        revisions=_revisions(rows, history),
    )


async def attachment(session: ReadSession, scope: Scope, sha256: str) -> RevisionAttachment:
    """Return what a report says of a photo or file. Raises NotFound when no report shows it to the scope yet."""
    named = await readable_attachment(session, scope, sha256)
    found = await scoped_submission(session, scope, named.submission_id)
    if found is None:
        raise NotFound
    version = (await published(session, scope))[found.checklist_version_id]
    if _is_kept_back(question_of(named.path), version, scope):
        raise NotFound
    return named


def _is_kept_back(question: str, version: FormVersion, scope: Scope) -> bool:
    """Whether the scope may not see what was answered here; with an unreadable version nobody knows what is sealed."""
    if scope.sees_sealed:
        return False
    if not version.is_readable:
        return True
    return any(one.id == question and one.sealed for _, _, one in version.definition.questions())


async def _team_codes(session: ReadSession, scope: Scope) -> dict[UUID, str]:
    return dict((await session.exec(select(Team.id, Team.code).where(Team.mission_id == scope.mission))).all())


def _line(submission: Submission, version: FormVersion, teams: dict[UUID, str], marks: ReviewMarks) -> dict[str, Any]:
    return {
        "id": submission.id,
        "code": submission.code,
        "n": submission.n,
        "form": version.form,
        "kind": version.kind,
        "title": version.definition.title,
        "version": version.definition.version,
        "region": submission.region_code,
        "place": submission.place,
        "team": teams[submission.team_id],
        "origin": submission.origin,
        "status": submission.status,
        "level": submission.level,
        "observed_on": submission.observed_on,
        "received_at": submission.received_at,
        "severity": submission.severity,
        "flags": len(submission.flags),
        "is_late": is_late(submission.received_at, version.retired_at),
        "is_changed_after_acceptance": marks.reviews[submission.id].is_changed_after_acceptance,
        "is_unread": marks.is_unread(submission.id, submission.n),
        "assignee": marks.assignees.get(submission.id),
    }


async def _place_names(session: ReadSession, found: Submission) -> dict[str, Texts | None]:
    mission = found.mission_id
    return {
        "region_name": await _name_of(session, "region", mission, found.region_code),
        "district_name": await _name_of(session, "district", mission, found.district_code),
        "place_name": await _name_of(session, "station", mission, found.place),
    }


async def _places(session: ReadSession, found: Submission, version: FormVersion) -> dict[str, Texts]:
    """Names of the places that answers of the report point to, by question."""
    names: dict[str, Texts] = {}
    for _, _, question in version.definition.questions():
        code = found.answers.get(question.id)
        if question.location and isinstance(code, str):
            name = await _name_of(session, question.location, found.mission_id, code)
            if name:
                is_numbered = question.location == "station"
                names[question.id] = {tag: f"{code} · {text}" for tag, text in name.items()} if is_numbered else name
    return names


async def _name_of(session: ReadSession, kind: str, mission_id: UUID, code: str) -> Texts | None:
    place: Region | District | Station | None = await session.get(_PLACE_TABLES[kind], (mission_id, code))
    return None if place is None else place.name


async def _attachments(session: ReadSession, found: Submission, version: FormVersion) -> list[AttachmentOut]:
    labels = {question.id: plain(question.label) for _, _, question in version.definition.questions()}
    query = (
        select(RevisionAttachment, Attachment.offset, Attachment.completed_at)
        .outerjoin(
            Attachment,
            (col(Attachment.mission_id) == col(RevisionAttachment.mission_id))
            & (col(Attachment.sha256) == col(RevisionAttachment.sha256)),
        )
        .where(RevisionAttachment.mission_id == found.mission_id, RevisionAttachment.submission_id == found.id)
        .order_by(RevisionAttachment.path)
    )
    shown = {}
    for named, received, completed_at in (await session.exec(query)).all():
        shown[named.sha256] = AttachmentOut(
            path=named.path,
            label=labels.get(question_of(named.path)),
            sha256=named.sha256,
            plain_sha256=named.plain_sha256,
            type=named.type,
            size=named.size,
            received=received or 0,
            is_complete=completed_at is not None,
        )
    return list(shown.values())


async def _history(
    session: ReadSession, found: Submission, version: FormVersion, report: Report, *, is_edited: bool
) -> History:
    """Return the history of a report; of one with a single revision nothing is read, there is none."""
    if not is_edited:
        return History([], frozenset(), report)
    held = (await held_reports(session, found.mission_id, {found.id}))[found.id]
    own = own_revisions(held.revisions, found.team_id, found.checklist_version_id)
    return History(own, repeats_of(version.definition), report)


async def _revision_rows(session: ReadSession, found: Submission) -> Sequence[_RevisionRow]:
    """Return a report's revisions, the last received first, with phone's letter, author, and when each came."""
    query = (
        select(Revision, Device.letter, Person, InboxItem.received_at)
        .join(Device, col(Device.id) == col(Revision.device_id))
        .join(Person, col(Person.id) == col(Revision.author_id))
        .outerjoin(
            InboxItem,
            (col(InboxItem.mission_id) == col(Revision.mission_id)) & (col(InboxItem.seq) == col(Revision.seq)),
        )
        .where(Revision.mission_id == found.mission_id, Revision.submission_id == found.id)
        .order_by(col(Revision.seq).desc())
    )
    return (await session.exec(query)).all()


def _revisions(rows: Sequence[_RevisionRow], history: History) -> list[RevisionOut]:
    return [
        RevisionOut(
            id=revision.id,
            device=letter,
            device_seq=revision.device_seq,
            author=author.function,
            author_functions=author.functions,
            made_at=revision.made_at,
            zone=revision.zone,
            received_at=received_at,
            seq=revision.seq,
            clock=phone_clock(revision.made_at, revision.clock, received_at),
            hash=revision.hash[:HASH_SHOWN],
            reason=revision.reason,
            is_waiting=bool(revision.waits_for),
            changes=history.changes(revision.id),
        )
        for revision, letter, author, received_at in rows
        if not history.revisions or revision.id in history.revisions
    ]
