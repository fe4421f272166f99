"""Taking in a push: one transaction for everything its items change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, insert, select, update
from sqlmodel import col

from steppe.attachments.queries import whole_attachments
from steppe.kit.clock import iso, now
from steppe.kit.db import WriteSession
from steppe.missions.feed import Changed, append_changes, take_numbers
from steppe.people.access import DeviceCaller
from steppe.people.models import Device
from steppe.submissions.commands import (
    NumberedRevision,
    held_submissions,
    table_of,
    taken,
    write_revisions,
    write_submissions,
)
from steppe.submissions.current import SubmissionFacts
from steppe.submissions.projection import Projection, SubmissionChange, counted
from steppe.sync.ledger import Ledger
from steppe.sync.models import InboxItem
from steppe.sync.opened import Opened
from steppe.sync.queries import ReadPush
from steppe.sync.receipts import Kept, signed_receipts
from steppe.sync.schemas import OutboxIn


@dataclass(slots=True)
class _Outcome:
    """What a push will write, and the answer of each item by its place in the push."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    kept: dict[int, Kept] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[NumberedRevision] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    touched: dict[UUID, SubmissionFacts | None] = field(default_factory=dict)
    """Submissions this push changes, as they stood before it."""


async def push(
    session: WriteSession, caller: DeviceCaller, read: ReadPush, outbox: OutboxIn, project: Projection
) -> dict[str, Any]:
    """Store every item of a push, once, and return the answer with its receipts (docs/protocol.md §4).

    The mission's counter is locked first, so that two pushes of the same items come one after the other and the
    second finds what the first has stored. Within a push a device's revisions are taken in the order the device
    made them.
    """
    at = now()
    await _note_contact(session, caller, outbox, len(read.items), at)
    outcome = _Outcome()
    if read.items:
        # A number for every item; what duplicates leave over is given back before anybody else can see it.
        first = await take_numbers(session, caller.mission_id, len(read.items))
        ledger = await _ledger(session, caller.mission_id, read)
        for place in _in_order(read.items):
            _take(outcome, ledger, read.items[place], place, first + len(outcome.inbox), caller, at)
        unused = len(read.items) - len(outcome.inbox)
        if unused:
            await take_numbers(session, caller.mission_id, -unused)
        if outcome.inbox:
            await _write(session, caller.mission_id, outcome, ledger, first, project)
        await _add_needs(session, caller.mission_id, outcome, read.items)
    places = range(len(read.items))
    receipts = signed_receipts(
        read.receipt_key,
        mission_id=caller.mission_id,
        device_id=caller.device_id,
        at=at,
        kept=[outcome.kept[place] for place in places],
    )
    return {
        "results": [outcome.results[place] for place in places],
        "receipts": receipts,
        "server_time": iso(at),
    }


def _in_order(items: tuple[Opened, ...]) -> list[int]:
    """Return the places of items so that an edit never comes before what it edits, wherever a phone put them."""
    return sorted(range(len(items)), key=lambda place: (_sequence(items[place]), place))


def _sequence(item: Opened) -> int:
    return item.revision.device_seq if item.revision else 0


async def _note_contact(
    session: WriteSession, caller: DeviceCaller, outbox: OutboxIn, arriving: int, at: datetime
) -> None:
    made = col(Device.device_seq_made)
    await session.execute(
        update(Device)
        .where(col(Device.id) == caller.device_id)
        .values(
            last_contact_at=at,
            # What this push brings has a receipt when the phone reads the answer.
            outbox_waiting=max(0, outbox.waiting - arriving),
            device_seq_made=case((made > outbox.device_seq, made), else_=outbox.device_seq),
        )
        .execution_options(synchronize_session=False)
    )


async def _ledger(session: WriteSession, mission_id: UUID, read: ReadPush) -> Ledger:
    ledger = Ledger(read.definitions, read.surroundings)
    revisions = [item.revision for item in read.items if item.revision]
    unread = [item.unsealed.sealed_hash for item in read.items if item.revision is None]
    table = table_of(InboxItem)
    if revisions:
        for kept in await _held(session, mission_id, table.c.revision_id.in_({one.id for one in revisions})):
            assert kept.id is not None
            ledger.by_revision.setdefault(kept.id, {})[kept.hash or ""] = kept
    if unread:
        for kept in await _held(session, mission_id, table.c.sealed_hash.in_(unread)):
            if kept.id is None:
                ledger.by_sealed.setdefault(kept.sealed_hash, kept)
    new = [one for one in revisions if one.id not in ledger.by_revision]
    ids, ledger.sequences = await taken(session, new)
    ledger.by_revision |= {one: {} for one in ids - ledger.by_revision.keys()}
    ledger.submissions = await held_submissions(session, {one.submission for one in new})
    return ledger


