"""Deriving everything anew from the inbox, to prove that what is derived is right, or to make it right.

The facts are the signed bytes in the inbox. Submissions and tallies follow from them by the very functions a push
uses. Status and number of a submission are kept: decisions of people are facts of their own, not of the inbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as of_origin
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, tuple_, update
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.kit.columns import table_of
from steppe.kit.db import Database, ReadSession, WriteSession
from steppe.kit.problems import Problem
from steppe.missions.feed import take_numbers
from steppe.missions.models import DERIVATION, Mission, MissionCounter
from steppe.submissions.commands import (
    NumberedRevision,
    held_submissions,
    write_revisions,
    write_submissions,
)
from steppe.submissions.current import (
    CLOSE_NOTHING,
    LEVEL_QUESTION,
    Author,
    SubmissionRow,
    closed_by,
    closes,
    project,
)
from steppe.submissions.models import Revision, Submission, Tally
from steppe.submissions.opening import read_signed
from steppe.submissions.projection import SubmissionChange, counted
from steppe.submissions.queries import PAGE, authors, definitions, every_place
from steppe.submissions.revision import RevisionIn, parse_revision
from steppe.summaries.commands import TallyKey, TallySum, columns_of, take
from steppe.summaries.snapshots import keep_snapshots
from steppe.summaries.tally import settled
from steppe.sync.models import InboxItem

_KEPT: Final = ("status", "n")
"""Columns of a submission that more than its revisions decide."""

Session = ReadSession | WriteSession


class DamagedInbox(Problem):
    """Stored bytes are not the revision they were when they came."""

    slug = "damaged-inbox"
    title = "The inbox is damaged"
    next = "Restore the database from the last backup; phones then offer again what they still hold."


@dataclass(slots=True)
class Replay:
    """What a replay came to: how live rows differ from it (no answer is named), and the rows that would be right."""

    differences: list[str] = field(default_factory=list)
    submissions: int = 0
    missing_revisions: list[NumberedRevision] = field(default_factory=list)
    created: list[SubmissionRow] = field(default_factory=list)
    changed: list[SubmissionRow] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)
    moved: list[SubmissionChange] = field(default_factory=list)
    tallies: dict[TallyKey, TallySum] = field(default_factory=dict)
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
    lost = await _missing_revisions(session, mission_id)
    await write_revisions(session, mission_id, lost)
    replay = await compare(session, mission_id)
    replay.differences = [_lost(one) for one in lost] + replay.differences
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
    # To whoever is given snapshots, rows put right are changed reports like any others.
    await keep_snapshots(session, mission_id, replay.moved)
    counter = table_of(MissionCounter)
    await session.execute(update(counter).where(counter.c.mission_id == mission_id).values(derivation=DERIVATION))
    return replay


async def compare(session: Session, mission_id: UUID) -> Replay:
    """Replay a mission's inbox and compare submissions and tallies with what stands in their tables."""
    replay = Replay(missing_revisions=await _missing_revisions(session, mission_id))
    replay.differences += [_lost(one) for one in replay.missing_revisions]
    async for page in _replayed(session, mission_id, replay):
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


def _lost(one: NumberedRevision) -> str:
    return f"inbox item {one.seq}: its revision {one.revision.id} is missing"


async def _missing_revisions(session: Session, mission_id: UUID) -> list[NumberedRevision]:
    query = (
        select(col(InboxItem.seq), col(InboxItem.raw), col(InboxItem.pusher_id))
        .where(
            col(InboxItem.mission_id) == mission_id,
            col(InboxItem.outcome) == "stored",
            ~exists().where(col(Revision.mission_id) == mission_id, col(Revision.id) == col(InboxItem.revision_id)),
        )
        .order_by(col(InboxItem.seq))
    )
    rows = (await session.execute(query)).all()
    return [NumberedRevision(_read(seq, raw), seq, pusher) for seq, raw, pusher in rows]


def _read(seq: int, raw: bytes) -> RevisionIn:
    try:
        signed = read_signed(raw)
        found = parse_revision(signed.canonical, UUID(signed.kid))
    except ValueError as error:
        raise DamagedInbox(f"inbox item {seq}: {error}") from error
    if not isinstance(found, RevisionIn):
        raise DamagedInbox(f"inbox item {seq}: {found}")
    return found


