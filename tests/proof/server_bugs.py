"""Faults sown into the server, one at a time, to see whether the proof finds them.

Each stands in the place of a function of the server while it is awake. Nothing of them is in the product.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from steppe.attachments import uploading
from steppe.attachments.commands import complete
from steppe.attachments.models import Attachment
from steppe.backup import making
from steppe.backup.incarnation import Place
from steppe.backup.keeper import IncarnationKeeper
from steppe.backup.manifest import MissionHead
from steppe.kit.blobs import Blobs
from steppe.kit.columns import table_of
from steppe.kit.db import Database, DatabaseAway, ReadSession, WriteSession
from steppe.kit.merkle import Tree
from steppe.kit.problems import TryLater
from steppe.kit.settings import Settings
from steppe.missions.feed import Changed, take_numbers, take_numbers_in_tree
from steppe.missions.models import Mission
from steppe.missions.safety import Safety, read_safety, settle_numbers
from steppe.submissions.current import Author
from steppe.submissions.projection import SubmissionChange
from steppe.submissions.revision import RevisionIn
from steppe.summaries.inbox import Authors
from steppe.sync import commands, outcome, push_batcher, queries
from steppe.sync.cursor import Cursor, read_cursor
from steppe.sync.push_state import PushState

Seam = tuple[Any, str, Any]

late_commits: list[AbstractAsyncContextManager[WriteSession]] = []
"""Of answers that have left already."""


async def commit_late(*, is_dead: bool) -> None:
    """Commit what should have been before its answer, unless the server died meanwhile."""
    while late_commits:
        writing = late_commits.pop(0)
        ended = (ConnectionError, ConnectionError(), None) if is_dead else (None, None, None)
        # What cannot be kept now never will be: its answer has left.
        with suppress(SQLAlchemyError, DatabaseAway):
            await writing.__aexit__(*ended)


def _write_after_late(self: Database) -> AbstractAsyncContextManager[WriteSession]:
    """One writes at a time: whoever comes after a late commit waits for it, in the same request too."""

    @asynccontextmanager
    async def writing() -> AsyncIterator[WriteSession]:
        await commit_late(is_dead=False)
        async with _write(self) as session:
            yield session

    return writing()


async def _acknowledge_first(self: push_batcher.PushBatcher, pushes: Sequence[queries.Push]) -> list[Any]:
    await commit_late(is_dead=False)
    writing = _write(self._database)
    session = await writing.__aenter__()
    answers = await commands.record_pushes(session, pushes, self._projection)
    late_commits.append(writing)
    return answers


async def _never_put(database: Database, blobs: Blobs, counted: Attachment) -> Attachment:
    del blobs
    if counted.offset < counted.size:
        return counted
    async with database.write() as session:
        return await complete(session, counted.mission_id, counted.sha256)


_sequence: dict[UUID, int] = {}


async def _from_a_sequence(session: WriteSession, mission_id: UUID, count: int) -> tuple[int, Tree]:
    """Numbers that no rollback gives back, as those of a database's own sequence."""
    first, tree = await _take_numbers_in_tree(session, mission_id, count)
    ahead = max(_sequence.get(mission_id, 0) - (first - 1), 0)
    if ahead:
        await take_numbers(session, mission_id, ahead)
    _sequence[mission_id] = first + ahead + count - 1
    return first + ahead, tree


_write = Database.write
_take_numbers_in_tree = take_numbers_in_tree
_record_pushes = commands.record_pushes
_read_push = queries.read_push
_pull = queries.pull


async def _refuse_the_batch(*given: Any) -> Any:
    push = await _read_push(*given)
    if any(item.revision is None for item in push.items):
        raise TryLater
    return push


async def _count_twice(session: WriteSession, pushes: Sequence[queries.Push], projection: Any) -> Any:
    async def twice(session: WriteSession, mission_id: UUID, changes: Sequence[SubmissionChange]) -> None:
        await projection(session, mission_id, changes)
        await projection(session, mission_id, changes)

    return await _record_pushes(session, pushes, twice)


async def _skip_to_the_end(session: Any, caller: Any, settings: Settings, cursor: str | None, limit: int) -> Any:
    """Give the cursor of what is there at the end of the answer, not of what was read."""
    page = await _pull(session, caller, settings, cursor, limit)
    last = read_cursor(page["next_cursor"], 1)
    return {**page, "next_cursor": Cursor(last.epoch, last.n + 1).text()}


