"""Writing decisions: each under the mission's counter, with the report's new state, its counts and its feed line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from steppe.audit import commands as audit
from steppe.checklists.stored import UnreadableVersion
from steppe.decisions.models import Decision, ReadingMark
from steppe.decisions.problems import DecisionKnown, NoSuchRequest, ReportChanged, UnconfirmedWarnings
from steppe.decisions.queries import read_number, review_events, reviewed_report
from steppe.decisions.review_state import RULING_KINDS, STATE_KINDS, WITHDRAWAL, DecisionKind
from steppe.decisions.warnings import AcceptanceWarning, Blockers, own_warnings, withdrawal_warnings
from steppe.decisions.withdrawals import review_row
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.ids import uuid7
from steppe.kit.problems import NotFound
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.submissions.commands import held_submissions, write_submissions
from steppe.submissions.current import LEVELS, SubmissionRow
from steppe.submissions.projection import Projection, SubmissionChange, counted
from steppe.submissions.queries import definitions
from steppe.submissions.scope import REPORT, REVIEW


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision about a report before it has a number. `author_id` None: the command line.

    `level`: of what it quotes, where that is stricter than the report (a sealed answer).
    """

    mission_id: UUID
    submission_id: UUID
    kind: DecisionKind
    author_id: UUID | None
    id: UUID = field(default_factory=uuid7)
    text: str = ""
    path: str | None = None
    assignee_id: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    level: str = LEVELS[0]


