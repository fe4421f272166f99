"""The review of one report, for somebody at the desk: what they may see of it and do, within what they may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal
from uuid import UUID

from steppe.decisions.commands import DecisionRecorder, NewDecision
from steppe.decisions.problems import (
    DeclineReasonNeeded,
    HoldReasonNeeded,
    NotARecipient,
    ReportChanged,
    UnconfirmedWarnings,
)
from steppe.decisions.queries import (
    colleagues,
    history,
    read_number,
    readers_of,
    reviewed_report,
    withdrawals_out,
)
from steppe.decisions.review_state import RULING_KINDS, WITHDRAWAL
from steppe.decisions.schemas import (
    BulkOut,
    DecisionIn,
    LeftOut,
    NoteIn,
    ReviewOut,
    SeenReport,
    WarningOut,
)
from steppe.decisions.warnings import BULK_SEVERITY
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.http import BadRequest
from steppe.kit.problems import NotFound
from steppe.people.access import DeskCaller
from steppe.people.policy import SEALED, ReportFacts, Scope
from steppe.people.policy import decide as may
from steppe.submissions.commands import held_submissions
from steppe.submissions.current import LEVELS, SubmissionRow
from steppe.submissions.queries import definitions
from steppe.submissions.scope import scoped_submission

_BULK_STATES = frozenset({"received", "in_review", "resubmitted"})
"""What is on hold or returned waits for something: nobody accepts it in passing."""


async def readable(session: ReadSession, scope: Scope, submission_id: UUID) -> SubmissionRow:
    """Return a report the scope reads. Raises NotFound: unknown and forbidden look the same."""
    if await scoped_submission(session, scope, submission_id) is None:
        raise NotFound
    return (await held_submissions(session, [submission_id]))[submission_id]


async def _locked(
    session: WriteSession, scope: Scope, recorder: DecisionRecorder, submission_id: UUID
) -> SubmissionRow:
    """Hold the mission's counter and return a report the scope reads, as it stands under it. Raises NotFound."""
    row = await recorder.lock(session, scope.mission, submission_id)
    if await scoped_submission(session, scope, submission_id) is None:
        raise NotFound
    return row


async def review_out(
    session: ReadSession, caller: DeskCaller, recorder: DecisionRecorder, submission_id: UUID
) -> ReviewOut:
    """Return the review of a report the caller reads. Raises NotFound."""
    scope = caller.scope
    row = await readable(session, scope, submission_id)
    facts = _facts(row)
    decides = may(scope, "decide") and may(scope.decided, "decide", facts)
    report = await reviewed_report(session, row)
    decisions = await history(session, scope, submission_id)
    people = await colleagues(session, scope.mission)
    return ReviewOut(
        n=row["n"],
        status=row["status"],
        state=report.review.state,
        is_changed_after_acceptance=report.review.is_changed_after_acceptance,
        is_unread=await read_number(session, scope.mission, caller.person_id, submission_id) < row["n"],
        assignee=next((one.assignee for one in reversed(decisions) if one.kind == "assigned"), None),
        decisions=decisions,
        withdrawals=await withdrawals_out(session, scope.mission, report.withdrawals),
        warnings=[
            WarningOut(id=one.id, kind=one.kind, path=one.path)
            for one in await recorder.warnings(session, row, caller.person_id)
        ]
        if decides
        else [],
        may_decide=decides,
        colleagues=[people[key] for key in await readers_of(session, facts)] if decides else [],
    )


