"""Deriving everything anew from the inbox, to prove that what is derived is right, or to make it right.

The facts are the signed bytes in the inbox. Submissions and tallies follow from them by the very functions a push
uses; the state of a report's review follows from the decisions about it, which are facts of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.decisions.queries import review_events
from steppe.decisions.withdrawals import review_row
from steppe.kit.columns import table_of
from steppe.kit.db import Database, ReadSession, WriteSession
from steppe.missions.feed import take_numbers
from steppe.missions.models import DERIVATION, Mission, MissionCounter
from steppe.queries.commands import bring_back
from steppe.queries.statement import Statement, read_statement
from steppe.submissions.commands import (
    NumberedFact,
    NumberedRevision,
    held_submissions,
    write_facts,
    write_revisions,
    write_submissions,
    write_waits,
)
from steppe.submissions.current import (
    LEVEL_QUESTION,
    Author,
    SubmissionRow,
    closed_by,
    closes,
    note_of,
)
from steppe.submissions.merging import Arrival, HeldReport, Waits, project_arrival
from steppe.submissions.models import Revision, Submission, Tally
from steppe.submissions.place_index import PlaceIndex
from steppe.submissions.projection import SubmissionChange, counted
from steppe.submissions.queries import PAGE, definitions, every_place
from steppe.submissions.revision import RevisionIn
from steppe.submissions.signed_fact import ReplyIn, statement_claims
from steppe.summaries.commands import TallyKey, TallySum, columns_of, take
from steppe.summaries.inbox import (
    Authors,
    ReceivedRevision,
    closings,
    missing_rows,
    note_values,
    revisions_after,
    write_notes,
)
from steppe.summaries.snapshots import keep_snapshots
from steppe.summaries.tally import settled

Session = ReadSession | WriteSession


@dataclass(slots=True)
class Replay:
    """What a replay came to: how live rows differ from it (no answer is named), and the rows that would be right."""

    differences: list[str] = field(default_factory=list)
    submissions: int = 0
    missing_revisions: list[NumberedRevision] = field(default_factory=list)
    missing_facts: list[NumberedFact] = field(default_factory=list)
    created: list[SubmissionRow] = field(default_factory=list)
    changed: list[SubmissionRow] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)
    moved: list[SubmissionChange] = field(default_factory=list)
    tallies: dict[TallyKey, TallySum] = field(default_factory=dict)
    unnoted: list[dict[str, Any]] = field(default_factory=list)
    """What to write down of revisions of which nobody did yet: whose they were, and where this replay placed them."""
    waiting: Waits = field(default_factory=dict)
    """What the rows of revisions say that they wait for, while their report is replayed."""
    waits: Waits = field(default_factory=dict)
    """What revisions wait for whose rows say something else."""
    set_aside: set[UUID] = field(default_factory=set)
    """Checklist versions that cannot be read: their reports and tallies stay as they are."""


async def rebuild(database: Database, *, is_check: bool) -> list[Replay]:
    """Replay every mission's inbox; with `is_check` only compare, else also replace what differs. One result a mission.

    Comparing sees one moment and stops nobody. Replacing holds each mission's counter: phones are told to try again
    later.
    """
    async with database.read(is_snapshot=True) as reading:
        missions = [row for (row,) in await reading.execute(select(col(Mission.id)).order_by(col(Mission.id)))]
        if is_check:
            return [await compare(reading, mission) for mission in missions]
    found: list[Replay] = []
    for mission in missions:
        async with database.write() as session:
            found.append(await replace(session, mission))
    return found


async def replace(session: WriteSession, mission_id: UUID) -> Replay:
    """Bring revisions, submissions and tallies to what the inbox says. Returns what differed before."""
    await take_numbers(session, mission_id, 0)
    lost, lost_facts = await missing_rows(session, mission_id, await Authors.read(session, mission_id))
    await write_revisions(session, mission_id, lost, {})
    await write_facts(session, mission_id, lost_facts)
    # Should what a reply is to be lost as well, it comes back with it.
    await bring_back(session, mission_id, [found for one in lost_facts if (found := _query_of(one)) is not None])
    replay = await compare(session, mission_id)
    replay.differences = _lost(lost, lost_facts) + replay.differences
    await write_submissions(session, created=replay.created, changed=replay.changed)
    if replay.extra:
        await session.execute(delete(table_of(Submission)).where(col(Submission.id).in_(replay.extra)))
    await session.execute(delete(table_of(Tally)).where(col(Tally.mission_id) == mission_id))
    rows = [
        {
            **columns_of(mission_id, key),
            "n": total.n,
            "counts": total.counts,
        }
        for key, total in replay.tallies.items()
    ]
    if rows:
        await session.execute(insert(table_of(Tally)), rows)
    await write_notes(session, mission_id, replay.unnoted)
    await write_waits(session, mission_id, replay.waits)
    # To whoever is given snapshots, rows put right are changed reports like any others.
    await keep_snapshots(session, mission_id, replay.moved)
    counter = table_of(MissionCounter)
    await session.execute(update(counter).where(counter.c.mission_id == mission_id).values(derivation=DERIVATION))
    return replay


async def compare(session: Session, mission_id: UUID) -> Replay:
    """Replay a mission's inbox and compare submissions and tallies with what stands in their tables."""
    known = await Authors.read(session, mission_id)
    replay = Replay()
    replay.missing_revisions, replay.missing_facts = await missing_rows(session, mission_id, known)
    replay.differences += _lost(replay.missing_revisions, replay.missing_facts)
    async for page in _replayed(session, mission_id, known, replay):
        await _compare_submissions(session, mission_id, page, replay)
    await _find_extra(session, mission_id, replay)
    for total in replay.tallies.values():
        total.counts = settled(total.counts)
    await _compare_tallies(session, mission_id, replay)
    replay.differences += [
        f"checklist version {version} cannot be read: its reports are left as they are"
        for version in sorted(replay.set_aside)
    ]
    return replay


