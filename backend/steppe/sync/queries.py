"""Reads of sync: everything about a push that can be known before its transaction."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.kit.clock import iso, now
from steppe.kit.db import ReadSession
from steppe.missions.models import Change, Mission, MissionCounter
from steppe.people.access import DeviceCaller
from steppe.submissions.current import Author, PlaceIndex, Signer
from steppe.submissions.mission_cache import MissionCache
from steppe.submissions.queries import key_of
from steppe.submissions.receipts import ReceiptKey
from steppe.sync.changes import PULLED_KINDS, changes_now
from steppe.sync.cursor import Cursor, read_cursor
from steppe.sync.items import Item, check_item, read_item, unseal, with_submission
from steppe.sync.schemas import OutboxIn, PushIn


@dataclass(frozen=True, slots=True)
class Push:
    """One phone's push, read and checked as far as that goes without the inbox."""

    caller: DeviceCaller
    items: tuple[Item, ...]
    outbox: OutboxIn
    definitions: dict[UUID, Definition]
    places: PlaceIndex
    receipt_key: ReceiptKey


async def read_push(missions: MissionCache, caller: DeviceCaller, pushed: PushIn) -> Push:
    """Open, verify and check the items of a push. No item can make this fail: what is wrong with it is its reason.

    No connection is held while items are opened.
    """
    mission_id = caller.mission_id
    mission = await missions.mission(mission_id)
    items = [unseal(text, mission.keys.transport) for text in pushed.items]
    signers = {caller.device_id: _signer(caller)}
    others = {item.device_id for item in items if item.device_id is not None} - signers.keys()
    signers |= await missions.signers(mission_id, others)
    items = [read_item(item, signers) for item in items]
    versions = await missions.definitions(
        mission_id, {item.revision.checklist_version for item in items if item.revision}
    )
    # Somebody else's form runs here, with a budget of up to a second for each report: nobody else waits for it.
    checked = await to_thread(_checked, items, versions, mission.places)
    return Push(caller, checked, pushed.outbox, versions, mission.places, mission.keys.receipt)


def _checked(items: Sequence[Item], versions: Mapping[UUID, Definition], places: PlaceIndex) -> tuple[Item, ...]:
    return tuple(with_submission(check_item(item, versions), versions, places) for item in items)


def _signer(caller: DeviceCaller) -> Signer:
    author = Author(caller.device_id, caller.letter, caller.team_id, caller.team_code, caller.person_id)
    return Signer(author, key_of(caller.public_jwk))


async def pull(session: ReadSession, caller: DeviceCaller, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return the next page of what concerns the caller: its team's reports, checklists, places, mission and team.

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
    return {
        "changes": await changes_now(session, caller, mission, rows),
        "next_cursor": Cursor(mission.epoch, end).text(),
        "more": is_full and end < last,
        "server_time": iso(now()),
    }