async def _held(session: WriteSession, mission_id: UUID, condition: ColumnElement[bool]) -> list[Kept]:
    # One condition a query, sorted here: with OR, IS NULL or ORDER BY beside it, SQLite walks the mission's whole inbox
    # by its key instead of looking the few rows up in the condition's own index.
    table = table_of(InboxItem)
    query = select(
        table.c.seq,
        table.c.received_at,
        table.c.outcome,
        table.c.reason,
        table.c.sealed_hash,
        table.c.revision_id,
        table.c.hash,
        table.c.device_seq,
    ).where(table.c.mission_id == mission_id, condition)
    rows = (await (await session.connection()).execute(query)).all()
    return sorted((Kept(*row) for row in rows), key=lambda kept: kept.seq)


def _take(
    outcome: _Outcome, ledger: Ledger, item: Opened, place: int, n: int, caller: DeviceCaller, at: datetime
) -> None:
    kept = ledger.known(item)
    if kept is not None:
        outcome.kept[place] = kept
        outcome.results[place] = _result(kept, "duplicate" if kept.outcome == "stored" else "quarantined")
        return
    reason = ledger.objection(item)
    revision = item.revision
    kept = Kept(
        n,
        at,
        "stored" if reason is None else "quarantined",
        reason or "",
        item.unsealed.sealed_hash,
        revision.id if revision else None,
        revision.hash if revision else None,
        revision.device_seq if revision else None,
    )
    if reason is None and revision is not None:
        outcome.touched.setdefault(revision.submission, ledger.submissions.get(revision.submission))
        facts = ledger.store(item, n=n, at=at)
        outcome.revisions.append(NumberedRevision(revision, n))
        outcome.changes.append(Changed("submission", str(revision.submission), facts["team_id"], facts["region_code"]))
    else:
        team = item.author.team_id if item.author else caller.team_id
        outcome.changes.append(Changed("quarantine", str(n), team))
    ledger.note(item, kept)
    outcome.kept[place] = kept
    outcome.results[place] = _result(kept, kept.outcome)
    outcome.inbox.append(_inbox_row(item, kept, caller))


def _result(kept: Kept, status: str) -> dict[str, Any]:
    result: dict[str, Any] = {"status": status}
    if kept.id is not None:
        result |= {"id": str(kept.id), "hash": kept.hash}
    if kept.reason:
        result["reason"] = kept.reason
    return result


def _inbox_row(item: Opened, kept: Kept, caller: DeviceCaller) -> dict[str, Any]:
    return {
        "mission_id": caller.mission_id,
        "seq": kept.seq,
        "pusher_id": caller.device_id,
        "received_at": kept.at,
        "outcome": kept.outcome,
        "reason": kept.reason,
        "revision_id": kept.id,
        "hash": kept.hash,
        "device_seq": kept.device_seq,
        "sealed_hash": kept.sealed_hash,
        "raw": item.unsealed.raw,
        "raw_form": item.unsealed.raw_form,
    }


async def _write(
    session: WriteSession, mission_id: UUID, outcome: _Outcome, ledger: Ledger, first: int, project: Projection
) -> None:
    connection = await session.connection()
    await connection.execute(insert(table_of(InboxItem)), outcome.inbox)
    after = {key: ledger.submissions[key] for key in outcome.touched}
    await write_submissions(
        session,
        created=[facts for key, facts in after.items() if outcome.touched[key] is None],
        changed=[facts for key, facts in after.items() if outcome.touched[key] is not None],
    )
    await write_revisions(session, mission_id, outcome.revisions)
    await append_changes(session, mission_id, first, outcome.changes)
    changes = [
        SubmissionChange(
            ledger.definitions[facts["checklist_version_id"]], counted(before) if before else None, counted(facts)
        )
        for key, facts in after.items()
        for before in (outcome.touched[key],)
    ]
    if changes:
        await project(session, mission_id, changes)


async def _add_needs(session: WriteSession, mission_id: UUID, outcome: _Outcome, items: tuple[Opened, ...]) -> None:
    """Say for stored revisions, new or not, which of their attachments are still missing."""
    named = {
        place: [one.sha256 for one in item.revision.attachments]
        for place, item in enumerate(items)
        if item.revision and item.revision.attachments and outcome.kept[place].outcome == "stored"
    }
    if not named:
        return
    whole = await whole_attachments(session, mission_id, {one for several in named.values() for one in several})
    for place, hashes in named.items():
        missing = [one for one in hashes if one not in whole]
        if missing:
            outcome.results[place]["needs"] = missing
