"""Writing revisions and the submissions they make, with one executemany per table.

`session.add_all` would cost two to four times the CPU, one multi-VALUES insert up to five times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    insert,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession, in_list
from steppe.submissions.current import SubmissionRow
from steppe.submissions.merging import Waits
from steppe.submissions.models import (
    AsideAttachment,
    Revision,
    RevisionAttachment,
    RevisionBringer,
    SignedFact,
    Submission,
)
from steppe.submissions.revision import RevisionIn
from steppe.submissions.signed_fact import Made, ReplyIn, SignedFactIn, subject_of


@dataclass(frozen=True, slots=True)
class NumberedRevision:
    """A revision that is stored, with the mission's number it got."""

    revision: RevisionIn
    seq: int
    pusher_id: UUID | None
    """The device whose token brought it."""


@dataclass(frozen=True, slots=True)
class NumberedFact:
    """A signed fact that is stored: whose team's it is, the mission's number it got, and when it came."""

    fact: SignedFactIn
    team_id: UUID
    seq: int
    received_at: datetime


async def note_bringers(session: WriteSession, mission_id: UUID, bringers: Collection[tuple[UUID, UUID]]) -> None:
    """Remember revisions with the devices that brought them again. Under the mission's counter, so one by one."""
    if not bringers:
        return
    table = table_of(RevisionBringer)
    revisions = {revision for revision, _ in bringers}
    query = select(table).where(table.c.mission_id == mission_id, table.c.revision_id.in_(revisions))
    known = {(row.revision_id, row.device_id) for row in (await session.execute(query)).all()}
    rows = [
        {"revision_id": revision, "device_id": device, "mission_id": mission_id}
        for revision, device in sorted(set(bringers) - known)
    ]
    if rows:
        await (await session.connection()).execute(insert(table), rows)


async def note_aside_attachments(session: WriteSession, mission_id: UUID, rows: Collection[AsideAttachment]) -> None:
    """Remember which attachments reports kept aside name, and who may bring them. Under the mission's counter."""
    if not rows:
        return
    table = table_of(AsideAttachment)
    query = select(table).where(table.c.mission_id == mission_id, table.c.sha256.in_({row.sha256 for row in rows}))
    known = {(row.sha256, row.device_id, row.seq) for row in (await session.execute(query)).all()}
    new = {key: row for row in rows if (key := (row.sha256, row.device_id, row.seq)) not in known}
    if new:
        values = [row.model_dump() for _, row in sorted(new.items())]
        await (await session.connection()).execute(insert(table), values)


@cache
def _held_statement() -> Select[Any]:
    table = table_of(Submission)
    return select(table).where(table.c.id.in_(bindparam("ids", expanding=True)))


def _is_taken(of: ReadOnlyColumnCollection[str, Column[Any]]) -> ColumnElement[bool]:
    return or_(
        of.id.in_(bindparam("ids", expanding=True)),
        and_(
            of.device_id.in_(bindparam("devices", expanding=True)),
            of.device_seq.in_(bindparam("numbers", expanding=True)),
        ),
    )


@cache
def _taken_statement() -> CompoundSelect[Any]:
    # One statement for both: every push asks it.
    own, facts = table_of(Revision).c, table_of(SignedFact).c
    is_taken = or_(own.submission_id.in_(bindparam("submissions", expanding=True)), _is_taken(own))
    return union_all(
        select(own.id, own.device_id, own.device_seq, own.mission_id, own.submission_id, own.waits_for).where(is_taken),
        select(facts.id, facts.device_id, facts.device_seq, facts.mission_id, null(), null()).where(_is_taken(facts)),
    )


async def held_submissions(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, SubmissionRow]:
    """Return the submissions with these ids as they stand, whatever mission they belong to."""
    if not ids:
        return {}
    connection = await session.connection()
    rows = (await connection.execute(_held_statement(), {"ids": in_list(ids)})).mappings()
    # The columns of the table are the members of SubmissionRow.
    return {row["id"]: cast("SubmissionRow", dict(row)) for row in rows}


async def write_submissions(
    session: WriteSession, *, created: Sequence[SubmissionRow], changed: Sequence[SubmissionRow]
) -> None:
    """Insert new submissions and update changed ones, in key order. The caller holds the mission's counter."""
    table = table_of(Submission)
    if created:
        connection = await session.connection()
        await connection.execute(insert(table), sorted(created, key=lambda row: row["id"]))
    if changed:
        columns = [column.name for column in table.columns if column.name != "id"]
        statement = (
            update(table)
            .where(table.c.id == bindparam("key"), table.c.mission_id == bindparam("mission"))
            .values({name: bindparam(f"new_{name}") for name in columns})
        )
        rows: list[dict[str, Any]] = [
            {
                "key": row["id"],
                "mission": row["mission_id"],
                **{f"new_{name}": value for name, value in row.items() if name != "id"},
            }
            for row in sorted(changed, key=lambda row: row["id"])
        ]
        connection = await session.connection()
        await connection.execute(statement, rows)


