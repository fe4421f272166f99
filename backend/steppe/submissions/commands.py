"""Writing revisions and the submissions they make, with one executemany per table.

`session.add_all` would cost two to four times the CPU, one multi-VALUES insert up to five times.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update
from sqlmodel import SQLModel, col

from steppe.kit.db import ReadSession, WriteSession
from steppe.submissions.current import SubmissionFacts
from steppe.submissions.models import Revision, RevisionAttachment, Submission
from steppe.submissions.revision import RevisionIn


@dataclass(frozen=True, slots=True)
class NumberedRevision:
    """A revision that is stored, with the mission's number it got."""

    revision: RevisionIn
    seq: int


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table of a model: inserting into it skips the unit of work."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]  # SQLModel sets it at run time


async def held_submissions(
    session: ReadSession | WriteSession, mission_id: UUID, ids: Collection[UUID]
) -> dict[UUID, SubmissionFacts]:
    """Return the submissions with these ids as they stand."""
    if not ids:
        return {}
    table = table_of(Submission)
    query = select(table).where(table.c.mission_id == mission_id, table.c.id.in_(ids))
    rows = (await session.execute(query)).mappings()
    # The columns of the table are the members of SubmissionFacts.
    return {row["id"]: cast("SubmissionFacts", dict(row)) for row in rows}


async def write_submissions(
    session: WriteSession, *, created: Sequence[SubmissionFacts], changed: Sequence[SubmissionFacts]
) -> None:
    """Insert new submissions and update changed ones, in key order. The caller holds the mission's counter."""
    table = table_of(Submission)
    if created:
        await session.execute(insert(table), sorted(created, key=lambda facts: facts["id"]))
    if changed:
        columns = [column.name for column in table.columns if column.name != "id"]
        statement = (
            update(table)
            .where(table.c.id == bindparam("key"))
            .values({name: bindparam(f"new_{name}") for name in columns})
        )
        rows: list[dict[str, Any]] = [
            {"key": facts["id"], **{f"new_{name}": value for name, value in facts.items() if name != "id"}}
            for facts in sorted(changed, key=lambda facts: facts["id"])
        ]
        await (await session.connection()).execute(statement, rows)


async def write_revisions(session: WriteSession, mission_id: UUID, stored: Sequence[NumberedRevision]) -> None:
    """Append revisions and the attachments they name."""
    if not stored:
        return
    await session.execute(insert(table_of(Revision)), [_revision_row(mission_id, one) for one in stored])
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
        await session.execute(insert(table_of(RevisionAttachment)), attachments)


def _revision_row(mission_id: UUID, one: NumberedRevision) -> dict[str, Any]:
    revision = one.revision
    return {
        "id": revision.id,
        "mission_id": mission_id,
        "submission_id": revision.submission,
        "hash": revision.hash,
        "base": list(revision.base),
        "device_id": revision.device,
        "author_id": revision.author,
        "device_seq": revision.device_seq,
        "prev_hash": revision.prev_hash,
        "state": revision.state,
        "made_at": revision.made_at,
        "zone": revision.tz,
        "seq": one.seq,
    }


async def taken_sequences(session: WriteSession, wanted: Collection[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Return which of these (device, device_seq) pairs a stored revision has."""
    if not wanted:
        return set()
    query = select(col(Revision.device_id), col(Revision.device_seq)).where(
        col(Revision.device_id).in_({device for device, _ in wanted}),
        col(Revision.device_seq).in_({number for _, number in wanted}),
    )
    return {(device, number) for device, number in (await session.execute(query)).all()}
