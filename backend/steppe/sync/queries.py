"""Reads of sync: everything about a push that can be known before its transaction."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.kit.clock import iso, now
from steppe.kit.db import ReadSession
from steppe.kit.settings import Settings
from steppe.missions.keys import ReceiptKey
from steppe.missions.mission_keys import mission_keys
from steppe.missions.models import Change, Mission, MissionCounter
from steppe.missions.safety import read_safety
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.queries.queries import unnoted_arrivals
from steppe.queries.statement import QUERY_TYPE
from steppe.submissions.current import Author, Signer
from steppe.submissions.mission_cache import MissionCache
from steppe.submissions.queries import key_of
from steppe.submissions.receipts import signed
from steppe.submissions.scope import QUERY
from steppe.sync.changes import PULLED_KINDS, changes_now
from steppe.sync.cursor import Cursor, read_cursor
from steppe.sync.held_reports import held_reports, withdrawn_versions
from steppe.sync.item_checker import ItemChecker
from steppe.sync.items import (
    Item,
    behind_another,
    read_item,
    reports_withdrawn,
    unseal,
    with_checklist,
    with_query,
)
from steppe.sync.models import InboxItem
from steppe.sync.receipts import ReceiptEntry, signed_receipts
from steppe.sync.schemas import MAX_PULL, ParcelsIn, PushIn
from steppe.sync.standing import as_they_stand


@dataclass(frozen=True, slots=True)
class Push:
    """One phone's push, or a file taken at the desk, read and checked as far as that goes without the inbox.

    `numbers` are the places of `items` among those that were pushed: what could not be checked in time is not here.
    """

    caller: DeviceCaller | DeskCaller
    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    said: PushIn | None
    """What the phone says of itself beside them; nothing at the desk."""

    definitions: dict[UUID, Definition]
    receipt_key: ReceiptKey
    """The newest that the caller holds: whatever is signed for it, is signed with this one."""

    statements: tuple[str, ...] = ()
    """The lists by which it learns of newer keys."""


MOST_READINGS: Final = 20
"""Of one push, or of one item kept aside. Each further one means that somebody else changed the same report first."""
_READINGS_TOGETHER: Final = 3
"""Of a push whose items are merged with each other; others may have changed a report once or twice."""


async def read_push(
    missions: MissionCache,
    checker: ItemChecker,
    caller: DeviceCaller | DeskCaller,
    pushed: PushIn | ParcelsIn,
    reading: int = 0,
) -> Push:
    """Open, verify and check the items of a push. No item can make this fail: what is wrong with it is its reason.

    No connection is held while items are opened and checked. What an edit makes of its report is worked out here, from
    the report as it stands now; whoever stores it has to look whether it still does. `reading`: how often it did not.
    At first only edits are looked up, then first revisions too, for which edits may have waited; and when an item of
    this push is not what the next one of its report was merged with, each report is left with its first item.
    """
    mission_id = caller.mission_id
    mission = await missions.mission(mission_id)
    items = await checker.each(lambda text: unseal(text, mission.keys.transport), pushed.items)
    signers = {caller.device_id: _signer(caller)} if isinstance(caller, DeviceCaller) else {}
    others = {item.device_id for item in items if item.device_id is not None} - signers.keys()
    signers |= await missions.signers(mission_id, others)
    items = await checker.each(lambda item: read_item(item, signers), items)
    strays = {item.author.device_id for item in items if item.author and item.names_another_team}
    if strays:
        moved = await missions.with_former(mission_id, {device: signers[device] for device in strays})
        items = await checker.each(lambda item: read_item(item, moved) if item.names_another_team else item, items)
    if any(item.fact for item in items):
        own_keys = mission.keys.receipt_keys()
        items = await checker.each(lambda item: with_query(item, own_keys, mission_id), items)
    async with missions.read() if reports_withdrawn(items) else nullcontext() as session:
        their = await withdrawn_versions(session, mission_id, items) if session else {}
    named = {item.revision.checklist_version for item in items if item.revision}
    versions = await missions.definitions(mission_id, named | {*their.values()})
    items = [with_checklist(item, their, versions) for item in items] if their else items
    edited = {item.revision.submission for item in items if item.revision and (item.revision.base or reading)}
    async with missions.read() if edited else nullcontext() as session:
        reports = await held_reports(session, mission_id, edited) if session else {}
    left_out = behind_another(items) if reading >= _READINGS_TOGETHER else frozenset()
    checked = await checker.check(items, versions, mission.places, reports, left_out)
    said = pushed if isinstance(pushed, PushIn) else None
    held = replace(caller.held_keys, serial=said.keys if said else None)
    return Push(
        caller=caller,
        items=tuple(checked.values()),
        numbers=tuple(checked),
        said=said,
        definitions=versions,
        receipt_key=mission.keys.receipt_for(held),
        statements=tuple(mission.keys.statements_for(held)),
    )


def _signer(caller: DeviceCaller) -> Signer:
    team = (caller.team_id, caller.team_code)
    author = Author(caller.device_id, caller.letter, *team, caller.person_id, caller.origin)
    return Signer(author, key_of(caller.public_jwk), caller.revoked_at is not None)


async def pull(
    session: ReadSession, caller: DeviceCaller, settings: Settings, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return the next page of what concerns the caller: its team's reports, checklists, places, mission and team.

    With it the receipts of what the caller made and somebody else brought in this stretch of the feed; with the last
    page a list in any case, for what it says of the mission's safety.

    The counter is read before the changes: every change up to that number is committed, whatever is being written
    now, because numbers are taken under the counter's lock. Reading it after them could step over changes not seen.
    """
    mission = await session.get_one(Mission, caller.mission_id)
    last = (
        await session.execute(select(col(MissionCounter.n)).where(col(MissionCounter.mission_id) == mission.id))
    ).scalar_one()
    start = read_cursor(cursor, mission.epoch)
    query = (
        select(col(Change.n), col(Change.kind), col(Change.object_id))
        .where(
            col(Change.mission_id) == mission.id,
            col(Change.n) > start.n,
            col(Change.n) <= last,
            col(Change.kind).in_(PULLED_KINDS),
            or_(col(Change.team_id).is_(None), col(Change.team_id) == caller.team_id),
        )
        .order_by(col(Change.n))
        .limit(limit)
    )
    rows = [(n, kind, key) for n, kind, key in (await session.execute(query)).all()]
    is_full = len(rows) == limit
    end = rows[-1][0] if is_full else max(last, start.n)
    at = now()
    changes = await changes_now(session, caller, mission, rows)
    if any(change["kind"] == QUERY for change in changes):
        _sign_queries(changes, (await mission_keys(session, mission.id, settings)).receipt_for(caller.held_keys))
    page = {
        "changes": changes,
        "next_cursor": Cursor(mission.epoch, end).text(),
        "more": is_full and end < last,
        "server_time": iso(at),
    }
    brought = await _brought_by_others(session, caller, start.n, end)
    if page["more"] and not brought:
        return page
    keys = await mission_keys(session, mission.id, settings)
    receipts = signed_receipts(
        keys.receipt_for(caller.held_keys),
        mission_id=mission.id,
        device_id=caller.device_id,
        at=at,
        safety=await read_safety(session, mission.id),
        entries=brought,
    )
    return {**page, "receipts": receipts}


