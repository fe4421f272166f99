"""Reads of decisions: what the review of a report came to, and its history for those who may read the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from steppe.decisions.models import Decision, ReadingMark
from steppe.decisions.review_state import REVISION, Review, ReviewEvent, review_after
from steppe.decisions.schemas import ColleagueOut, DecisionOut
from steppe.kit.clock import now
from steppe.kit.db import ReadSession, in_list
from steppe.people.access import grants_of
from steppe.people.models import Person
from steppe.people.policy import SEALED, ReportFacts, Scope, decide, scope_of
from steppe.submissions.models import Revision, SignedFact


def took(table: type[Revision | SignedFact]) -> ColumnElement[bool]:
    """Return the condition on a decision that it took what lies here out of quarantine."""
    return and_(
        col(Decision.mission_id) == col(table.mission_id),
        col(Decision.inbox_seq) == col(table.seq),
        col(Decision.kind) == "taken",
    )


NUMBER_OF_REVISION: Final = func.coalesce(col(Decision.n), col(Revision.seq))
"""Beside `took`: since when a revision counts, since it came or, kept aside, since it was taken."""


async def review_events(
    session: ReadSession, mission_id: UUID, submissions: Collection[UUID]
) -> dict[UUID, list[ReviewEvent]]:
    """Return by submission its revisions and the decisions about it, in any order; of these of the mission.

    A revision that waits for what it was made from has changed nothing yet.
    """
    events: dict[UUID, list[ReviewEvent]] = defaultdict(list)
    if not submissions:
        return events
    keys = in_list(submissions)
    decided = select_columns(col(Decision.submission_id), col(Decision.n), col(Decision.kind)).where(
        col(Decision.mission_id) == mission_id, col(Decision.submission_id).in_(keys)
    )
    for submission, n, kind in (await session.execute(decided)).all():
        events[submission].append(ReviewEvent(n, kind))
    revised = (
        select_columns(col(Revision.submission_id), NUMBER_OF_REVISION, col(Revision.waits_for))
        .outerjoin(Decision, took(Revision))
        .where(col(Revision.mission_id) == mission_id, col(Revision.submission_id).in_(keys))
    )
    for submission, n, waits_for in (await session.execute(revised)).all():
        if not waits_for:
            events[submission].append(ReviewEvent(n, REVISION))
    return events


async def review_of(session: ReadSession, mission_id: UUID, submission_id: UUID) -> Review:
    """Return where the review of one report of the mission stands."""
    return review_after((await review_events(session, mission_id, [submission_id]))[submission_id])


@dataclass(frozen=True, slots=True)
class ReviewMarks:
    """What a list says of the reviews of its reports to one person."""

    reviews: Mapping[UUID, Review]
    assignees: Mapping[UUID, ColleagueOut]
    read: Mapping[UUID, int]
    """Up to which number the person has read each."""

    def is_unread(self, submission_id: UUID, n: int) -> bool:
        """Say whether a report, last changed at `n`, changed since the person read it."""
        return self.read.get(submission_id, 0) < n


async def review_marks(
    session: ReadSession, scope: Scope, person_id: UUID, submissions: Collection[UUID]
) -> ReviewMarks:
    """Return the marks of these reports, which the scope was found to read."""
    events = await review_events(session, scope.mission, submissions)
    assigned = _last_assignments(scope.mission).where(col(Decision.submission_id).in_(in_list(submissions)))
    people = await colleagues(session, scope.mission)
    read = select(ReadingMark.submission_id, ReadingMark.n).where(
        ReadingMark.mission_id == scope.mission,
        ReadingMark.person_id == person_id,
        col(ReadingMark.submission_id).in_(in_list(submissions)),
    )
    return ReviewMarks(
        {key: review_after(several) for key, several in events.items()},
        {
            submission: people[assignee]
            for submission, assignee in (await session.execute(assigned)).all()
            if assignee in people
        },
        dict((await session.exec(read)).all()),
    )


def _last_assignments(mission_id: UUID) -> Select[UUID | None, UUID | None]:
    """Select submission and assignee of the last assignment of each report."""
    is_assignment = (col(Decision.mission_id) == mission_id, col(Decision.kind) == "assigned")
    last = select_columns(func.max(col(Decision.n))).where(*is_assignment).group_by(col(Decision.submission_id))
    return select_columns(col(Decision.submission_id), col(Decision.assignee_id)).where(
        *is_assignment, col(Decision.n).in_(last)
    )


def assigned_to(mission_id: UUID, person_id: UUID) -> Select[UUID | None]:
    """Select the submissions that are assigned to a person now."""
    last = _last_assignments(mission_id).subquery()
    return select_columns(last.c.submission_id).where(last.c.assignee_id == person_id)


def read_by(mission_id: UUID, person_id: UUID) -> Select[UUID, int]:
    """Select submission and number up to which a person has read it."""
    return select_columns(col(ReadingMark.submission_id), col(ReadingMark.n)).where(
        col(ReadingMark.mission_id) == mission_id, col(ReadingMark.person_id) == person_id
    )


async def read_number(session: ReadSession, mission_id: UUID, person_id: UUID, submission_id: UUID) -> int:
    """Return up to which number a person has read a report; 0: not at all."""
    query = select(ReadingMark.n).where(
        ReadingMark.mission_id == mission_id,
        ReadingMark.person_id == person_id,
        ReadingMark.submission_id == submission_id,
    )
    return (await session.exec(query)).first() or 0


async def history(session: ReadSession, scope: Scope, submission_id: UUID) -> list[DecisionOut]:
    """Return the decisions and notes about a report that the scope was found to read, oldest first.

    What is about a sealed answer is for those who are shown the answer.
    """
    query = (
        select(Decision)
        .where(Decision.mission_id == scope.mission, Decision.submission_id == submission_id)
        .order_by(col(Decision.n))
    )
    people = await colleagues(session, scope.mission)
    return [
        _decision_out(one, people)
        for one in (await session.exec(query)).all()
        if one.level != SEALED or scope.sees_sealed
    ]


def _decision_out(one: Decision, people: Mapping[UUID, ColleagueOut]) -> DecisionOut:
    return DecisionOut(
        id=one.id,
        n=one.n,
        kind=one.kind,
        path=one.path,
        author=people.get(one.author_id) if one.author_id else None,
        assignee=people.get(one.assignee_id) if one.assignee_id else None,
        made_at=one.made_at,
        text=one.text,
        recommends=one.payload.get("recommends"),
    )


async def colleagues(session: ReadSession, mission_id: UUID) -> dict[UUID, ColleagueOut]:
    """Return everybody who is or was at the mission's desk."""
    query = select(Person.id, Person.function, Person.functions).where(
        Person.mission_id == mission_id, Person.role != "observer"
    )
    return {
        key: ColleagueOut(id=key, function=function, functions=functions)
        for key, function, functions in (await session.exec(query)).all()
    }


async def readers_of(session: ReadSession, report: ReportFacts) -> Sequence[UUID]:
    """Return the people at the desk who may read a report now, by their function's name."""
    query = (
        select(Person)
        .where(Person.mission_id == report.mission, Person.role != "observer", col(Person.left_at).is_(None))
        .order_by(Person.function)
    )
    at = now()
    readers = []
    for person in (await session.exec(query)).all():
        guest = person.origin if person.origin != "odihr" else None
        scope = scope_of(report.mission, person.role, await grants_of(session, person), at, guest)  # type: ignore[arg-type] # a word of the column
        if decide(scope, "read_reports", report):
            readers.append(person.id)
    return readers
