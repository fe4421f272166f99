"""What becomes of each item of some pushes, and what of it has to be written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from steppe.kit.merkle import Tree
from steppe.missions.feed import Changed
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.queries.statement import Statement
from steppe.submissions.commands import NumberedFact, NumberedRevision
from steppe.submissions.current import CLOSE_NOTHING, LEVELS, SubmissionRow, note_of
from steppe.submissions.merging import Waits
from steppe.submissions.place_index import PlaceNote
from steppe.submissions.revision import Reason
from steppe.sync.items import Item
from steppe.sync.push_state import PushState
from steppe.sync.queries import Push
from steppe.sync.receipts import ReceiptEntry

TOO_MUCH_UNREADABLE: Final = "too_much_unreadable"


@dataclass(slots=True)
class Outcome:
    """What some pushes will write, and the answer of each item by its number among all of theirs."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    entries: dict[int, ReceiptEntry] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[NumberedRevision] = field(default_factory=list)
    facts: list[NumberedFact] = field(default_factory=list)
    forgotten: list[tuple[Statement, UUID, int]] = field(default_factory=list)
    """What replies say of queries that the server does not know: what was asked, of which team, and their number."""

    changes: list[Changed] = field(default_factory=list)
    touched: dict[UUID, SubmissionRow | None] = field(default_factory=dict)
    """Submissions these pushes change, as they stood before."""

    waits: Waits = field(default_factory=dict)
    """What revisions, of these pushes or earlier, wait for now, where that is something else than before."""

    stored: int = 0
    """How many items are new and in the inbox."""

    tree: Tree = field(default_factory=Tree)
    """The mission's tree of receipts, with those of the items in the inbox."""

    def part(self) -> Outcome:
        """Return the outcome of some more items before they are tried."""
        return Outcome(tree=self.tree)

    def add(self, part: Outcome) -> None:
        """Take in what came of some more items."""
        self.results |= part.results
        self.entries |= part.entries
        self.stored += len(part.inbox)
        self.tree = part.tree


@dataclass(frozen=True, slots=True)
class Delivery:
    """An item, its number among all items, and who brings it."""

    number: int
    item: Item
    caller: DeviceCaller | DeskCaller

    @property
    def pusher_id(self) -> UUID | None:
        """The device that brings it; None at the desk."""
        return self.caller.device_id

    @property
    def maker_id(self) -> UUID | None:
        """The device that signed it, where another or the desk brings it."""
        maker = self.item.made.device if self.item.made else None
        return maker if maker != self.pusher_id else None


def numbered(pushes: Sequence[Push]) -> Iterator[tuple[Push, range]]:
    """Yield pushes with the numbers of their items among the items of all."""
    start = 0
    for push in pushes:
        yield push, range(start, start + len(push.items))
        start += len(push.items)


def in_order(pushes: Sequence[Push]) -> Iterator[Delivery]:
    """Yield items so that an edit never comes before what it edits, wherever a phone put them; with who brings them."""
    for push, numbers in numbered(pushes):
        deliveries = (Delivery(number, item, push.caller) for number, item in zip(numbers, push.items, strict=True))
        yield from sorted(deliveries, key=lambda delivery: (delivery.item.device_seq, delivery.number))


def in_turn(pushes: Sequence[Push]) -> Iterator[Delivery]:
    """Yield items as they stand in their pushes, with who brings them."""
    for push, numbers in numbered(pushes):
        for number, item in zip(numbers, push.items, strict=True):
            yield Delivery(number, item, push.caller)


def take(outcome: Outcome, state: PushState, delivery: Delivery, n: int, at: datetime) -> None:
    """Judge an item and note its answer in `outcome`, and what to write of it, under the number `n`, if it is new."""
    item, number = delivery.item, delivery.number
    entry = state.known(item)
    if entry is not None:
        outcome.entries[number] = entry
        outcome.results[number] = _result(entry, "duplicate" if entry.outcome == "stored" else "quarantined")
        return
    if not state.has_room(item, delivery.pusher_id):
        # No receipt: a phone keeps what it has none for, and comes again.
        outcome.results[number] = {"status": "retry", "reason": TOO_MUCH_UNREADABLE}
        return
    reason = state.objection(item)
    made = item.made
    entry = ReceiptEntry(
        n,
        at,
        "stored" if reason is None else "quarantined",
        reason or "",
        item.sealed_hash,
        made.id if made else None,
        made.hash if made else None,
        made.device_seq if made else None,
    )
    note: PlaceNote | None = None
    if reason is None and made is not None:
        note = store(outcome, state, item, Lying(n, at, delivery.pusher_id), n)
    else:
        outcome.changes.append(_kept_aside(outcome, state, delivery, n, reason))
    state.note(item, entry)
    outcome.entries[number] = entry
    outcome.results[number] = _result(entry, entry.outcome)
    outcome.inbox.append(_inbox_row(delivery, entry, note))