async def arrived(session: ReadSession, caller: DeviceCaller, cursor: str | None) -> list[tuple[UUID, int]]:
    """Return the rounds of queries that a phone with this cursor has, as far as nobody wrote that down yet."""
    mission = await session.get_one(Mission, caller.mission_id)
    return await unnoted_arrivals(session, caller, read_cursor(cursor, mission.epoch).n)


def _sign_queries(changes: list[dict[str, Any]], key: ReceiptKey) -> None:
    """Have the mission sign what it asks: a phone shows nothing else as asked, and brings it back with a reply."""
    for change in changes:
        if change["kind"] == QUERY:
            change["data"]["statement"] = signed(key, change["data"]["statement"], QUERY_TYPE)


async def _brought_by_others(session: ReadSession, caller: DeviceCaller, after: int, until: int) -> list[ReceiptEntry]:
    """Return what the caller made and others brought with numbers in (after, until]; the first hundreds if more."""
    item = InboxItem
    query = (
        select(
            col(item.seq),
            col(item.received_at),
            col(item.outcome),
            col(item.reason),
            col(item.sealed_hash),
            col(item.revision_id),
            col(item.hash),
            col(item.device_seq),
        )
        .where(col(item.maker_id) == caller.device_id, col(item.seq) > after, col(item.seq) <= until)
        .order_by(col(item.seq))
        .limit(MAX_PULL)
    )
    entries = [ReceiptEntry(*row) for row in (await session.execute(query)).all()]
    return await as_they_stand(session, caller.mission_id, entries)
