"""The queue of what was kept aside, for whoever ends an item of it: somebody at the desk, or the server after a fix."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col

from steppe.audit import commands as audit
from steppe.decisions.models import Decision
from steppe.kit.db import Database
from steppe.kit.problems import NotFound, TryLater
from steppe.people.access import DeskCaller
from steppe.quarantine.commands import RECEIVED_AGAIN, ItemDecision, keep_apart, take
from steppe.quarantine.judging import (
    AS_IT_IS,
    LEFT_TO_PEOPLE,
    Choice,
    Judged,
    Kept,
    judge,
    kept_item,
    kept_statement,
)
from steppe.quarantine.problems import CannotBeTaken, DecidedAlready, ReasonNeeded
from steppe.quarantine.queue import is_decided_by, is_in_queue
from steppe.quarantine.schemas import ItemDecidedOut, ItemDecisionIn
from steppe.submissions.mission_cache import MissionCache
from steppe.submissions.projection import Projection
from steppe.submissions.scope import scoped_submission
from steppe.sync.fence import StalePush
from steppe.sync.models import InboxItem
from steppe.sync.queries import MOST_READINGS

_PAGE: Final = 100
"""Items that are read at once by whoever goes through all of the queue."""


@dataclass(slots=True)
class Reprojected:
    """What judging a queue again came to, by the reason for which items had been kept aside.

    `again`: came another time since, and is stored by that. `left`: still kept aside, under the reason of now.
    """

    taken: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)


class Quarantine:
    """Judges and ends items of the queue; it knows who counts reports."""

    def __init__(self, database: Database, missions: MissionCache, projection: Projection) -> None:
        """Keep them: `projection` moves the counts in the transaction of the decision."""
        self._database = database
        self._missions = missions
        self._projection = projection

    async def judged(self, mission_id: UUID, seq: int, choice: Choice = AS_IT_IS) -> Judged:
        """Return an item as it would be taken by a person. Raises NotFound and UnknownChoice."""
        async with self._missions.read() as session:
            kept = await kept_item(session, mission_id, seq)
        if kept is None:
            raise NotFound
        return await judge(self._missions, mission_id, kept, choice, by_person=True)

    async def decide(self, caller: DeskCaller, seq: int, asked: ItemDecisionIn) -> ItemDecidedOut:
        """End an item as the caller decides.

        Raises NotFound where they are not told of it or may not decide that, ReasonNeeded, UnknownChoice,
        CannotBeTaken, DecidedAlready, DecisionKnown and TryLater.
        """
        async with self._missions.read() as session:
            # Before anything costs: a stranger to the item has it read for nothing.
            if not await is_in_queue(session, caller.scope.decided, seq):
                raise NotFound
        text = asked.text.strip()
        if asked.kind == "kept_apart" and not text:
            raise ReasonNeeded
        new = ItemDecision(asked.kind, caller.person_id, asked.id, text, asked.seen)
        choice = Choice(asked.team, asked.region, asked.checklist_version) if asked.kind == "taken" else AS_IT_IS
        for _ in range(MOST_READINGS):
            judged = await self.judged(caller.mission_id, seq, choice)
            to_decide = [judged]
            if choice.region is not None:
                # They decide of the region it is in without their word as well.
                to_decide.append(await self.judged(caller.mission_id, seq, choice._replace(region=None)))
            try:
                return await self._decided(caller, judged, to_decide, new)
            except StalePush:
                continue
        raise TryLater("the report of this item is changed by others at the same moment")

    async def _decided(
        self, caller: DeskCaller, judged: Judged, to_decide: list[Judged], new: ItemDecision
    ) -> ItemDecidedOut:
        async with self._database.write() as session:
            for each in to_decide:
                if not await is_decided_by(session, caller.scope, each):
                    raise NotFound
            if new.kind == "kept_apart":
                await keep_apart(session, judged, new)
                return ItemDecidedOut(seq=judged.kept.seq, decided="kept_apart", submission=None)
            await take(session, self._projection, judged, new)
            revision = judged.item.revision
            found = await scoped_submission(session, caller.scope, revision.submission) if revision else None
            return ItemDecidedOut(seq=judged.kept.seq, decided="taken", submission=found.id if found else None)

    async def reproject(self, mission_id: UUID, reason: str | None = None, *, is_dry_run: bool = False) -> Reprojected:
        """Judge every item of a mission again of which nobody decided, and take those that are right by now.

        `reason`: those alone that were kept aside for it. Each item is a transaction of its own, so phones never wait
        for more than one, and whoever stops it half-way starts it again.
        """
        done = Reprojected()
        after = 0
        while page := await self._undecided(mission_id, reason, after):
            for kept in page:
                await self._reproject(mission_id, kept, done, is_dry_run=is_dry_run)
            after = page[-1].seq
        if not is_dry_run:
            async with self._database.write() as session:
                detail = {
                    "reason": reason or "",
                    "taken": done.taken.total(),
                    "again": done.again.total(),
                    "left": done.left.total(),
                }
                audit.record(
                    session,
                    mission_id=mission_id,
                    actor=audit.COMMAND_LINE,
                    action="quarantine.reproject",
                    object_id=str(mission_id),
                    detail=detail,
                )
        return done

    async def _undecided(self, mission_id: UUID, reason: str | None, after: int) -> list[Kept]:
        is_decided = exists().where(
            col(Decision.mission_id) == mission_id, col(Decision.inbox_seq) == col(InboxItem.seq)
        )
        query = kept_statement(mission_id).where(
            col(InboxItem.seq) > after, col(InboxItem.reason).not_in(sorted(LEFT_TO_PEOPLE)), ~is_decided
        )
        if reason is not None:
            query = query.where(col(InboxItem.reason) == reason)
        async with self._missions.read() as session:
            return [Kept(*row) for row in (await session.execute(query.limit(_PAGE))).all()]

    async def _reproject(self, mission_id: UUID, kept: Kept, done: Reprojected, *, is_dry_run: bool) -> None:
        for _ in range(MOST_READINGS):
            judged = await judge(self._missions, mission_id, kept, by_person=False)
            try:
                await self._take_again(judged, is_dry_run=is_dry_run)
            except StalePush:
                continue
            except DecidedAlready:
                # Somebody at the desk was faster.
                return
            except _Tried:
                done.taken[kept.reason] += 1
                return
            except CannotBeTaken as problem:
                now = problem.extra["reason"]
                if now != RECEIVED_AGAIN:
                    done.left[(kept.reason, now)] += 1
                    return
                if not is_dry_run:
                    async with self._database.write() as session:
                        payload = {"why": RECEIVED_AGAIN}
                        await keep_apart(session, judged, ItemDecision("kept_apart", None, payload=payload))
                done.again[kept.reason] += 1
                return
            done.taken[kept.reason] += 1
            return
        done.left[(kept.reason, kept.reason)] += 1

    async def _take_again(self, judged: Judged, *, is_dry_run: bool) -> None:
        if judged.reason is not None:
            raise CannotBeTaken(judged.reason, reason=judged.reason)
        async with self._database.write() as session:
            await take(session, self._projection, judged, ItemDecision("taken", None))
            if is_dry_run:
                # What it would have written goes with the transaction.
                raise _Tried


class _Tried(Exception):
    """An item could be taken, and was not."""