async def _closings(session: Session, mission_id: UUID) -> dict[UUID, list[tuple[int, RevisionIn]]]:
    """Return by submission the edits kept aside that speak of its level, with their numbers, last first."""
    query = (
        select(col(InboxItem.seq), col(InboxItem.raw))
        .where(
            col(InboxItem.mission_id) == mission_id,
            col(InboxItem.outcome) == "quarantined",
            col(InboxItem.revision_id).is_not(None),
            col(InboxItem.reason).not_in(sorted(CLOSE_NOTHING)),
        )
        .order_by(col(InboxItem.seq).desc())
    )
    found: dict[UUID, list[tuple[int, RevisionIn]]] = defaultdict(list)
    for seq, raw in (await session.execute(query)).all():
        revision = _read(seq, raw)
        if revision.patch.get(LEVEL_QUESTION) is not None:
            found[revision.submission].append((seq, revision))
    return found


def _take_closings(
    closings: dict[UUID, list[tuple[int, RevisionIn]]], submission: UUID, before: int | None = None
) -> Iterator[RevisionIn]:
    """Yield, and forget, a submission's edits kept aside with numbers under `before` (None: all that are left)."""
    left = closings.get(submission, [])
    while left and (before is None or left[-1][0] < before):
        yield left.pop()[1]


def _close(row: SubmissionRow, edits: Iterable[RevisionIn], known: Mapping[UUID, Author]) -> SubmissionRow:
    """Return a submission after edits that were kept aside."""
    for revision in edits:
        if closes(revision, known[revision.device], row):
            row = closed_by(row, revision.patch[LEVEL_QUESTION]) or row
    return row


async def _replayed(session: Session, mission_id: UUID, replay: Replay) -> AsyncIterator[dict[UUID, SubmissionRow]]:
    """Yield submissions as their revisions make them, some hundred at a time, every one whole.

    Those of a checklist version that cannot be read are left out; the version is noted.
    """
    known = await authors(session, mission_id)
    places = await every_place(session, mission_id)
    closings = await _closings(session, mission_id)
    page: dict[UUID, SubmissionRow] = {}
    after: tuple[UUID, int] | None = None
    while rows := await _revisions_after(session, mission_id, after):
        for submission, seq, received_at, origin, raw in rows:
            revision = _read(seq, raw)
            definition = (await definitions(session, mission_id, [revision.checklist_version])).get(
                revision.checklist_version
            )
            if definition is None:
                replay.set_aside.add(revision.checklist_version)
                continue
            if len(page) >= PAGE and submission not in page:
                yield {key: _close(row, _take_closings(closings, key), known) for key, row in page.items()}
                page = {}
            before = page.get(submission)
            # What was kept aside before its report was there closed nothing.
            edits = list(_take_closings(closings, submission, seq))
            if before is not None:
                before = _close(before, edits, known)
            author = of_origin(known[revision.device], origin=origin)
            facts = project(definition, revision, author, places, before)
            facts["n"] = seq
            if before is None:
                facts["received_at"] = received_at
            page[submission] = facts
        after = rows[-1][0], rows[-1][1]
    if page:
        yield {key: _close(row, _take_closings(closings, key), known) for key, row in page.items()}


async def _revisions_after(session: Session, mission_id: UUID, after: tuple[UUID, int] | None) -> list[Any]:
    place = (col(Revision.submission_id), col(Revision.seq))
    query = (
        select(*place, col(InboxItem.received_at), col(InboxItem.origin), col(InboxItem.raw))
        .join(
            InboxItem,
            (col(InboxItem.mission_id) == col(Revision.mission_id)) & (col(InboxItem.seq) == col(Revision.seq)),
        )
        .where(col(Revision.mission_id) == mission_id)
        .order_by(*place)
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return list((await session.execute(query)).all())


async def _compare_submissions(
    session: Session, mission_id: UUID, page: dict[UUID, SubmissionRow], replay: Replay
) -> None:
    live = await held_submissions(session, page)
    versions = await definitions(session, mission_id, {facts["checklist_version_id"] for facts in page.values()})
    for key, facts in page.items():
        held = live.get(key)
        replay.submissions += 1
        if held is None:
            replay.differences.append(f"submission {key} is missing")
            replay.created.append(facts)
            replay.moved.append(_moved(versions, None, facts))
        else:
            for column in _KEPT:
                facts[column] = held[column]  # a column's name
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
