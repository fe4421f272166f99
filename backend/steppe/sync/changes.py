"""The things the feed speaks of, as phones see them now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from steppe.checklists.models import ChecklistVersion
from steppe.decisions.models import Decision
from steppe.decisions.queries import asked_withdrawals
from steppe.kit.clock import iso
from steppe.kit.db import ReadSession
from steppe.missions.models import Mission, PlaceList
from steppe.missions.queries import mission_out
from steppe.people.access import DeviceCaller
from steppe.people.models import Team
from steppe.people.queries import team_out
from steppe.queries.queries import for_phone
from steppe.submissions.scope import QUARANTINE, QUERY, team_submissions
from steppe.sync.models import InboxItem

Data = dict[str, dict[str, Any]]
"""Object id → what a phone gets of it."""


async def changes_now(
    session: ReadSession, caller: DeviceCaller, mission: Mission, rows: Sequence[tuple[int, str, str]]
) -> list[dict[str, Any]]:
    """Return feed lines `(n, kind, object id)` with their objects as they are now, each once, at its last line."""
    last = {(kind, key): n for n, kind, key in rows}
    data: dict[str, Data] = {}
    for kind in sorted({kind for kind, _ in last}):
        keys = [key for one, key in last if one == kind]
        data[kind] = await _readers[kind](session, caller, mission, keys)
    return [
        {"n": n, "kind": kind, "id": key, "data": data[kind][key]}
        for (kind, key), n in sorted(last.items(), key=lambda item: item[1])
        if key in data[kind]
    ]


async def _missions(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    del session, caller, keys
    return {str(mission.id): mission_out(mission)}


async def _teams(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    del mission, keys
    team = await team_out(session, await session.get_one(Team, caller.team_id))
    # A phone that moved has another letter here perhaps.
    return {str(caller.team_id): {**team, "letter": caller.letter}}


async def _checklists(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    del caller
    version = ChecklistVersion
    query = select(
        col(version.id),
        col(version.form),
        col(version.version),
        col(version.title),
        col(version.status),
        col(version.hash),
        func.length(col(version.definition)),
    ).where(col(version.mission_id) == mission.id, col(version.id).in_([UUID(key) for key in keys]))
    return {
        str(key): {"form": form, "version": number, "title": title, "status": status, "hash": hashed, "bytes": size}
        for key, form, number, title, status, hashed, size in (await session.execute(query)).all()
    }


async def _places(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    del caller
    query = select(col(PlaceList.version), col(PlaceList.stations), func.length(col(PlaceList.content))).where(
        col(PlaceList.mission_id) == mission.id, col(PlaceList.version).in_(list(keys))
    )
    return {
        version: {"version": version, "count": stations, "bytes": size}
        for version, stations, size in (await session.execute(query)).all()
    }


async def _submissions(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    del mission
    query = team_submissions(caller, [UUID(key) for key in keys])
    rows = (await session.execute(query)).all()
    asked = await asked_withdrawals(session, caller.mission_id, [row.id for row in rows])
    return {
        str(key): {
            "code": code,
            "checklist_version": str(version),
            "team": caller.team_code,
            "status": status,
            "received_at": iso(received_at),
            "heads": heads,
            "device": str(device),
            "author": str(author),
            **({"withdrawal": asked[key]} if key in asked else {}),
        }
        for key, code, version, status, received_at, heads, device, author in rows
    }


async def _decided_items(session: ReadSession, caller: DeviceCaller, mission: Mission, keys: Iterable[str]) -> Data:
    """Return how items that were kept aside stand since somebody decided of them, to the phones of their team.

    Never why: what the desk writes is the desk's.
    """
    del caller
    item = InboxItem
    query = (
        select(
            col(Decision.kind),
            col(item.seq),
            col(item.sealed_hash),
            col(item.revision_id),
            col(item.hash),
            col(item.reason),
        )
        .join(item, (col(item.mission_id) == col(Decision.mission_id)) & (col(item.seq) == col(Decision.inbox_seq)))
        .where(
            col(Decision.mission_id) == mission.id,
            col(Decision.inbox_seq).in_([int(key) for key in keys]),
            # What the desk took in and nobody known signed is of no team: its line would tell every phone.
            or_(col(item.pusher_id).is_not(None), col(item.maker_id).is_not(None), col(Decision.kind) == "taken"),
        )
        .order_by(col(Decision.n))
    )
    return {
        str(seq): {"state": kind, "id": key and str(key), "hash": hashed, "sealed": sealed, "reason": reason}
        for kind, seq, sealed, key, hashed, reason in (await session.execute(query)).all()
    }


_Reader = Callable[[ReadSession, DeviceCaller, Mission, Iterable[str]], Awaitable[Data]]
_readers: Final[dict[str, _Reader]] = {
    "mission": _missions,
    "team": _teams,
    "checklist": _checklists,
    "places": _places,
    "submission": _submissions,
    QUERY: for_phone,
    QUARANTINE: _decided_items,
}
PULLED_KINDS: Final = tuple(_readers)
"""Kinds of change a phone can use. That something was kept aside says its receipt: of quarantine, what was decided."""
