"""Taking in pushes: one transaction for everything their items change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, select

from steppe.attachments.queries import whole_attachments
from steppe.audit import commands as audit
from steppe.kit.clock import iso, now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession, in_list
from steppe.missions.feed import Changed, append_changes, take_numbers
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.submissions.commands import (
    NumberedRevision,
    held_submissions,
    note_bringers,
    taken,
    write_revisions,
    write_submissions,
)
from steppe.submissions.current import LEVELS, SubmissionRow
from steppe.submissions.projection import Projection, SubmissionChange, counted
from steppe.submissions.revision import Reason
from steppe.sync.contacts import note_contacts, note_unreadable, unreadable_today
from steppe.sync.fence import Fence
from steppe.sync.items import Item
from steppe.sync.models import InboxItem
from steppe.sync.push_state import PushState
from steppe.sync.queries import Push
from steppe.sync.receipts import ReceiptEntry, signed_receipts
from steppe.sync.schemas import PUSH_MAY_CARRY, REVISION_MAY_CARRY

TOO_MUCH_UNREADABLE: Final = "too_much_unreadable"


@dataclass(slots=True)
class _Outcome:
    """What some pushes will write, and the answer of each item by its number among all of theirs."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    entries: dict[int, ReceiptEntry] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[NumberedRevision] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    touched: dict[UUID, SubmissionRow | None] = field(default_factory=dict)
    """Submissions these pushes change, as they stood before."""

    stored: int = 0
    """How many items are new and in the inbox."""

    def add(self, part: _Outcome) -> None:
        """Take in what came of some more items."""
        self.results |= part.results
        self.entries |= part.entries
        self.stored += len(part.inbox)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """An item, its number among all items, and who brings it."""

    number: int
    item: Item
    caller: DeviceCaller | DeskCaller

    @property
    def pusher_id(self) -> UUID | None:
        """The device that brings it; None at the desk."""
        return self.caller.device_id

    @property
    def maker_id(self) -> UUID | None:
        """The device that signed it, where another or the desk brings it."""
        maker = self.item.revision.device if self.item.revision else None
        return maker if maker != self.pusher_id else None


@dataclass(frozen=True, slots=True)
class _Context:
    """What storing needs, whichever items it is tried with."""

    pushes: Sequence[Push]
    projection: Projection
    at: datetime


async def record_pushes(session: WriteSession, pushes: Sequence[Push], projection: Projection) -> list[dict[str, Any]]:
    """Store every item of these pushes of one mission, once, and return their answers (docs/protocol.md §4).

    The mission's counter is locked first, so that transactions with the same items come one after the other and the
    second finds what the first has stored; then the rows of devices, in key order. The pushes are taken as they stand
    in `pushes`, and within one a device's revisions in the order the device made them. Raises StalePush when one of
    them has to be read again.
    """
    at = now()
    mission_id = pushes[0].caller.mission_id
    items = [item for push in pushes for item in push.items]
    outcome = _Outcome()
    # A number for every item; what duplicates leave over is given back before anybody else can see it.
    first = await take_numbers(session, mission_id, len(items)) if items else 0
    await note_contacts(session, pushes, at)
    _note_deliveries(session, pushes)
    if items:
        context = _Context(pushes, projection, at)
        await _store(session, context, list(_in_order(pushes)), outcome, first)
        unused = len(items) - outcome.stored
        if unused:
            await take_numbers(session, mission_id, -unused)
        await _add_needs(session, mission_id, outcome, list(_in_turn(pushes)))
    return [_answer(push, outcome, numbers, at) for push, numbers in _numbered(pushes)]


def _note_deliveries(session: WriteSession, pushes: Sequence[Push]) -> None:
    """Leave a trace of what somebody at the desk took in: counts, never what is inside."""
    for push in pushes:
        if isinstance(push.caller, DeskCaller):
            audit.record(
                session,
                mission_id=push.caller.mission_id,
                actor=push.caller.username,
                action="parcels.take",
                object_id=str(push.caller.person_id),
                detail={"items": len(push.items)},
            )