def _query_of(one: NumberedFact) -> tuple[Statement, UUID, int] | None:
    content = one.fact.content
    if not isinstance(content, ReplyIn):
        return None
    try:
        return read_statement(statement_claims(content.query)), one.team_id, one.seq
    except (KeyError, ValueError):
        # Nobody in force had signed it, and it was taken since the query was known.
        return None


def _lost(revisions: Iterable[NumberedRevision], facts: Iterable[NumberedFact]) -> list[str]:
    return [f"inbox item {one.seq}: its revision {one.revision.id} is missing" for one in revisions] + [
        f"inbox item {one.seq}: its {one.fact.kind} {one.fact.id} is missing" for one in facts
    ]


def _take_closings(
    closings: dict[UUID, list[tuple[int, RevisionIn, Author]]], submission: UUID, before: int | None = None
) -> Iterator[tuple[RevisionIn, Author]]:
    """Yield, and forget, a submission's edits kept aside with numbers under `before` (None: all that are left)."""
    left = closings.get(submission, [])
    while left and (before is None or left[-1][0] < before):
        yield left.pop()[1:]


def _close(row: SubmissionRow, edits: Iterable[tuple[RevisionIn, Author]]) -> SubmissionRow:
    """Return a submission after edits that were kept aside."""
    for revision, author in edits:
        if closes(revision, author, row):
            row = closed_by(row, revision.patch[LEVEL_QUESTION]) or row
    return row


async def _replayed(
    session: Session, mission_id: UUID, known: Authors, replay: Replay
) -> AsyncIterator[dict[UUID, SubmissionRow]]:
    """Yield submissions as their revisions make them, some hundred at a time, every one whole.

    Those of a checklist version that cannot be read are left out; the version is noted.
    """
    places = await every_place(session, mission_id)
    aside = await closings(session, mission_id, known)
    page: dict[UUID, HeldReport] = {}
    after: tuple[UUID, int] | None = None
    while received := await revisions_after(session, mission_id, after, known):
        for one in received:
            key = one.revision.submission
            version = one.revision.checklist_version
            definition = (await definitions(session, mission_id, [version])).get(version)
            if definition is None:
                replay.set_aside.add(version)
                continue
            if len(page) >= PAGE and key not in page:
                yield _ended(page, aside, replay)
                page = {}
            # What was kept aside before its report was there closed nothing.
            edits = list(_take_closings(aside, key, one.n))
            page[key] = _with_revision(replay, definition, page.get(key, HeldReport()), edits, one, places)
        after = received[-1].revision.submission, received[-1].n
    if page:
        yield _ended(page, aside, replay)


