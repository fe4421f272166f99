"""Check pushed items and project their submissions beside the event loop, so that a costly form waits for itself only.

Somebody else's form runs here: up to a second for each report (`REPORT_OPERATIONS`), fifty reports a push. Pushes take
turns; reports of a version that was costly before take theirs on a thread of their own; and a push that takes too long
is answered for what was checked till then, the rest is told to come again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cachetools import LRUCache

from steppe.checklists.definition import Definition
from steppe.submissions.current import PlaceIndex, SubmissionRow
from steppe.sync.items import Item, check_item, with_submission

TURN_SECONDS: Final = 0.1
"""Of a processor, after which another push has its turn."""
PATIENCE_SECONDS: Final = 5.0
"""On the clock, after which a push is answered for what was checked till then; a phone waits half a minute."""
COSTLY_SECONDS: Final = 0.1
COSTLY_AFTER: Final = 2
"""Reports of a version that were costly before all of them are taken for it: the first makes the form ready too."""
_MOST_VERSIONS: Final = 1_000


@dataclass(slots=True)
class _Checking:
    """The items of one push on their way, in the order the device made them."""

    items: list[Item]
    definitions: Mapping[UUID, Definition]
    places: PlaceIndex
    rows: dict[UUID, SubmissionRow]
    """Submissions that items of this push stand on: as they are stored, else as items before in this push make them."""
    waiting: deque[int]
    spent: list[tuple[UUID, float]] = field(default_factory=list)

    def version(self) -> UUID | None:
        """Return the checklist version of the item that is next."""
        revision = self.items[self.waiting[0]].revision
        return revision.checklist_version if revision else None

    def run(self, costly: frozenset[UUID], *, is_costly: bool) -> None:
        """Check items until the turn is over, or the next one belongs on the other thread. Blocks."""
        began = time.thread_time()
        while self.waiting and (self.version() in costly) == is_costly:
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
        item = self.items[number] = with_submission(item, self.definitions, self.places, self.rows)
        if item.submission is not None and (item.before is not None or item.submission["id"] not in self.rows):
            self.rows[item.submission["id"]] = item.submission


class ItemChecker:
    """The threads of this process on which pushed items are checked."""

    def __init__(self) -> None:
        """Begin with no version known as costly."""
        self._quick = ThreadPoolExecutor(2, "item-checker")
        self._slow = ThreadPoolExecutor(1, "costly-item-checker")
        self._costly: LRUCache[UUID, int] = LRUCache(_MOST_VERSIONS)

    async def check(
        self,
        items: Sequence[Item],
        definitions: Mapping[UUID, Definition],
        places: PlaceIndex,
        rows: Mapping[UUID, SubmissionRow],
    ) -> dict[int, Item]:
        """Return the items that were checked in time by their number: at least one, and as a rule all.

        `rows` are the stored submissions that edits among them stand on.
        """
        loop = asyncio.get_running_loop()
        order = sorted(range(len(items)), key=lambda number: (items[number].device_seq, number))
        checking = _Checking(list(items), definitions, places, dict(rows), deque(order))
        until = loop.time() + PATIENCE_SECONDS
        while checking.waiting and (len(checking.waiting) == len(items) or loop.time() < until):
            costly = frozenset(version for version, times in self._costly.items() if times >= COSTLY_AFTER)
            is_costly = checking.version() in costly
            threads = self._slow if is_costly else self._quick
            await loop.run_in_executor(threads, lambda: checking.run(costly, is_costly=is_costly))  # noqa: B023 # awaited here
            self._note(checking.spent)
            checking.spent.clear()
        left = set(checking.waiting)
        return {number: item for number, item in enumerate(checking.items) if number not in left}

    def _note(self, spent: Sequence[tuple[UUID, float]]) -> None:
        for version, seconds in spent:
            if seconds > COSTLY_SECONDS:
                self._costly[version] = self._costly.get(version, 0) + 1