class DecisionRecorder:
    """Records decisions about reports; it knows who counts reports, and who else knows of things undone."""

    def __init__(self, projection: Projection, blockers: Collection[Blockers] = ()) -> None:
        """Keep both: `projection` moves the counts in the transaction of the decision."""
        self._projection = projection
        self._blockers = tuple(blockers)

    async def lock(self, session: WriteSession, mission_id: UUID, submission_id: UUID) -> SubmissionRow:
        """Hold the mission's counter and return the report as it stands under it.

        Raises NotFound. Whether the caller may decide of it is asked after this: a level may rise until then.
        """
        await take_numbers(session, mission_id, 0)
        row = (await held_submissions(session, [submission_id])).get(submission_id)
        if row is None or row["mission_id"] != mission_id:
            raise NotFound
        return row

    async def record(self, session: WriteSession, new: NewDecision) -> None:
        """Append a decision; a state or ruling moves the report and its counts, and phones of its team hear of it.

        The same id again changes nothing. Raises NotFound without such a report, DecisionKnown when the id is another
        decision's, UnreadableVersion when the report's checklist cannot be read and so not be counted anew.
        """
        row = await self.lock(session, new.mission_id, new.submission_id)
        if await _is_recorded(session, new):
            return
        moves = new.kind in (*STATE_KINDS, *RULING_KINDS)
        change = Changed(
            REPORT if moves else REVIEW,
            str(new.submission_id),
            row["team_id"],
            row["region_code"],
            row["level"],
            row["origin"],
        )
        n = await announce(session, new.mission_id, change)
        session.add(
            Decision(
                id=new.id,
                mission_id=new.mission_id,
                n=n,
                kind=new.kind,
                submission_id=new.submission_id,
                path=new.path,
                author_id=new.author_id,
                assignee_id=new.assignee_id,
                text=new.text,
                payload=dict(new.payload),
                level=max(new.level, row["level"], key=LEVELS.index),
            )
        )
        # Never the text: it may quote an answer.
        audit.record(
            session,
            mission_id=new.mission_id,
            actor=f"person:{new.author_id}" if new.author_id else audit.COMMAND_LINE,
            action=f"decision.{new.kind}",
            object_id=str(new.submission_id),
            detail={"decision": str(new.id), "n": n, "report": row["code"]},
        )
        await session.flush()
        if moves:
            await self._move(session, row)
            if new.author_id:
                # Whoever decided has seen what they decided.
                await mark_read(session, new.mission_id, new.author_id, new.submission_id, n)

    async def _move(self, session: WriteSession, before: SubmissionRow) -> None:
        """Bring the report's row and its counts to what follows after the last decision."""
        mission, key = before["mission_id"], before["id"]
        version = before["checklist_version_id"]
        after: SubmissionRow = {**before}
        review_row(after, (await review_events(session, mission, [key]))[key])
        definition = (await definitions(session, mission, [version])).get(version)
        if definition is None:
            raise UnreadableVersion
        await write_submissions(session, created=[], changed=[after])
        await self._projection(session, mission, [SubmissionChange(key, definition, counted(before), counted(after))])

    async def accept(self, session: WriteSession, new: NewDecision, *, seen: int, confirmed: Collection[str]) -> None:
        """Record that a report was accepted as it was seen, with these warnings confirmed.

        Raises ReportChanged and UnconfirmedWarnings, and what `record` raises.
        """
        row = await self.check_seen(session, new, seen)
        if await _is_recorded(session, new):
            return
        assert new.author_id is not None
        left = [one.id for one in await self.warnings(session, row, new.author_id) if one.id not in confirmed]
        if left:
            raise UnconfirmedWarnings(warnings=left)
        await self.record(session, new)

    async def rule(self, session: WriteSession, new: NewDecision, *, seen: int) -> None:
        """Record what was decided of a team's request, which `payload` names, to take its report back.

        Raises ReportChanged, NoSuchRequest, and what `record` raises.
        """
        row = await self.check_seen(session, new, seen)
        if await _is_recorded(session, new):
            return
        asked = (one for one in (await reviewed_report(session, row)).withdrawals if one.state == "requested")
        if new.payload[WITHDRAWAL] not in {str(one.withdrawal.id) for one in asked}:
            raise NoSuchRequest
        await self.record(session, new)

    async def check_seen(self, session: WriteSession, new: NewDecision, seen: int) -> SubmissionRow:
        """Return the report. Raises ReportChanged unless it is as it was seen; the same decision sent again passes."""
        row = await self.lock(session, new.mission_id, new.submission_id)
        if row["n"] != seen and not await _is_recorded(session, new):
            raise ReportChanged
        return row

    async def warnings(self, session: ReadSession, row: SubmissionRow, person_id: UUID) -> Sequence[AcceptanceWarning]:
        """Return what somebody who accepts the report is warned of."""
        read_n = await read_number(session, row["mission_id"], person_id, row["id"])
        warnings = own_warnings(row, read_n)
        warnings += withdrawal_warnings((await reviewed_report(session, row)).withdrawals)
        for blockers in self._blockers:
            warnings += (await blockers(session, row["mission_id"], [row["id"]])).get(row["id"], ())
        return warnings


async def _is_recorded(session: WriteSession, new: NewDecision) -> bool:
    """Say whether this very decision is recorded. Raises DecisionKnown when its id is another's."""
    known = await session.get(Decision, new.id)
    if known is None:
        return False
    if (known.mission_id, known.submission_id, known.kind) != (new.mission_id, new.submission_id, new.kind):
        raise DecisionKnown
    return True


async def mark_read(session: WriteSession, mission_id: UUID, person_id: UUID, submission_id: UUID, n: int) -> None:
    """Note up to which number a person has read a report; 0 marks it as unread."""
    table = table_of(ReadingMark)
    key = {"person_id": person_id, "submission_id": submission_id}
    is_own = (table.c.mission_id == mission_id, table.c.person_id == person_id, table.c.submission_id == submission_id)
    changed = await session.execute(update(table).where(*is_own).values(n=n).returning(table.c.n))
    if changed.first() is not None:
        return
    try:
        async with session.begin_nested():
            await session.execute(insert(table).values(**key, mission_id=mission_id, n=n))
    except IntegrityError:
        # Another window of the same person was there first.
        await session.execute(update(table).where(*is_own).values(n=n))