def _with_revision(
    replay: Replay,
    definition: Definition,
    report: HeldReport,
    edits: Sequence[tuple[RevisionIn, Author]],
    one: ReceivedRevision,
    places: PlaceIndex,
) -> HeldReport:
    """Return a report after the revision that came to it next, and after the `edits` that were kept aside before."""
    if report.row is not None:
        report = dataclasses.replace(report, row=_close(report.row, edits))
    arrival = project_arrival(definition, report, one.revision, one.author, places, one.note)
    row = arrival.row
    if row is not None:
        row["n"] = one.n
        row["received_at"] = report.row["received_at"] if report.row else one.received_at
        if one.note is None:
            replay.unnoted.append(note_values(one, note_of(row)))
    elif report.row is not None:
        row = _close(report.row, [(one.revision, one.author)])
    replay.waiting[one.revision.id] = list(one.waits_for)
    return report.after(one.revision, one.author, Arrival(row, arrival.waits))


def _ended(
    page: Mapping[UUID, HeldReport],
    aside: dict[UUID, list[tuple[int, RevisionIn, Author]]],
    replay: Replay,
) -> dict[UUID, SubmissionRow]:
    """Return the rows of replayed reports, and note which of their revisions wait for something else than they say."""
    for report in page.values():
        for held in report.revisions:
            # Under two numbers where the bytes of one are not what came: verifying names that.
            if replay.waiting.pop(held.revision.id, list(held.waits_for)) != list(held.waits_for):
                replay.waits[held.revision.id] = list(held.waits_for)
                replay.differences.append(f"revision {held.revision.id}: waits_for differs")
    return {
        key: _close(report.row, _take_closings(aside, key)) for key, report in page.items() if report.row is not None
    }


async def _compare_submissions(
    session: Session, mission_id: UUID, page: dict[UUID, SubmissionRow], replay: Replay
) -> None:
    live = await held_submissions(session, page)
    versions = await definitions(session, mission_id, {facts["checklist_version_id"] for facts in page.values()})
    events = await review_events(session, mission_id, page)
    for key, facts in page.items():
        review_row(facts, events[key])
        held = live.get(key)
        replay.submissions += 1
        if held is None:
            replay.differences.append(f"submission {key} is missing")
            replay.created.append(facts)
            replay.moved.append(_moved(versions, None, facts))
        else:
            wrong = [column for column in facts if facts[column] != held[column]]  # type: ignore[literal-required]  # columns by name
            if wrong:
                replay.differences.append(f"submission {key}: {', '.join(wrong)} differ")
                replay.changed.append(facts)
                replay.moved.append(_moved(versions, held, facts))
        take(replay.tallies, versions[facts["checklist_version_id"]], counted(facts), 1)


def _moved(
    versions: Mapping[UUID, Definition], before: SubmissionRow | None, after: SubmissionRow | None
) -> SubmissionChange:
    facts = after or before
    assert facts is not None
    return SubmissionChange(
        facts["id"],
        versions[facts["checklist_version_id"]],
        counted(before) if before else None,
        counted(after) if after else None,
    )


async def _find_extra(session: Session, mission_id: UUID, replay: Replay) -> None:
    query = select(col(Submission.id)).where(
        col(Submission.mission_id) == mission_id,
        ~exists().where(col(Revision.mission_id) == mission_id, col(Revision.submission_id) == col(Submission.id)),
    )
    replay.extra = [key for (key,) in (await session.execute(query)).all()]
    held = await held_submissions(session, replay.extra)
    versions = await definitions(session, mission_id, {facts["checklist_version_id"] for facts in held.values()})
    replay.moved += [_moved(versions, facts, None) for facts in held.values()]
    replay.differences += [f"submission {key} has no revision" for key in replay.extra]


async def _compare_tallies(session: Session, mission_id: UUID, replay: Replay) -> None:
    query = select(
        col(Tally.region_code),
        col(Tally.checklist_version_id),
        col(Tally.day),
        col(Tally.status),
        col(Tally.level),
        col(Tally.origin),
        col(Tally.n),
        col(Tally.counts),
    ).where(col(Tally.mission_id) == mission_id)
    live: dict[TallyKey, TallySum] = {
        tuple(key): TallySum(n, counts) for *key, n, counts in (await session.execute(query)).all()
    }
    replay.tallies |= {key: total for key, total in live.items() if key[1] in replay.set_aside}
    for key in sorted(live.keys() | replay.tallies.keys(), key=str):
        if live.get(key) != replay.tallies.get(key):
            region, version, day, status, level, origin = key
            replay.differences.append(
                f"tally of region {region or 'none'}, version {version}, {day}, {status}, {level}, {origin} differs"
            )
