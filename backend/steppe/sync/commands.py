"""Taking in pushes: one transaction for everything their items change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, select

from steppe.attachments.queries import whole_attachments
from steppe.audit import commands as audit
from steppe.decisions.queries import review_events
from steppe.kit.clock import iso, now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession, in_list
from steppe.missions.feed import append_changes, take_numbers_in_tree
from steppe.missions.safety import Safety, read_safety, settle_numbers
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.people.content_key import CONTENT_KEY
from steppe.queries.commands import bring_back, known_queries
from steppe.submissions.commands import (
    held_submissions,
    note_aside_attachments,
    note_bringers,
    taken,
    write_facts,
    write_revisions,
    write_submissions,
    write_waits,
)
from steppe.submissions.models import AsideAttachment
from steppe.submissions.projection import Projection, SubmissionChange, counted
from steppe.submissions.revision import RevisionIn
from steppe.submissions.signed_fact import ReplyIn, SignedFactIn
from steppe.sync.contacts import note_contacts, note_unreadable, unreadable_today
from steppe.sync.facts import KINDS_TAKEN, submissions_of
from steppe.sync.fence import Fence
from steppe.sync.items import Item
from steppe.sync.models import InboxItem
from steppe.sync.orders import signed_orders
from steppe.sync.outcome import Delivery, Outcome, in_order, in_turn, numbered, take
from steppe.sync.push_state import PushState
from steppe.sync.queries import Push
from steppe.sync.receipt_tree import enter_receipts
from steppe.sync.receipts import ReceiptEntry, signed_receipts
from steppe.sync.schemas import PUSH_MAY_CARRY, REVISION_MAY_CARRY
from steppe.sync.standing import stored_under


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
    outcome = Outcome()
    first = 0
    if items:
        # A number for every item; what duplicates leave over is given back before anybody else can see it.
        first, outcome.tree = await take_numbers_in_tree(session, mission_id, len(items))
    await note_contacts(session, pushes, at)
    _note_deliveries(session, pushes)
    if items:
        context = _Context(pushes, projection, at)
        await _store(session, context, list(in_order(pushes)), outcome, first)
        await _add_needs(session, mission_id, outcome, list(in_turn(pushes)))
        safety = await settle_numbers(session, mission_id, len(items) - outcome.stored, outcome.tree)
    else:
        safety = await read_safety(session, mission_id)
    return [_answer(push, outcome, numbers, at, safety) for push, numbers in numbered(pushes)]


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
    session: WriteSession, context: _Context, deliveries: Sequence[Delivery], outcome: Outcome, first: int
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
    aside = outcome.part()
    item = replace(delivery.item, reason="cannot_project", arrival=None)
    await _write(session, context, [replace(delivery, item=item)], aside, first + outcome.stored)
    outcome.add(aside)


async def _is_stored(
    session: WriteSession, context: _Context, deliveries: Sequence[Delivery], outcome: Outcome, first: int
) -> bool:
    """Say whether the items went in; when one of them cannot, nothing of them has."""
    tried = outcome.part()
    with Fence("store") as fence:
        async with session.begin_nested():
            await _write(session, context, deliveries, tried, first + outcome.stored)
    if fence.error is None:
        outcome.add(tried)
    return fence.error is None


def _answer(push: Push, outcome: Outcome, numbers: range, at: datetime, safety: Safety) -> dict[str, Any]:
    return {
        "results": [outcome.results[number] for number in numbers],
        "receipts": signed_receipts(
            push.receipt_key,
            mission_id=push.caller.mission_id,
            device_id=push.caller.device_id,
            at=at,
            safety=safety,
            entries=[outcome.entries[number] for number in numbers if number in outcome.entries],
        ),
        "server_time": iso(at),
        "reads": (*REVISION_MAY_CARRY, *PUSH_MAY_CARRY, *KINDS_TAKEN, CONTENT_KEY),
        **_orders(push),
        **({"keys": list(push.statements)} if push.statements else {}),
    }


def _orders(push: Push) -> dict[str, list[str]]:
    if not isinstance(push.caller, DeviceCaller) or push.said is None:
        return {}
    orders = signed_orders(push.receipt_key, push.caller, push.said)
    return {"orders": orders} if orders else {}


async def _push_state(
    session: WriteSession, mission_id: UUID, pushes: Sequence[Push], items: Sequence[Item]
) -> PushState:
    definitions = {version: definition for push in pushes for version, definition in push.definitions.items()}
    state = PushState(definitions)
    made = [item.made for item in items if item.made]
    unread = [item.sealed_hash for item in items if item.made is None]
    if made:
        for entry in await _entries(session, mission_id, "revision_id", [one.id for one in made]):
            assert entry.id is not None
            state.by_revision.setdefault(entry.id, {})[entry.hash or ""] = entry
    if unread:
        for entry in await _entries(session, mission_id, "sealed_hash", unread):
            if entry.id is None:
                state.by_sealed.setdefault(entry.sealed_hash, entry)
    aside = [key for key, several in state.by_revision.items() if any(entry.reason for entry in several.values())]
    for key, standing in (await stored_under(session, mission_id, aside)).items():
        state.by_revision[key] |= standing
    await meet(session, mission_id, state, items)
    return state


async def meet(session: WriteSession, mission_id: UUID, state: PushState, items: Sequence[Item]) -> None:
    """Read into `state` what these items meet, of those whose id it does not know: reports, reviews, queries."""
    made = [item.made for item in items if item.made]
    new = [one for one in made if one.id not in state.by_revision]
    found = await taken(session, mission_id, new)
    state.sequences, state.reports = found.sequences, found.reports
    strays = found.ids - state.by_revision.keys()
    # Nobody could read it when it came, and it was taken since: it is known by what it became.
    state.by_revision |= {key: {} for key in strays} | await stored_under(session, mission_id, strays)
    asked = [one.content.query_id for one in new if isinstance(one, SignedFactIn) and isinstance(one.content, ReplyIn)]
    state.queries = await known_queries(session, mission_id, asked)
    spoken_of = [submissions_of(item.fact, item.query) for item in items if item.fact]
    edited = [one.submission for one in new if isinstance(one, RevisionIn)]
    state.submissions = await held_submissions(session, [*edited, *(key for several in spoken_of for key in several)])
    here = state.submissions.keys() | state.reports.keys()
    state.reviews = await review_events(session, mission_id, here, unseen=set(edited) - here)


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


async def _write(
    session: WriteSession, context: _Context, deliveries: Sequence[Delivery], outcome: Outcome, first: int
) -> None:
    """Judge items, write what is new, numbered from `first`, and note in `outcome` what came of each."""
    pushes = context.pushes
    mission_id = pushes[0].caller.mission_id
    state = await _push_state(session, mission_id, pushes, [delivery.item for delivery in deliveries])
    unsigned = {delivery.pusher_id for delivery in deliveries if delivery.item.made is None}
    if unsigned:
        state.unreadable = await unreadable_today(session, mission_id, unsigned, context.at)
    for delivery in deliveries:
        take(outcome, state, delivery, first + len(outcome.inbox), context.at)
    if outcome.inbox:
        await _write_rows(session, context, mission_id, outcome, state, first)


async def _write_rows(
    session: WriteSession, context: _Context, mission_id: UUID, outcome: Outcome, state: PushState, first: int
) -> None:
    outcome.tree = enter_receipts(outcome.tree, outcome.inbox)
    connection = await session.connection()
    await connection.execute(insert(table_of(InboxItem)), outcome.inbox)
    if state.unreadable:
        await note_unreadable(session, mission_id, state.unreadable, context.at)
    await write_outcome(session, context.projection, mission_id, outcome, state, first)


async def write_outcome(
    session: WriteSession, projection: Projection, mission_id: UUID, outcome: Outcome, state: PushState, first: int
) -> None:
    """Write what came of items but their rows of the inbox, with feed lines numbered from `first`."""
    after = {key: state.submissions[key] for key in outcome.touched}
    await write_submissions(
        session,
        created=[row for key, row in after.items() if outcome.touched[key] is None],
        changed=[row for key, row in after.items() if outcome.touched[key] is not None],
    )
    new = {one.revision.id for one in outcome.revisions}
    await write_revisions(session, mission_id, outcome.revisions, outcome.waits)
    await write_waits(session, mission_id, {key: bases for key, bases in outcome.waits.items() if key not in new})
    await write_facts(session, mission_id, outcome.facts)
    await bring_back(session, mission_id, outcome.forgotten)
    await append_changes(session, mission_id, first, outcome.changes)
    changes = [
        SubmissionChange(
            key, state.definitions[row["checklist_version_id"]], counted(before) if before else None, counted(row)
        )
        for key, row in after.items()
        for before in (outcome.touched[key],)
    ]
    if changes:
        await projection(session, mission_id, changes)


async def _add_needs(session: WriteSession, mission_id: UUID, outcome: Outcome, deliveries: Sequence[Delivery]) -> None:
    """Say for revisions, stored or kept aside, new or not, which of their attachments are still missing.

    The pusher may bring them.
    """
    named = {
        delivery.number: [one.sha256 for one in delivery.item.revision.attachments]
        for delivery in deliveries
        if delivery.item.revision and delivery.item.revision.attachments and delivery.number in outcome.entries
    }
    if not named:
        return
    await _note_aside(session, mission_id, outcome, [one for one in deliveries if one.number in named])
    whole = await whole_attachments(session, mission_id, {one for several in named.values() for one in several})
    for number, several in named.items():
        missing = [one for one in several if one not in whole]
        if missing:
            outcome.results[number]["needs"] = missing
    # Also of files that are here already: whoever brought the report again needs their receipts to let it go.
    again = {
        (delivery.item.revision.id, delivery.caller.device_id)
        for delivery in deliveries
        if delivery.number in named
        and outcome.results[delivery.number]["status"] == "duplicate"
        and delivery.maker_id is not None
        and delivery.item.revision is not None
        and isinstance(delivery.caller, DeviceCaller)
    }
    await note_bringers(session, mission_id, again)


async def _note_aside(
    session: WriteSession, mission_id: UUID, outcome: Outcome, deliveries: Sequence[Delivery]
) -> None:
    """Let the maker and whoever delivers it bring the attachments of a report kept aside: they travel unjudged."""
    await note_aside_attachments(
        session,
        mission_id,
        [
            AsideAttachment(mission_id=mission_id, sha256=one.sha256, device_id=device, seq=entry.seq, size=one.size)
            for delivery in deliveries
            for entry in (outcome.entries[delivery.number],)
            if entry.outcome == "quarantined" and delivery.item.revision is not None
            for one in delivery.item.revision.attachments
            for device in (delivery.item.revision.device, delivery.pusher_id)
            if device is not None
        ],
    )