def with_retries(answer: dict[str, Any], numbers: Sequence[int], pushed: int) -> dict[str, Any]:
    """Return a push's answer with a result for each of the items that were pushed: what is not among `numbers` is kept
    nowhere and has to be sent again (docs/protocol.md §4, `retry`).
    """
    results = [{"status": "retry"} for _ in range(pushed)]
    for number, result in zip(numbers, answer["results"], strict=True):
        results[number] = result
    return {**answer, "results": results}


async def _store(
    session: WriteSession, context: _Context, deliveries: Sequence[_Delivery], outcome: _Outcome, first: int
) -> None:
    """Store items all at once; when one of them cannot be, in halves until it stands alone and is kept for a person.

    Each try stands in a savepoint. The mission's counter and the devices were locked before it, so rolling back gives
    up no lock.
    """
    if await _is_stored(session, context, deliveries, outcome, first):
        return
    if len(deliveries) > 1:
        middle = len(deliveries) // 2
        await _store(session, context, deliveries[:middle], outcome, first)
        await _store(session, context, deliveries[middle:], outcome, first)
        return
    [delivery] = deliveries
    aside = _Outcome()
    item = replace(delivery.item, reason="cannot_project", submission=None)
    await _write(session, context, [replace(delivery, item=item)], aside, first + outcome.stored)
    outcome.add(aside)


async def _is_stored(
    session: WriteSession, context: _Context, deliveries: Sequence[_Delivery], outcome: _Outcome, first: int
) -> bool:
    """Say whether the items went in; when one of them cannot, nothing of them has."""
    tried = _Outcome()
    with Fence("store") as fence:
        async with session.begin_nested():
            await _write(session, context, deliveries, tried, first + outcome.stored)
    if fence.error is None:
        outcome.add(tried)
    return fence.error is None


def _numbered(pushes: Sequence[Push]) -> Iterator[tuple[Push, range]]:
    """Yield pushes with the numbers of their items among the items of all."""
    start = 0
    for push in pushes:
        yield push, range(start, start + len(push.items))
        start += len(push.items)


def _in_order(pushes: Sequence[Push]) -> Iterator[_Delivery]:
    """Yield items so that an edit never comes before what it edits, wherever a phone put them; with who brings them."""
    for push, numbers in _numbered(pushes):
        deliveries = (_Delivery(number, item, push.caller) for number, item in zip(numbers, push.items, strict=True))
        yield from sorted(deliveries, key=lambda delivery: (delivery.item.device_seq, delivery.number))


def _answer(push: Push, outcome: _Outcome, numbers: range, at: datetime) -> dict[str, Any]:
    answer = {
        "results": [outcome.results[number] for number in numbers],
        "server_time": iso(at),
        "reads": REVISION_MAY_CARRY + PUSH_MAY_CARRY,
    }
    if numbers:
        answer["receipts"] = signed_receipts(
            push.receipt_key,
            mission_id=push.caller.mission_id,
            device_id=push.caller.device_id,
            at=at,
            entries=[outcome.entries[number] for number in numbers if number in outcome.entries],
        )
    return answer


async def _push_state(
    session: WriteSession, mission_id: UUID, pushes: Sequence[Push], items: Sequence[Item]
) -> PushState:
    definitions = {version: definition for push in pushes for version, definition in push.definitions.items()}
    state = PushState(definitions)
    revisions = [item.revision for item in items if item.revision]
    unread = [item.sealed_hash for item in items if item.revision is None]
    if revisions:
        for entry in await _entries(session, mission_id, "revision_id", [revision.id for revision in revisions]):
            assert entry.id is not None
            state.by_revision.setdefault(entry.id, {})[entry.hash or ""] = entry
    if unread:
        for entry in await _entries(session, mission_id, "sealed_hash", unread):
            if entry.id is None:
                state.by_sealed.setdefault(entry.sealed_hash, entry)
    new = [revision for revision in revisions if revision.id not in state.by_revision]
    ids, state.sequences = await taken(session, new)
    state.by_revision |= {taken_id: {} for taken_id in ids - state.by_revision.keys()}
    state.submissions = await held_submissions(session, [revision.submission for revision in new])
    return state