async def _begin_nothing(self: IncarnationKeeper, head: MissionHead, was: Place) -> Place:
    del self, was
    return Place(epoch=head.epoch, n=head.n)


async def _begin_where_it_was(self: IncarnationKeeper, head: MissionHead, was: Place) -> Place:
    async with self._database.write() as session:
        epoch = max(head.epoch, was.epoch) + 1
        await session.execute(update(table_of(Mission)).where(col(Mission.id) == head.id).values(epoch=epoch))
    return Place(epoch=epoch, n=head.n)


def _know_nothing(_state: PushState, _item: Any) -> None:
    return None


_take = outcome.take


def _drop_revoked(taken: outcome.Outcome, state: PushState, delivery: outcome.Delivery, *given: Any) -> None:
    _take(taken, state, delivery, *given)
    if taken.results[delivery.number].get("reason") == "revoked_device" and taken.inbox:
        taken.inbox.pop()
        taken.changes.pop()


async def _note_no_aside(*_given: Any) -> None:
    return None


def _sign_news_alone(taken: outcome.Outcome, state: PushState, delivery: outcome.Delivery, *given: Any) -> None:
    is_known = state.known(delivery.item) is not None
    _take(taken, state, delivery, *given)
    if is_known:
        del taken.entries[delivery.number]


_changed = outcome._changed


def _tell_another_team(before: Any, after: Any) -> Changed:
    return replace(_changed(before, after), team_id=UUID(int=1))


async def _no_files(_session: ReadSession) -> list[Any]:
    return []


def _author_now(self: Authors, revision: RevisionIn, row: Any) -> Author:
    return replace(self._devices[revision.device], origin=row.origin)


async def _call_all_safe(*given: Any) -> Safety:
    return replace(await read_safety(*given), safe_seq=2**50)


async def _settle_and_call_all_safe(*given: Any) -> Safety:
    return replace(await settle_numbers(*given), safe_seq=2**50)


BUGS: Final[dict[str, tuple[Seam, ...]]] = {
    "acknowledge before commit": (
        (push_batcher.PushBatcher, "_store", _acknowledge_first),
        (Database, "write", _write_after_late),
    ),
    "attachment complete without bytes": ((uploading, "finished", _never_put),),
    "numbers of a sequence": ((commands, "take_numbers_in_tree", _from_a_sequence),),
    "poison item fails batch": ((queries, "read_push", _refuse_the_batch),),
    "counted twice": ((push_batcher, "record_pushes", _count_twice),),
    "cursor of what was not read": ((queries, "pull", _skip_to_the_end),),
    "same epoch after a restore": ((IncarnationKeeper, "_begin_epoch", _begin_nothing),),
    "numbers given again after a restore": ((IncarnationKeeper, "_begin_epoch", _begin_where_it_was),),
    "revoked is dropped": ((commands, "take", _drop_revoked),),
    "photo of a report kept aside dropped": ((commands, "note_aside_attachments", _note_no_aside),),
    "known report taken for a new one": ((PushState, "known", _know_nothing),),
    "no receipt for what was there": ((commands, "take", _sign_news_alone),),
    "told to another team": ((outcome, "_changed", _tell_another_team),),
    "backup without photos": (
        (making, "files_of_reports", _no_files),
        # On a server that tells phones no content: with the team's reports fetched in each round, none of 465 schedules
        # showed it.
        (commands, "CONTENT_KEY", "reason"),
    ),
    "team read at rebuild time": ((Authors, "then", _author_now),),
    "safe without a copy": (
        (commands, "read_safety", _call_all_safe),
        (queries, "read_safety", _call_all_safe),
        (commands, "settle_numbers", _settle_and_call_all_safe),
    ),
}
"""What stands where, by the name of the bug."""

_asleep: list[Seam] = []


def wake_bug(name: str | None) -> None:
    """Let this one stand in the server and no other; None, or a bug of the phones: the server as it is."""
    while _asleep:
        owner, seam, real = _asleep.pop()
        setattr(owner, seam, real)
    _sequence.clear()
    for owner, seam, stand_in in BUGS.get(name or "", ()):
        _asleep.append((owner, seam, getattr(owner, seam)))
        setattr(owner, seam, stand_in)
