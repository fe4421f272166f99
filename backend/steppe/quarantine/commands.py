"""Ending what was kept aside: each decision under the mission's counter, with all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from steppe.audit import commands as audit
from steppe.decisions.models import Decision
from steppe.decisions.problems import DecisionKnown
from steppe.decisions.taken import TakenAs
from steppe.kit.db import WriteSession
from steppe.kit.ids import uuid7
from steppe.missions.feed import Changed, append_changes, take_numbers
from steppe.people.models import Device
from steppe.quarantine.judging import Judged
from steppe.quarantine.problems import CannotBeTaken, DecidedAlready
from steppe.submissions.current import LEVELS
from steppe.submissions.place_index import PlaceNote
from steppe.submissions.projection import Projection
from steppe.submissions.scope import QUARANTINE
from steppe.sync.commands import meet, write_outcome
from steppe.sync.fence import Fence
from steppe.sync.outcome import Lying, Outcome, store
from steppe.sync.push_state import PushState

RECEIVED_AGAIN = "received_again"
"""Why an item cannot be taken that came again meanwhile, and is stored under another number."""


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """What is decided of an item before it has a number. `author_id` None: the command line.

    `seen`: number of the last decision about it that whoever decides knew of, 0 for none.
    """

    kind: Literal["taken", "kept_apart"]
    author_id: UUID | None
    id: UUID = field(default_factory=uuid7)
    text: str = ""
    seen: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)


async def take(session: WriteSession, projection: Projection, judged: Judged, new: ItemDecision) -> None:
    """Make of an item what it was judged to be: under its own number of the inbox, counted from this decision on.

    The same decision again changes nothing. Raises DecidedAlready, CannotBeTaken, DecisionKnown, and StalePush when its
    report changed since it was judged.
    """
    mission_id, kept, item = judged.mission_id, judged.kept, judged.item
    if await _is_decided(session, judged, new):
        return
    if judged.reason is not None:
        raise CannotBeTaken(judged.reason, reason=judged.reason)
    assert item.made is not None
    assert item.author is not None
    version = item.revision.checklist_version if item.revision else None
    state = PushState({judged.version: judged.definition} if judged.version and judged.definition else {})
    await meet(session, mission_id, state, [item])
    if state.known(item) is not None:
        raise CannotBeTaken(RECEIVED_AGAIN, reason=RECEIVED_AGAIN)
    reason = state.objection(item)
    if reason is not None:
        raise CannotBeTaken(reason, reason=reason)
    n = await take_numbers(session, mission_id, 2)
    line = await _line(session, judged)
    note: PlaceNote | None = None
    with Fence("store") as fence:
        async with session.begin_nested():
            outcome = Outcome()
            note = store(outcome, state, item, Lying(kept.seq, kept.received_at, kept.pusher_id), n)
            outcome.changes.append(line)
            await write_outcome(session, projection, mission_id, outcome, state, n)
    if fence.error is not None:
        raise CannotBeTaken("cannot_project", reason="cannot_project")
    signed = item.raw if kept.raw_form == "sealed" else None
    taken_as = TakenAs.of(item.author, version, note, signed)
    await _write(session, judged, new, n, {**new.payload, **taken_as.payload()})


async def keep_apart(session: WriteSession, judged: Judged, new: ItemDecision) -> None:
    """Write down that an item stays apart, and why; it can still be taken later.

    Raises DecidedAlready and DecisionKnown.
    """
    if await _is_decided(session, judged, new):
        return
    n = await take_numbers(session, judged.mission_id, 1)
    await append_changes(session, judged.mission_id, n, [await _line(session, judged)])
    await _write(session, judged, new, n, new.payload)


async def _is_decided(session: WriteSession, judged: Judged, new: ItemDecision) -> bool:
    """Lock the mission's counter; say whether this very decision is there. Raises DecidedAlready, DecisionKnown."""
    await take_numbers(session, judged.mission_id, 0)
    known = await session.get(Decision, new.id)
    if known is not None:
        is_same = (known.mission_id, known.inbox_seq, known.kind) == (judged.mission_id, judged.kept.seq, new.kind)
        if not is_same:
            raise DecisionKnown
        return True
    query = (
        select(col(Decision.kind), col(Decision.n))
        .where(col(Decision.mission_id) == judged.mission_id, col(Decision.inbox_seq) == judged.kept.seq)
        .order_by(col(Decision.n).desc())
        .limit(1)
    )
    last = (await session.execute(query)).first()
    # Taken is taken: its answers are counted, and what is wrong with a report is decided of the report.
    if last is not None and (last.n != new.seen or last.kind == "taken"):
        raise DecidedAlready(decided=last.kind, n=last.n)
    return False


async def _line(session: WriteSession, judged: Judged) -> Changed:
    """Return the line of the feed by which the phone hears of it, and whoever has the queue before them."""
    kept = judged.kept
    phone = kept.maker_id or kept.pusher_id
    if judged.item.author is not None:
        phone = judged.item.author.device_id
    query = select(col(Device.team_id)).where(col(Device.id) == phone, col(Device.mission_id) == judged.mission_id)
    team = (await session.execute(query)).scalar_one_or_none() if phone else None
    return Changed(QUARANTINE, str(kept.seq), team or kept.team_id, origin=kept.origin)


async def _write(session: WriteSession, judged: Judged, new: ItemDecision, n: int, payload: Mapping[str, Any]) -> None:
    revision = judged.item.revision
    session.add(
        Decision(
            id=new.id,
            mission_id=judged.mission_id,
            n=n,
            kind=new.kind,
            submission_id=revision.submission if revision and new.kind == "taken" else None,
            inbox_seq=judged.kept.seq,
            author_id=new.author_id,
            text=new.text,
            payload=dict(payload),
            level=judged.facts.level if judged.facts else LEVELS[0],
        )
    )
    # Never the text, it may quote an answer; nor whose it became: the decision says that.
    audit.record(
        session,
        mission_id=judged.mission_id,
        actor=f"person:{new.author_id}" if new.author_id else audit.COMMAND_LINE,
        action=f"decision.{new.kind}",
        object_id=str(judged.kept.seq),
        detail={"decision": str(new.id), "n": n, "reason": judged.kept.reason},
    )
    await session.flush()
