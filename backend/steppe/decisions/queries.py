"""Reads of decisions: what the review of a report came to, and its history for those who may read the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from steppe.decisions.models import Decision, ReadingMark
from steppe.decisions.review_state import (
    REVISION,
    WAITING,
    WITHDRAWAL,
    Review,
    ReviewEvent,
    Withdrawal,
    review_after,
)
from steppe.decisions.schemas import ColleagueOut, DecisionOut, WithdrawalOut
from steppe.decisions.withdrawals import ReviewedReport, StandingWithdrawal, WithdrawalState, reviewed
from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, in_list
from steppe.people.access import grants_of
from steppe.people.models import Device, Person
from steppe.people.policy import SEALED, ReportFacts, Scope, decide, scope_of
from steppe.submissions.commands import held_submissions
from steppe.submissions.current import SubmissionRow
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
    session: ReadSession, mission_id: UUID, submissions: Collection[UUID], unseen: Collection[UUID] = ()
) -> dict[UUID, list[ReviewEvent]]:
    """Return by submission its revisions, withdrawals and decisions about it, in any order; those of the mission.

    `unseen` are submissions of which no revision is here yet: somebody may have taken them back already.
    """
    events: dict[UUID, list[ReviewEvent]] = defaultdict(list)
    if submissions:
        await _note_reviews(session, mission_id, submissions, events)
    if submissions or unseen:
        keys = {"mission": mission_id, "keys": in_list({*submissions, *unseen})}
        for fact in (await session.execute(_withdrawals_statement(), keys)).all():
            said = Withdrawal(fact.id, fact.team_id, frozenset(fact.said["heads"]), fact.said["reason"])
            events[fact.subject_id].append(ReviewEvent(fact.n, WITHDRAWAL, withdrawal=said))
    return events


@cache
def _withdrawals_statement() -> Select[Any]:
    # Every push asks it: built once.
    table, decision = table_of(SignedFact), table_of(Decision)
    return (
        select_columns(
            table.c.id,
            table.c.team_id,
            table.c.subject_id,
            table.c.said,
            func.coalesce(decision.c.n, table.c.seq).label("n"),
        )
        .select_from(table.outerjoin(decision, took(SignedFact)))
        .where(
            table.c.subject_id.in_(bindparam("keys", expanding=True)),
            table.c.mission_id == bindparam("mission"),
            table.c.kind == WITHDRAWAL,
        )
    )


async def _note_reviews(
    session: ReadSession, mission_id: UUID, submissions: Collection[UUID], events: dict[UUID, list[ReviewEvent]]
) -> None:
    keys = in_list(submissions)
    decided = select_columns(
        col(Decision.submission_id), col(Decision.n), col(Decision.kind), col(Decision.payload)
    ).where(col(Decision.mission_id) == mission_id, col(Decision.submission_id).in_(keys))
    for submission, n, kind, payload in (await session.execute(decided)).all():
        events[submission].append(ReviewEvent(n, kind, payload.get(WITHDRAWAL, "")))
    revised = (
        select_columns(col(Revision.submission_id), col(Revision.id), NUMBER_OF_REVISION, col(Revision.waits_for))
        .outerjoin(Decision, took(Revision))
        .where(col(Revision.mission_id) == mission_id, col(Revision.submission_id).in_(keys))
    )
    for submission, revision, n, waits_for in (await session.execute(revised)).all():
        events[submission].append(ReviewEvent(n, WAITING if waits_for else REVISION, str(revision)))


async def reviewed_report(session: ReadSession, row: SubmissionRow) -> ReviewedReport:
    """Return what one report comes to."""
    return reviewed(row, (await review_events(session, row["mission_id"], [row["id"]]))[row["id"]])


async def asked_withdrawals(
    session: ReadSession, mission_id: UUID, submissions: Collection[UUID]
) -> dict[UUID, WithdrawalState]:
    """Return what became of the last withdrawal of these reports, of those that their team took back at all."""
    said = await review_events(session, mission_id, (), unseen=submissions)
    if not said:
        return {}
    rows = await held_submissions(session, said)
    events = await review_events(session, mission_id, rows)
    last = {key: reviewed(row, events[key]).withdrawals[-1:] for key, row in rows.items()}
    return {key: one.state for key, standing in last.items() for one in standing}


async def withdrawals_out(
    session: ReadSession, mission_id: UUID, standing: Iterable[StandingWithdrawal]
) -> list[WithdrawalOut]:
    """Return withdrawals of a report that the caller was found to read, with who signed them and what they said."""
    states = {one.withdrawal.id: one.state for one in standing}
    if not states:
        return []
    query = (
        select(SignedFact, Device.letter, Person)
        .join(Device, col(Device.id) == col(SignedFact.device_id))
        .join(Person, col(Person.id) == col(SignedFact.author_id))
        .where(SignedFact.mission_id == mission_id, col(SignedFact.id).in_(list(states)))
        .order_by(col(SignedFact.seq))
    )
    return [
        WithdrawalOut(
            id=fact.id,
            state=states[fact.id],
            reason=fact.said["reason"],
            text=fact.said.get("text", ""),
            heads=fact.said["heads"],
            device=letter,
            author=author.function,
            author_functions=author.functions,
            made_at=fact.made_at,
            received_at=fact.received_at,
        )
        for fact, letter, author in (await session.exec(query)).all()
    ]


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