async def decide(
    session: WriteSession, caller: DeskCaller, recorder: DecisionRecorder, submission_id: UUID, asked: DecisionIn
) -> None:
    """Record what the caller decides of a report they decide of.

    Raises NotFound, HoldReasonNeeded, DeclineReasonNeeded, NotARecipient, and what the recorder raises.
    """
    row = await _locked(session, caller.scope.decided, recorder, submission_id)
    new = NewDecision(
        caller.mission_id,
        submission_id,
        asked.kind,
        caller.person_id,
        id=asked.id,
        text=asked.text.strip(),
        assignee_id=asked.assignee if asked.kind == "assigned" else None,
    )
    if asked.kind == "assigned":
        if new.assignee_id is not None and new.assignee_id not in await readers_of(session, _facts(row)):
            raise NotARecipient
        await recorder.record(session, new)
    elif asked.kind in RULING_KINDS:
        if asked.kind == "withdrawal_declined" and not new.text:
            raise DeclineReasonNeeded
        ruling = replace(new, payload={WITHDRAWAL: str(asked.withdrawal)})
        await recorder.rule(session, ruling, seen=asked.seen)
    elif asked.kind == "accepted":
        await recorder.accept(session, new, seen=asked.seen, confirmed=asked.confirmed)
    else:
        if asked.kind == "on_hold" and not new.text:
            raise HoldReasonNeeded
        await recorder.check_seen(session, new, asked.seen)
        await recorder.record(session, new)


async def take_note(
    session: WriteSession, caller: DeskCaller, recorder: DecisionRecorder, submission_id: UUID, asked: NoteIn
) -> None:
    """Record a comment or recommendation of the caller about a report they read.

    Raises NotFound, also for a sealed answer the caller is not shown, and BadRequest for a note that says nothing.
    """
    row = await _locked(session, caller.scope, recorder, submission_id)
    text = asked.text.strip()
    if (asked.kind == "recommended") != (asked.recommends is not None) or (asked.kind == "commented" and not text):
        msg = "a comment has a text, a recommendation says what it recommends"
        raise BadRequest(msg)
    level = LEVELS[0]
    if asked.path is not None:
        level = SEALED if await _is_sealed(session, row, asked.path) else level
        if level == SEALED and not caller.scope.sees_sealed:
            raise NotFound
    await recorder.record(
        session,
        NewDecision(
            caller.mission_id,
            submission_id,
            asked.kind,
            caller.person_id,
            id=asked.id,
            text=text,
            path=asked.path,
            payload={"recommends": asked.recommends} if asked.recommends else {},
            level=level,
        ),
    )


async def _is_sealed(session: ReadSession, row: SubmissionRow, path: str) -> bool:
    """Say whether an answer's question is sealed. Raises NotFound for a path the report's checklist does not have."""
    version = row["checklist_version_id"]
    definition = (await definitions(session, row["mission_id"], [version])).get(version)
    questions = {one.id: bool(one.sealed) for _, _, one in definition.questions()} if definition else {}
    question = path.rpartition("/")[2]
    if question not in questions:
        raise NotFound
    return questions[question]


async def accept_all(
    session: WriteSession, caller: DeskCaller, recorder: DecisionRecorder, reports: Iterable[SeenReport]
) -> BulkOut:
    """Accept those of these reports that need no second look, and say why each other one was left."""
    answer = BulkOut(accepted=[], left=[])
    for seen in reports:
        why = await _accepted(session, caller, recorder, seen)
        if why is None:
            answer.accepted.append(seen.submission)
        else:
            answer.left.append(LeftOut(submission=seen.submission, why=why))
    return answer


async def _accepted(
    session: WriteSession, caller: DeskCaller, recorder: DecisionRecorder, seen: SeenReport
) -> Literal["unknown", "changed", "state", "flags", "warnings"] | None:
    try:
        row = await _locked(session, caller.scope.decided, recorder, seen.submission)
    except NotFound:
        return "unknown"
    if row["severity"] >= BULK_SEVERITY:
        return "flags"
    if row["status"] not in _BULK_STATES:
        return "state"
    new = NewDecision(caller.mission_id, seen.submission, "accepted", caller.person_id, id=seen.decision)
    try:
        await recorder.accept(session, new, seen=seen.seen, confirmed=())
    except ReportChanged:
        return "changed"
    except UnconfirmedWarnings:
        return "warnings"
    return None


def _facts(row: SubmissionRow) -> ReportFacts:
    return ReportFacts(
        row["mission_id"], row["region_code"], row["level"], frozenset(row["themes"].split()), row["origin"]
    )