@cache
def _entries_statement(column: str) -> Select[Any]:
    # One condition a query, sorted by the caller: with OR, IS NULL or ORDER BY beside it, SQLite walks the mission's
    # whole inbox by its key instead of looking the few rows up in the condition's own index.
    table = table_of(InboxItem)
    return select(
        table.c.seq,
        table.c.received_at,
        table.c.outcome,
        table.c.reason,
        table.c.sealed_hash,
        table.c.revision_id,
        table.c.hash,
        table.c.device_seq,
    ).where(table.c.mission_id == bindparam("mission"), table.c[column].in_(bindparam("keys", expanding=True)))


async def _entries(session: WriteSession, mission_id: UUID, column: str, keys: Sequence[Any]) -> list[ReceiptEntry]:
    connection = await session.connection()
    rows = await connection.execute(_entries_statement(column), {"mission": mission_id, "keys": in_list(keys)})
    return sorted((ReceiptEntry(*row) for row in rows.all()), key=lambda entry: entry.seq)


def _take(outcome: _Outcome, state: PushState, delivery: _Delivery, n: int, at: datetime) -> None:
    item, number = delivery.item, delivery.number
    entry = state.known(item)
    if entry is not None:
        outcome.entries[number] = entry
        outcome.results[number] = _result(entry, "duplicate" if entry.outcome == "stored" else "quarantined")
        return
    if not state.has_room(item, delivery.pusher_id):
        # No receipt: a phone keeps what it has none for, and comes again.
        outcome.results[number] = {"status": "retry", "reason": TOO_MUCH_UNREADABLE}
        return
    reason = state.objection(item)
    revision = item.revision
    entry = ReceiptEntry(
        n,
        at,
        "stored" if reason is None else "quarantined",
        reason or "",
        item.sealed_hash,
        revision.id if revision else None,
        revision.hash if revision else None,
        revision.device_seq if revision else None,
    )
    if reason is None and revision is not None:
        before = state.submissions.get(revision.submission)
        outcome.touched.setdefault(revision.submission, before)
        row = state.store(item, n=n, at=at)
        outcome.revisions.append(NumberedRevision(revision, n, delivery.pusher_id))
        outcome.changes.append(_changed(before, row))
    else:
        outcome.changes.append(_kept_aside(outcome, state, delivery, n, reason))
    state.note(item, entry)
    outcome.entries[number] = entry
    outcome.results[number] = _result(entry, entry.outcome)
    outcome.inbox.append(_inbox_row(delivery, entry))


def _kept_aside(outcome: _Outcome, state: PushState, delivery: _Delivery, n: int, reason: Reason | None) -> Changed:
    """Return the feed line of an item for a person: of the report it closes, else of quarantine."""
    item = delivery.item
    before = state.submissions.get(item.revision.submission) if item.revision else None
    row = state.close(item, reason) if reason else None
    if row is not None:
        outcome.touched.setdefault(row["id"], before)
        return _changed(before, row)
    team = item.author.team_id if item.author else delivery.caller.team_id
    return Changed("quarantine", str(n), team, origin=_origin(item, delivery.caller))


def _changed(before: SubmissionRow | None, after: SubmissionRow) -> Changed:
    """Return the feed line of a changed report.

    A report that became stricter disappears for some who could read it: they are told, in the region they knew it in.
    """
    told = before if before and LEVELS.index(before["level"]) < LEVELS.index(after["level"]) else after
    return Changed(
        "submission", str(after["id"]), after["team_id"], told["region_code"], told["level"], after["origin"]
    )


def _result(entry: ReceiptEntry, status: str) -> dict[str, Any]:
    return {"status": status, "reason": entry.reason} if entry.reason else {"status": status}


def _origin(item: Item, caller: DeviceCaller | DeskCaller) -> str:
    return item.author.origin if item.author else caller.origin


