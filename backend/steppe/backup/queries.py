"""Reads about backups, and what a backup asks of the database beside its rows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, inspect, literal, table, text
from sqlalchemy import select as select_rows
from sqlmodel import col, func, select

from steppe.attachments.models import Attachment
from steppe.audit.models import AuditEntry
from steppe.backup.manifest import MissionHead
from steppe.backup.models import Backup, Checkpoint, RecoveryKey
from steppe.backup.problems import UnknownBackup, UnknownReport
from steppe.backup.receipts.receipt_file import Covered, Received
from steppe.backup.schemas import RestoredPeriod
from steppe.checklists.models import ChecklistFile, ChecklistVersion
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.merkle import inclusion_path
from steppe.missions.models import Change, Mission, MissionCounter
from steppe.people.models import Device, Team
from steppe.submissions.models import Revision, RevisionAttachment
from steppe.sync.models import InboxItem
from steppe.sync.receipt_tree import receipt_entry, receipt_leaf

_ITEMS_FETCHED: Final = 100
_CODE: Final = re.compile(r"(.+)-([A-Z]+)(\d{1,9})")
REVOKED: Final = "revoked_"
"""How the names of the columns begin that say since when and why a phone is refused."""
RESTORE: Final = "mission.restore"
PUT_BACK: Final = "mission.put_back"
RESTORE_READ: Final = "mission.restore_read"
"""Actions of the audit trail: restored by the command; an older database put back by hand; somebody looked after it."""


async def recovery_key(session: ReadSession | WriteSession) -> str | None:
    """Return the age recipient that backups are sealed to; None before `steppe backup key`."""
    query = select(RecoveryKey.public).order_by(col(RecoveryKey.made_at).desc()).limit(1)
    return (await session.exec(query)).first()


async def schema_revision(session: ReadSession) -> str:
    """Return the revision of the database's schema."""
    return str((await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())


async def mission_heads(session: ReadSession) -> list[MissionHead]:
    """Return how far the feed of each mission is."""
    query = (
        select(Mission.id, Mission.code, Mission.epoch, MissionCounter.n)
        .join(MissionCounter, col(MissionCounter.mission_id) == col(Mission.id))
        .order_by(col(Mission.id))
    )
    return [
        MissionHead(id=key, code=code, epoch=epoch, n=n, safe_to=n) for key, code, epoch, n in await session.exec(query)
    ]


async def files_of_forms(session: ReadSession) -> list[tuple[UUID, str, int]]:
    """Return mission, SHA-256 and size of every file that came with a checklist, once each."""
    query = (
        select(ChecklistVersion.mission_id, ChecklistFile.sha256, ChecklistFile.size)
        .join(ChecklistVersion, col(ChecklistVersion.id) == col(ChecklistFile.checklist_version_id))
        .distinct()
        .order_by(col(ChecklistVersion.mission_id), col(ChecklistFile.sha256))
    )
    return [(mission, sha256, size) for mission, sha256, size in await session.exec(query)]


async def lost_numbers(session: ReadSession, mission_id: UUID, hashes: Sequence[str]) -> list[int]:
    """Return the numbers from which on the mission is not whole without these files: their own, or their report's.

    A file of a form has no number: without it nothing after 0 counts as whole.
    """
    own = select(Attachment.sha256, Attachment.seq).where(
        Attachment.mission_id == mission_id, col(Attachment.sha256).in_(hashes)
    )
    named = (
        select(RevisionAttachment.sha256, func.min(col(Revision.seq)))
        .join(Revision, col(Revision.id) == col(RevisionAttachment.revision_id))
        .where(
            col(RevisionAttachment.mission_id) == mission_id,
            col(Revision.mission_id) == mission_id,
            col(RevisionAttachment.sha256).in_(hashes),
        )
        .group_by(col(RevisionAttachment.sha256))
    )
    numbers = dict((await session.exec(named)).all()) | {key: n for key, n in await session.exec(own) if n is not None}
    return [numbers.get(one, 1) for one in hashes]


async def backups(session: ReadSession) -> list[Backup]:
    """Return every backup that was found good, the newest first."""
    return list((await session.exec(select(Backup).order_by(col(Backup.made_at).desc()))).all())


async def backup_by_digest(session: ReadSession | WriteSession, sha256: str) -> Backup:
    """Return the backup whose file has this SHA-256 (hex, in full). Raises UnknownBackup."""
    found = (await session.exec(select(Backup).where(Backup.sha256 == sha256.lower()))).first()
    if found is None:
        raise UnknownBackup
    return found


async def revoked_devices(session: ReadSession) -> dict[UUID, dict[str, Any]]:
    """Return what the database says of each phone that is refused."""
    table = table_of(Device)
    said = [one for one in table.columns if one.name.startswith(REVOKED)]
    query = select(table.c.id, table.c.mission_id, *said).where(table.c.revoked_at.is_not(None))
    rows = (await session.execute(query)).mappings().all()
    return {row["id"]: {one.name: row[one.name] for one in said} | {"mission": row["mission_id"]} for row in rows}


async def table_with_rows(session: ReadSession, names: Sequence[str]) -> str | None:
    """Return the first of these tables that is there and holds a row; None when the database is empty."""
    inspected = await (await session.connection()).run_sync(lambda connection: inspect(connection).get_table_names())
    for name in (one for one in names if one in inspected):
        if (await session.execute(select(literal(1)).select_from(table(name)).limit(1))).first() is not None:
            return name
    return None


async def files_of_reports(session: ReadSession) -> list[tuple[UUID, str, int]]:
    """Return mission, SHA-256 and size of every attachment that is complete."""
    query = (
        select(Attachment.mission_id, Attachment.sha256, Attachment.size)
        .where(col(Attachment.completed_at).is_not(None))
        .order_by(col(Attachment.mission_id), col(Attachment.sha256))
    )
    return [(mission, sha256, size) for mission, sha256, size in await session.exec(query)]


async def device_keys(session: ReadSession, mission_id: UUID) -> dict[UUID, dict[str, Any]]:
    """Return the public key (JWK) of every device of a mission, refused ones too."""
    devices = table_of(Device)
    query = select(devices.c.id, devices.c.public_jwk).where(devices.c.mission_id == mission_id)
    return {device: jwk for device, jwk in (await session.execute(query)).all()}  # noqa: C416 - rows are no pairs to mypy


def inbox(session: ReadSession, mission_id: UUID) -> AsyncIterator[Any]:
    """Return a mission's inbox items in the order of their numbers, a few in memory at a time."""
    items = table_of(InboxItem)
    query = select(*items.columns).where(items.c.mission_id == mission_id).order_by(items.c.seq)
    return _streamed(session, query)


async def _streamed(session: ReadSession, query: Select[Any]) -> AsyncIterator[Any]:
    connection = await session.connection()
    async with connection.stream(query.execution_options(yield_per=_ITEMS_FETCHED)) as result:
        async for row in result.mappings():
            yield row


def inbox_facts(mission_id: UUID) -> Select[Any]:
    """Return the select of a mission's inbox items without their bytes."""
    items = table_of(InboxItem)
    return select_rows(*(one for one in items.columns if one.name != "raw")).where(items.c.mission_id == mission_id)


def receipts_in_tree(session: ReadSession, mission_id: UUID) -> AsyncIterator[Any]:
    """Return the facts of receipts in the order in which they stand in the tree, a few in memory at a time."""
    items = table_of(InboxItem)
    query = inbox_facts(mission_id).where(items.c.tree_size.is_not(None)).order_by(items.c.tree_size, items.c.seq)
    return _streamed(session, query)


async def covered_receipt(
    session: ReadSession, mission_id: UUID, seq: int, kids: Collection[str], kept: bytes | None
) -> Covered | None:
    """Return how the receipt with a number stands under the first checkpoint after it; None when there is none.

    `kids`: keys by which a checkpoint has to be signed. `kept`: a file with the one that is meant, none other.
    """
    leaves, found = [], None
    async for row in receipts_in_tree(session, mission_id):
        leaves.append(receipt_leaf(row))
        found = row if row["seq"] == seq else found
    if found is None:
        return None
    for checkpoint in await checkpoints(session, mission_id):
        is_meant = kept is None or checkpoint.jws.encode() in kept
        if is_meant and checkpoint.kid in kids and found["tree_size"] <= checkpoint.receipts <= len(leaves):
            break
    else:
        return None
    leaves = leaves[: checkpoint.receipts]
    place = found["tree_size"] - 1
    return Covered(checkpoint.jws, receipt_entry(found), place, inclusion_path(leaves, place))


async def trail_in_tree(session: ReadSession) -> AsyncIterator[Any]:
    """Yield the entries of the audit trail in the order in which they stand in its tree, a few in memory at a time."""
    entries = table_of(AuditEntry)
    query = select_rows(entries).where(entries.c.tree_size.is_not(None)).order_by(entries.c.tree_size, entries.c.id)
    # Not by `_streamed`: statements without a mission are known by the function that makes them.
    connection = await session.connection()
    async with connection.stream(query.execution_options(yield_per=_ITEMS_FETCHED)) as result:
        async for row in result.mappings():
            yield row


async def receipts_outside(session: ReadSession, mission_id: UUID) -> int:
    """Return how many receipts of a mission are not in its tree yet."""
    query = select_rows(func.count()).where(col(InboxItem.mission_id) == mission_id, col(InboxItem.tree_size).is_(None))
    return int((await session.execute(query)).scalar_one())


async def trail_outside(session: ReadSession) -> int:
    """Return how many entries of the audit trail are not in its tree yet."""
    query = select_rows(func.count()).where(col(AuditEntry.tree_size).is_(None))
    return int((await session.execute(query)).scalar_one())


async def checkpoints(session: ReadSession | WriteSession, mission_id: UUID) -> list[Checkpoint]:
    """Return what a mission signed of its past, the earliest first."""
    own = select(Checkpoint).where(Checkpoint.mission_id == mission_id)
    return list((await session.exec(own.order_by(col(Checkpoint.made_at), col(Checkpoint.id)))).all())


async def received_report(session: ReadSession, mission_id: UUID, named: str) -> tuple[Received, bytes]:
    """Return what is held of a revision and its signed bytes: by its id, or the one that a short code counts.

    Raises UnknownReport.
    """
    items, devices, teams = table_of(InboxItem), table_of(Device), table_of(Team)
    query = (
        select_rows(items.c.seq, items.c.received_at, items.c.outcome, items.c.raw, devices.c.id, devices.c.public_jwk)
        .join(Revision, col(Revision.id) == items.c.revision_id)
        .join(devices, devices.c.id == col(Revision.device_id))
        .join(teams, teams.c.id == devices.c.team_id)
        .where(items.c.mission_id == mission_id, col(Revision.mission_id) == mission_id)
    )
    code = _CODE.fullmatch(named.upper())
    if code is not None:
        team, letter, number = code.groups()
        query = query.where(teams.c.code == team, devices.c.letter == letter, col(Revision.device_seq) == int(number))
    else:
        try:
            query = query.where(items.c.revision_id == UUID(named))
        except ValueError as error:
            raise UnknownReport(named) from error
    row = (await session.execute(query)).first()
    if row is None:
        raise UnknownReport(named)
    epoch = (await session.exec(select(Mission.epoch).where(Mission.id == mission_id))).one()
    return Received(mission_id, row.id, row.public_jwk, row.seq, epoch, row.received_at, row.outcome), row.raw


async def last_fact_at(session: ReadSession | WriteSession, mission_id: UUID, until: datetime) -> datetime | None:
    """Return the moment of the last thing that a mission's feed or audit trail tells of, up to `until`."""
    changes = select(func.max(Change.made_at)).where(Change.mission_id == mission_id, Change.made_at <= until)
    acts = select(func.max(AuditEntry.at)).where(AuditEntry.mission_id == mission_id, AuditEntry.at <= until)
    told: list[datetime | None] = [(await session.exec(query)).one() for query in (changes, acts)]
    return max((at for at in told if at is not None), default=None)


async def restored_periods(session: ReadSession | WriteSession, mission_id: UUID) -> dict[RestoredPeriod, bool]:
    """Return the times a mission's database went back to an older one, the latest first, and whether it was read."""
    # Asked at every look at the desk: of a mission that never was restored its own row says so.
    if not (await session.exec(select(Mission.epochs).where(Mission.id == mission_id))).one():
        return {}
    actions = (RESTORE, PUT_BACK, RESTORE_READ)
    query = select(AuditEntry).where(AuditEntry.mission_id == mission_id, col(AuditEntry.action).in_(actions))
    entries = (await session.exec(query.order_by(col(AuditEntry.at).desc()))).all()
    read = {entry.object_id for entry in entries if entry.action == RESTORE_READ}
    return {
        RestoredPeriod(
            id=entry.id,
            since=entry.detail.get("copy_of"),
            until=entry.at,
            is_by_hand=entry.action == PUT_BACK,
        ): str(entry.id) in read
        for entry in entries
        if entry.action != RESTORE_READ
    }


async def unread_restores(session: ReadSession | WriteSession, mission_id: UUID) -> list[RestoredPeriod]:
    """Return the restores that nobody has looked after yet, the latest first."""
    return [period for period, is_read in (await restored_periods(session, mission_id)).items() if not is_read]
