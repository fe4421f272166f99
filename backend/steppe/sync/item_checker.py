"""Check pushed items and project their submissions beside the event loop, so that a costly form waits for itself only.

Somebody else's form runs here: up to a second for each report (`REPORT_OPERATIONS`), fifty reports a push. Pushes take
turns; reports of a version that has not shown yet that it costs little take theirs on a thread of their own; and a push
that takes too long is answered for what was checked till then, the rest is told to come again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from cachetools import LRUCache

from steppe.checklists.definition import Definition
from steppe.submissions.merging import HeldReport
from steppe.submissions.place_index import PlaceIndex
from steppe.sync.items import Item, check_item, with_submission

TURN_SECONDS: Final = 0.1
"""Of a processor, after which another push has its turn."""
PATIENCE_SECONDS: Final = 5.0
"""On the clock, after which a push is answered for what was checked till then; a phone waits half a minute."""
COSTLY_SECONDS: Final = 0.1
MOST_COSTLY: Final = 3
"""Reports of a version that may be costly before it is never taken for a cheap one again."""
_MOST_VERSIONS: Final = 1_000
Pushed = TypeVar("Pushed")


@dataclass(slots=True)
class _Checking:
    """The items of one push on their way, in the order the device made them."""

    items: list[Item]
    definitions: Mapping[UUID, Definition]
    places: PlaceIndex
    reports: dict[UUID, HeldReport]
    """Reports that items of this push come to: as they are stored, and with the items before in this push."""
    waiting: deque[int]
    spent: list[tuple[UUID, float]] = field(default_factory=list)

    def version(self) -> UUID | None:
        """Return the checklist version of the item that is next."""
        revision = self.items[self.waiting[0]].revision
        return revision.checklist_version if revision else None

    def run(self, cheap: AbstractSet[UUID | None], *, is_cheap: bool) -> None:
        """Check items until the turn is over, or the next one belongs on the other thread. Blocks."""
        began = time.thread_time()
        while self.waiting and (self.version() in cheap) == is_cheap:
            before = time.thread_time()
            version, number = self.version(), self.waiting.popleft()
            self._check(number)
            now = time.thread_time()
            if version is not None:
                self.spent.append((version, now - before))
            if now - began > TURN_SECONDS:
                return

    def _check(self, number: int) -> None:
        item = check_item(self.items[number], self.definitions)
        item = self.items[number] = with_submission(item, self.definitions, self.places, self.reports)
        if item.revision is not None and item.author is not None and item.arrival is not None:
            key = item.revision.submission
            report = self.reports.get(key, HeldReport())
            self.reports[key] = report.after(item.revision, item.author, item.arrival)


class ItemChecker:
    """The threads of this process on which pushed items are checked."""

    def __init__(self) -> None:
        """Begin with no version known as cheap."""
        self._quick = ThreadPoolExecutor(2, "item-checker")
        self._slow = ThreadPoolExecutor(1, "costly-item-checker")
        # What names no version is no report: no form runs for it.
        self._cheap: set[UUID | None] = {None}
        self._costly: LRUCache[UUID, int] = LRUCache(_MOST_VERSIONS)

    async def each(self, step: Callable[[Pushed], Item], pushed: Iterable[Pushed]) -> list[Item]:
        """Return what `step` (opening, reading) makes of each item, taking turns as checking does."""
        waiting, done = deque(pushed), list[Item]()

        def turn() -> None:
            began = time.thread_time()
            while waiting:
                done.append(step(waiting.popleft()))
                if time.thread_time() - began > TURN_SECONDS:
                    return

        while waiting:
            await asyncio.get_running_loop().run_in_executor(self._quick, turn)
        return done

    async def check(
        self,
        items: Sequence[Item],
        definitions: Mapping[UUID, Definition],
        places: PlaceIndex,
        reports: Mapping[UUID, HeldReport],
        left_out: AbstractSet[int] = frozenset(),
    ) -> dict[int, Item]:
        """Return the items that were checked in time by their number: at least one, and as a rule all.

        `reports` are the stored reports that edits among them belong to; `left_out` numbers of items that are not
        checked at all.
        """
        loop = asyncio.get_running_loop()
        chosen = [number for number in range(len(items)) if number not in left_out]
        order = sorted(chosen, key=lambda number: (items[number].device_seq, number))
        checking = _Checking(list(items), definitions, places, dict(reports), deque(order))
        until = loop.time() + PATIENCE_SECONDS
        while checking.waiting and (len(checking.waiting) == len(order) or loop.time() < until):
            is_cheap = checking.version() in self._cheap
            turn = partial(checking.run, self._cheap, is_cheap=is_cheap)
            await loop.run_in_executor(self._quick if is_cheap else self._slow, turn)
            self._note(checking.spent)
            checking.spent.clear()
        left = {*checking.waiting, *left_out}
        return {number: item for number, item in enumerate(checking.items) if number not in left}

    def _note(self, spent: Sequence[tuple[UUID, float]]) -> None:
        for version, seconds in spent:
            if seconds > COSTLY_SECONDS:
                self._costly[version] = self._costly.get(version, 0) + 1
                self._cheap.discard(version)
            elif self._costly.get(version, 0) < MOST_COSTLY:
                if len(self._cheap) > _MOST_VERSIONS:
                    self._cheap.intersection_update({None})
                self._cheap.add(version)