def _inbox_row(delivery: _Delivery, entry: ReceiptEntry) -> dict[str, Any]:
    item = delivery.item
    return {
        "mission_id": delivery.caller.mission_id,
        "seq": entry.seq,
        "pusher_id": delivery.pusher_id,
        "maker_id": delivery.maker_id,
        "received_at": entry.at,
        "origin": _origin(item, delivery.caller),
        "outcome": entry.outcome,
        "reason": entry.reason,
        "revision_id": entry.id,
        "hash": entry.hash,
        "device_seq": entry.device_seq,
        "sealed_hash": entry.sealed_hash,
        "raw": item.raw,
        "raw_form": item.raw_form,
    }


async def _write(
    session: WriteSession, context: _Context, deliveries: Sequence[_Delivery], outcome: _Outcome, first: int
) -> None:
    """Judge items, write what is new, numbered from `first`, and note in `outcome` what came of each."""
    pushes = context.pushes
    mission_id = pushes[0].caller.mission_id
    state = await _push_state(session, mission_id, pushes, [delivery.item for delivery in deliveries])
    unsigned = {delivery.pusher_id for delivery in deliveries if delivery.item.revision is None}
    if unsigned:
        state.unreadable = await unreadable_today(session, mission_id, unsigned, context.at)
    for delivery in deliveries:
        _take(outcome, state, delivery, first + len(outcome.inbox), context.at)
    if outcome.inbox:
        await _write_rows(session, context, mission_id, outcome, state, first)


async def _write_rows(
    session: WriteSession, context: _Context, mission_id: UUID, outcome: _Outcome, state: PushState, first: int
) -> None:
    connection = await session.connection()
    await connection.execute(insert(table_of(InboxItem)), outcome.inbox)
    if state.unreadable:
        await note_unreadable(session, mission_id, state.unreadable, context.at)
    after = {key: state.submissions[key] for key in outcome.touched}
    await write_submissions(
        session,
        created=[row for key, row in after.items() if outcome.touched[key] is None],
        changed=[row for key, row in after.items() if outcome.touched[key] is not None],
    )
    await write_revisions(session, mission_id, outcome.revisions)
    await append_changes(session, mission_id, first, outcome.changes)
    changes = [
        SubmissionChange(
            key, state.definitions[row["checklist_version_id"]], counted(before) if before else None, counted(row)
        )
        for key, row in after.items()
        for before in (outcome.touched[key],)
    ]
    if changes:
        await context.projection(session, mission_id, changes)


async def _add_needs(
    session: WriteSession, mission_id: UUID, outcome: _Outcome, deliveries: Sequence[_Delivery]
) -> None:
    """Say for stored revisions, new or not, which of their attachments are still missing. The pusher may bring them."""
    named = {
        delivery.number: [one.sha256 for one in delivery.item.revision.attachments]
        for delivery in deliveries
        if delivery.item.revision
        and delivery.item.revision.attachments
        and outcome.entries[delivery.number].outcome == "stored"
    }
    if not named:
        return
    whole = await whole_attachments(session, mission_id, {one for several in named.values() for one in several})
    needing = []
    for delivery in deliveries:
        missing = [one for one in named.get(delivery.number, ()) if one not in whole]
        if missing:
            outcome.results[delivery.number]["needs"] = missing
            needing.append(delivery)
    again = {
        (delivery.item.revision.id, delivery.caller.device_id)
        for delivery in needing
        if outcome.results[delivery.number]["status"] == "duplicate"
        and delivery.maker_id is not None
        and delivery.item.revision is not None
        and isinstance(delivery.caller, DeviceCaller)
    }
    await note_bringers(session, mission_id, again)


def _in_turn(pushes: Sequence[Push]) -> Iterator[_Delivery]:
    """Yield items as they stand in their pushes, with who brings them."""
    for push, numbers in _numbered(pushes):
        for number, item in zip(numbers, push.items, strict=True):
            yield _Delivery(number, item, push.caller)