@dataclass(frozen=True, slots=True)
class Lying:
    """Where an item lies in the inbox, when it came, and by which device (None: the desk took it in)."""

    seq: int
    received_at: datetime
    pusher_id: UUID | None


def store(outcome: Outcome, state: PushState, item: Item, lying: Lying, n: int) -> PlaceNote | None:
    """Note in `outcome` what to write of an item without objection, and its line of the feed, under the number `n`.

    That is the inbox's own, or of the decision that takes what was kept aside. Returns what to write down of the places
    of a report it changed. Raises StalePush.
    """
    revision, fact, author = item.revision, item.fact, item.author
    if revision is not None:
        before = state.submissions.get(revision.submission)
        row, waits = state.store(item, n=n, at=lying.received_at)
        outcome.waits |= waits
        outcome.revisions.append(NumberedRevision(revision, lying.seq, lying.pusher_id))
        if row is None:
            outcome.changes.append(_waiting(outcome, state, item))
            return None
        outcome.touched.setdefault(revision.submission, before)
        outcome.changes.append(_changed(before, row))
        return note_of(row)
    assert fact is not None
    assert author is not None
    line, is_news = state.store_fact(item)
    outcome.facts.append(NumberedFact(fact, author.team_id, lying.seq, lying.received_at))
    moved = state.withdraw(item, n=n)
    if moved is not None:
        outcome.touched.setdefault(moved[1]["id"], moved[0])
        line = _changed(*moved)
    outcome.changes.append(line)
    if is_news and item.query is not None:
        outcome.forgotten.append((item.query, author.team_id, lying.seq))
    return None


def _kept_aside(outcome: Outcome, state: PushState, delivery: Delivery, n: int, reason: Reason | None) -> Changed:
    """Return the feed line of an item for a person: of the report it closes, else of quarantine."""
    item = delivery.item
    closed = _closed(outcome, state, item) if reason is not None and reason not in CLOSE_NOTHING else None
    team = item.author.team_id if item.author else delivery.caller.team_id
    return closed or Changed("quarantine", str(n), team, origin=_origin(item, delivery.caller))


def _waiting(outcome: Outcome, state: PushState, item: Item) -> Changed:
    """Return the feed line of a revision whose base is not here: of the report it closes, else it is news to nobody."""
    revision, author = item.revision, item.author
    assert revision is not None
    assert author is not None
    unread = Changed("submission", str(revision.submission), author.team_id, "", LEVELS[-1], author.origin)
    return _closed(outcome, state, item) or unread


def _closed(outcome: Outcome, state: PushState, item: Item) -> Changed | None:
    """Close the report of an edit that is in nothing yet as far as it says; returns the feed line when that did."""
    before = state.submissions.get(item.revision.submission) if item.revision else None
    row = state.close(item)
    if row is None:
        return None
    outcome.touched.setdefault(row["id"], before)
    return _changed(before, row)


def _changed(before: SubmissionRow | None, after: SubmissionRow) -> Changed:
    """Return the feed line of a changed report.

    A report that became stricter disappears for some who could read it: they are told, in the region they knew it in.
    """
    told = before if before and LEVELS.index(before["level"]) < LEVELS.index(after["level"]) else after
    return Changed(
        "submission", str(after["id"]), after["team_id"], told["region_code"], told["level"], after["origin"]
    )


def _result(entry: ReceiptEntry, status: str) -> dict[str, Any]:
    return {"status": status, "reason": entry.reason} if entry.reason else {"status": status}


def _origin(item: Item, caller: DeviceCaller | DeskCaller) -> str:
    return item.author.origin if item.author else caller.origin


def _inbox_row(delivery: Delivery, entry: ReceiptEntry, note: PlaceNote | None) -> dict[str, Any]:
    item = delivery.item
    return {
        "mission_id": delivery.caller.mission_id,
        "seq": entry.seq,
        "pusher_id": delivery.pusher_id,
        "maker_id": delivery.maker_id,
        "received_at": entry.at,
        "origin": _origin(item, delivery.caller),
        "team_id": item.author.team_id if item.author else None,
        "letter": item.author.letter if item.author else "",
        "region_code": note.region if note else None,
        "district_code": note.district if note else "",
        "other_places": list(note.contradicted) if note else [],
        "outcome": entry.outcome,
        "reason": entry.reason,
        "revision_id": entry.id,
        "hash": entry.hash,
        "device_seq": entry.device_seq,
        "sealed_hash": entry.sealed_hash,
        "raw": item.raw,
        "raw_form": item.raw_form,
    }
