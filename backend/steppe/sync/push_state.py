"""What the mission holds of a push's items, and what becomes of each: the rules of docs/protocol.md §4. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.decisions.review_state import REVISION, WAITING, WITHDRAWAL, ReviewEvent, Withdrawal
from steppe.decisions.withdrawals import review_row
from steppe.missions.feed import Changed
from steppe.queries.replying import KnownQuery, is_forgotten
from steppe.submissions.current import (
    LEVEL_QUESTION,
    SubmissionRow,
    closed_by,
    closes,
    keep_closed,
)
from steppe.submissions.merging import Waits, bases_missing
from steppe.submissions.revision import Reason
from steppe.submissions.signed_fact import SignedFactIn, WithdrawalIn
from steppe.sync.facts import FactAt, fact_change, fact_misfit
from steppe.sync.fence import StalePush
from steppe.sync.items import Item, misfit
from steppe.sync.receipts import ReceiptEntry

MOST_UNREADABLE: Final = 20 * 1024 * 1024
"""Bytes a day that one device may bring and nobody has signed: ten thousand reports of a phone whose key is gone."""
LEAST_COUNTED: Final = 1024
"""An item counts as this many bytes at least: its rows and its receipt cost that much, however short it is."""


@dataclass(slots=True)
class PushState:
    """The inbox's memory as far as a push needs it; it grows while the push's items are judged one after another."""

    definitions: Mapping[UUID, Definition]
    by_revision: dict[UUID, dict[str, ReceiptEntry]] = field(default_factory=dict)
    by_sealed: dict[str, ReceiptEntry] = field(default_factory=dict)
    sequences: set[tuple[UUID, int]] = field(default_factory=set)
    reports: dict[UUID, dict[str, list[str]]] = field(default_factory=dict)
    """Report → its revisions → what each of them waits for."""
    submissions: dict[UUID, SubmissionRow] = field(default_factory=dict)
    queries: dict[UUID, KnownQuery] = field(default_factory=dict)
    unreadable: dict[UUID | None, int] = field(default_factory=dict)
    """By pusher (None: the desk), bytes of today that nobody has signed."""
    reviews: dict[UUID, list[ReviewEvent]] = field(default_factory=dict)
    """By submission, what happened to its review so far."""
    withdrawn: dict[UUID, int] = field(default_factory=dict)
    """By submission that was taken back in this push, the number it had before: its revisions are the same."""

    def known(self, item: Item) -> ReceiptEntry | None:
        """Return the first arrival of the same item: same id and content, or the same sealed text if unreadable."""
        if item.made is None:
            return self.by_sealed.get(item.sealed_hash)
        return self.by_revision.get(item.made.id, {}).get(item.made.hash)

    def objection(self, item: Item) -> Reason | None:
        """Return why a new item cannot be stored as a revision or another fact, None when it can."""
        made, author = item.made, item.author
        if made is None or author is None:
            return item.reason
        if made.id in self.by_revision:
            return "same_id_other_content"
        if item.reason is not None:
            return item.reason
        if (made.device, made.device_seq) in self.sequences:
            return "sequence_reused"
        if isinstance(made, SignedFactIn):
            return fact_misfit(self.fact_at(item))
        return misfit(made, author, self.submissions.get(made.submission))

    def fact_at(self, item: Item) -> FactAt:
        """Return an item that is a signed fact with what it meets."""
        assert item.fact is not None
        assert item.author is not None
        return FactAt(item.fact, item.author, self.submissions, self.queries, item.query)

    def store_fact(self, item: Item) -> tuple[Changed, bool]:
        """Take in a fact without objection.

        Returns its feed line, and whether it tells the server of a query that it had forgotten.
        """
        at = self.fact_at(item)
        line, said = fact_change(at), at.said
        self.sequences.add((at.fact.device, at.fact.device_seq))
        if said is None or not is_forgotten(said, at.author.team_id, at.query):
            return line, False
        known = at.query or KnownQuery(frozenset(), frozenset(), line.region_code, line.level)
        self.queries[said.query] = known.after(said, at.author.team_id)
        return line, True

    def has_room(self, item: Item, pusher: UUID | None) -> bool:
        """Say whether a new item is to be kept, and count it if nobody has signed it.

        A push token alone, in a thief's hands, makes no signed item: what it fills the disk with has a bound.
        """
        if item.made is not None:
            return True
        counted = self.unreadable.get(pusher, 0) + max(LEAST_COUNTED, len(item.raw))
        if counted > MOST_UNREADABLE:
            return False
        self.unreadable[pusher] = counted
        return True

    def store(self, item: Item, *, n: int, at: datetime) -> tuple[SubmissionRow | None, Waits]:
        """Take in a revision without objection; returns its submission as it stands then, and what waits differently.

        None when it is in nothing yet: its base is not here. Raises StalePush when its report changed since the item
        was merged with it: evaluating a form here would keep everybody waiting who needs the mission's counter.
        """
        revision = item.revision
        assert revision is not None
        held = self.reports.setdefault(revision.submission, {})
        missing = bases_missing(revision.base, held)
        before = self.submissions.get(revision.submission)
        row: SubmissionRow | None = None
        events = self.reviews.setdefault(revision.submission, [])
        events.append(ReviewEvent(n, WAITING if missing else REVISION, str(revision.id)))
        if missing:
            waits: Waits = {revision.id: missing}
        else:
            arrival = item.arrival
            number = self.withdrawn.pop(revision.submission, _number(before))
            is_stale = item.merged_with != held.keys() or _number(item.before) != number
            if is_stale or arrival is None or arrival.row is None:
                raise StalePush
            row, waits = arrival.row, arrival.waits
            if before is not None:
                keep_closed(row, before)
            row["received_at"] = at if before is None else before["received_at"]
            came = {str(key) for key, bases in waits.items() if not bases}
            events[:] = [replace(one, kind=REVISION) if one.subject in came else one for one in events]
            review_row(row, events)
            self.submissions[revision.submission] = row
        held[str(revision.id)] = []
        held.update((str(key), bases) for key, bases in waits.items())
        self.sequences.add((revision.device, revision.device_seq))
        return row, waits

    def withdraw(self, item: Item, *, n: int) -> tuple[SubmissionRow, SubmissionRow] | None:
        """Take in a withdrawal without objection; returns its report before and after it.

        None of another fact, and where its report has not come. Raises StalePush when the report's checklist was not
        looked up, as the report came since.
        """
        fact, author = item.fact, item.author
        if fact is None or author is None or not isinstance(fact.content, WithdrawalIn):
            return None
        key = fact.content.submission
        said = Withdrawal(fact.id, author.team_id, frozenset(fact.content.heads), fact.content.reason)
        events = self.reviews.setdefault(key, [])
        events.append(ReviewEvent(n, WITHDRAWAL, withdrawal=said))
        before = self.submissions.get(key)
        if before is None:
            return None
        if before["checklist_version_id"] not in self.definitions:
            raise StalePush
        row: SubmissionRow = {**before}
        review_row(row, events)
        self.withdrawn.setdefault(key, before["n"])
        self.submissions[key] = row
        return before, row

    def close(self, item: Item) -> SubmissionRow | None:
        """Close a report as far as an edit says that is in nothing yet; returns the report when that changed it."""
        revision, author = item.revision, item.author
        if revision is None or author is None:
            return None
        before = self.submissions.get(revision.submission)
        if (
            before is None
            or before["checklist_version_id"] not in self.definitions
            or not closes(revision, author, before)
        ):
            return None
        row = closed_by(before, revision.patch[LEVEL_QUESTION])
        if row is not None:
            self.submissions[revision.submission] = row
        return row

    def note(self, item: Item, entry: ReceiptEntry) -> None:
        """Remember an item of this push, so that the same one later in it is a duplicate."""
        if item.made is None:
            self.by_sealed[item.sealed_hash] = entry
        else:
            self.by_revision.setdefault(item.made.id, {})[item.made.hash] = entry


def _number(row: SubmissionRow | None) -> int | None:
    """The mission's number of a row's last change: no two states of a submission have the same."""
    return row["n"] if row else None