async def write_revisions(
    session: WriteSession, mission_id: UUID, stored: Sequence[NumberedRevision], waits: Mapping[UUID, Sequence[str]]
) -> None:
    """Append revisions, with what those in `waits` wait for, and the attachments they name."""
    if not stored:
        return
    connection = await session.connection()
    await connection.execute(insert(table_of(Revision)), [_revision_row(mission_id, one, waits) for one in stored])
    attachments = [
        {
            "revision_id": one.revision.id,
            "path": attachment.path,
            "mission_id": mission_id,
            "submission_id": one.revision.submission,
            "sha256": attachment.sha256,
            "size": attachment.size,
            "type": attachment.type,
            "key": attachment.key,
            "plain_sha256": attachment.plain_sha256,
        }
        for one in stored
        for attachment in one.revision.attachments
    ]
    if attachments:
        await connection.execute(insert(table_of(RevisionAttachment)), attachments)


async def write_facts(session: WriteSession, mission_id: UUID, stored: Sequence[NumberedFact]) -> None:
    """Append signed facts."""
    if not stored:
        return
    rows = [
        {
            "id": one.fact.id,
            "mission_id": mission_id,
            "kind": one.fact.kind,
            "hash": one.fact.hash,
            "device_id": one.fact.device,
            "author_id": one.fact.author,
            "team_id": one.team_id,
            "device_seq": one.fact.device_seq,
            "prev_hash": one.fact.prev_hash,
            "made_at": one.fact.made_at,
            "zone": one.fact.tz,
            "subject_id": subject_of(one.fact),
            "round": one.fact.content.round if isinstance(one.fact.content, ReplyIn) else None,
            "said": one.fact.said,
            "seq": one.seq,
            "received_at": one.received_at,
        }
        for one in stored
    ]
    await (await session.connection()).execute(insert(table_of(SignedFact)), rows)


def _revision_row(mission_id: UUID, one: NumberedRevision, waits: Mapping[UUID, Sequence[str]]) -> dict[str, Any]:
    revision = one.revision
    return {
        "id": revision.id,
        "mission_id": mission_id,
        "submission_id": revision.submission,
        "hash": revision.hash,
        "base": list(revision.base),
        "waits_for": list(waits.get(revision.id, ())),
        "reason": revision.reason,
        "device_id": revision.device,
        "author_id": revision.author,
        "device_seq": revision.device_seq,
        "prev_hash": revision.prev_hash,
        "state": revision.state,
        "made_at": revision.made_at,
        "zone": revision.tz,
        "clock_ahead_ms": revision.clock.ahead_ms if revision.clock else None,
        "clock_within_ms": revision.clock.within_ms if revision.clock else None,
        "seq": one.seq,
        "pusher_id": one.pusher_id,
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """What stored revisions and facts have already: ids and (device, device_seq) pairs, in any mission; and reports.

    `reports`: report → revision → what it waits for, in one mission.
    """

    ids: set[UUID] = field(default_factory=set)
    sequences: set[tuple[UUID, int]] = field(default_factory=set)
    reports: dict[UUID, dict[str, list[str]]] = field(default_factory=dict)


async def taken(session: WriteSession, mission_id: UUID, wanted: Collection[Made]) -> Taken:
    """Return what stored revisions and facts have of what these, of this mission, would take."""
    found = Taken()
    if not wanted:
        return found
    values = {
        "ids": in_list(one.id for one in wanted),
        "devices": in_list(one.device for one in wanted),
        "numbers": in_list(one.device_seq for one in wanted),
        "submissions": in_list(one.submission for one in wanted if isinstance(one, RevisionIn)),
    }
    for row in (await (await session.connection()).execute(_taken_statement(), values)).all():
        found.ids.add(row.id)
        found.sequences.add((row.device_id, row.device_seq))
        if row.submission_id is not None and row.mission_id == mission_id:
            found.reports.setdefault(row.submission_id, {})[str(row.id)] = row.waits_for
    return found


async def write_waits(session: WriteSession, mission_id: UUID, waits: Waits) -> None:
    """Note what stored revisions wait for now. The caller holds the mission's counter."""
    if not waits:
        return
    table = table_of(Revision)
    statement = (
        update(table)
        .where(table.c.id == bindparam("key"), table.c.mission_id == mission_id)
        .values(waits_for=bindparam("bases"))
    )
    rows = [{"key": key, "bases": bases} for key, bases in sorted(waits.items())]
    await (await session.connection()).execute(statement, rows)
