"""Which items of the queue somebody at the desk is told of, what of them they read, and of which they decide."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select
from sqlmodel import col

from steppe.kit.db import ReadSession
from steppe.people.models import Device, TeamRegion
from steppe.people.policy import Scope, decide
from steppe.quarantine.judging import Judged
from steppe.sync.models import InboxItem

phone_of_item = func.coalesce(col(InboxItem.maker_id), col(InboxItem.pusher_id))
"""Whose item it is: of whoever signed it, else of whoever brought it; null for what the desk took and nobody signed."""


def in_queue(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions on an item of the inbox that it was kept aside and somebody is told that it is there.

    An item nobody could read has no level: what is told is its phone, never its content. Whoever works in some regions
    is told of the teams of those.
    """
    # The word itself, not a parameter: only then do the engines see that the partial index holds these rows.
    aside: BindParameter[str] = bindparam("aside", "quarantined", literal_execute=True)
    held = [col(InboxItem.mission_id) == scope.mission, col(InboxItem.outcome) == aside]
    if scope.origin is not None:
        held.append(col(InboxItem.origin) == scope.origin)
    if scope.regions is not None:
        phones = select(col(Device.id)).join(TeamRegion, col(TeamRegion.team_id) == col(Device.team_id))
        own = phones.where(
            col(Device.mission_id) == scope.mission, col(TeamRegion.region_code).in_(sorted(scope.regions))
        )
        held.append(phone_of_item.in_(own))
    return held


async def is_in_queue(session: ReadSession, scope: Scope, seq: int) -> bool:
    """Say whether somebody with this scope is told of an item."""
    query = select(col(InboxItem.seq)).where(*in_queue(scope), col(InboxItem.seq) == seq)
    return (await session.execute(query)).first() is not None


def is_read_by(scope: Scope, judged: Judged) -> bool:
    """Say whether somebody reads what an item says, as far as anybody can.

    Of an unknown checklist version nobody knows which questions are sealed: whoever is shown those reads it.
    """
    facts = judged.facts
    if facts is None or not decide(scope, "read_reports", facts):
        return False
    return judged.definition is not None or scope.sees_sealed


async def is_decided_by(session: ReadSession, scope: Scope, judged: Judged) -> bool:
    """Say whether somebody decides that an item becomes what it was judged to be, or stays apart."""
    if "decide" not in scope.actions or not await is_in_queue(session, scope.decided, judged.kept.seq):
        return False
    # Of what it becomes, and of the report it changes as that stands: nobody moves another's report to their region.
    facts = (judged.facts, judged.standing)
    return all(each is None or decide(scope.decided, "decide", each) for each in facts)
