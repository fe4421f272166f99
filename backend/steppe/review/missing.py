"""What each phone made, what of it headquarters holds, and which numbers nobody has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, func, not_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from steppe.kit.db import ReadSession
from steppe.people.models import Device
from steppe.people.policy import Scope
from steppe.quarantine.queue import phone_of_item
from steppe.review.schemas import NumberSpan, PhoneReportsOut
from steppe.submissions.models import Revision, SignedFact
from steppe.sync.models import InboxItem

_NUMBERED = (Revision, SignedFact)
"""What a phone numbers in one chain: reports, and what it signs beside them."""
SPANS_SHOWN = 10
"""Runs of missing numbers named of one phone: whoever has to ask for more asks for all of them."""


@dataclass(frozen=True, slots=True)
class PhoneReports:
    """The reports of one phone, by the numbers that it gives them, from 1 on.

    Attributes:
        made: the highest number it said it gave, or that arrived.
        held: how many of them headquarters has, those kept aside included.
        aside: how many of `held` are kept aside and not stored.
        last: the highest number held, 0 for none.
        missing: the runs of numbers nobody has, first and last of each.
    """

    made: int
    held: int
    aside: int
    last: int
    missing: tuple[tuple[int, int], ...]

    @property
    def waiting(self) -> int:
        """How many numbers beyond the last one held are missing: most likely still on the phone."""
        return self.made - self.last

    @property
    def skipped(self) -> int:
        """How many numbers between those held are missing."""
        return self.last - self.held

    def out(self, said: int, *, is_reader: bool) -> PhoneReportsOut:
        """Return what is told of them: how many there are to those who read reports, what is missing to everybody.

        `said` is how many the phone said it still held. The number of a report stands in its code, so readers could
        count for themselves; others are given counts of reports only where enough come together (`policy`).
        """
        return PhoneReportsOut(
            made=self.made if is_reader else None,
            held=self.held if is_reader else None,
            aside=self.aside if is_reader else None,
            waiting=said,
            missing=self.waiting + self.skipped,
            numbers=[NumberSpan(first=first, last=last) for first, last in self.missing[:SPANS_SHOWN]]
            if is_reader
            else [],
        )


async def phone_reports(session: ReadSession, scope: Scope) -> dict[UUID, PhoneReports]:
    """Return what each phone of the mission made and how much of it is held, those revoked too."""
    # One step into the index of (device, device_seq) per phone. What it says it made and nobody holds is still on it.
    # A phone counts what it signs from 1 without gaps; the indexes hold all that this walks.
    numbered = [
        select(of).where(table.device_id == Device.id).correlate(Device).scalar_subquery()
        for table in _NUMBERED
        for of in (func.max(table.device_seq), func.count())
    ]
    query = select_columns(col(Device.id), col(Device.device_seq_made), *numbered).where(
        col(Device.mission_id) == scope.mission
    )
    aside = await _aside_numbers(session, scope)
    rows = [
        (phone, made, max(last or 0, last_fact or 0), count + facts)
        for phone, made, last, count, last_fact, facts in (await session.execute(query)).all()
    ]
    with_gaps = [phone for phone, _, stored_last, count in rows if max(stored_last, *aside[phone], 0) > count]
    numbers = await _stored_numbers(session, scope, with_gaps)
    reports: dict[UUID, PhoneReports] = {}
    for phone, made, stored_last, count in rows:
        held_last = max(stored_last, *aside[phone], 0)
        known = numbers[phone] | aside[phone] if phone in numbers else range(1, count + 1)
        reports[phone] = PhoneReports(
            made=max(made, held_last),
            held=count + len(aside[phone]),
            aside=len(aside[phone]),
            last=held_last,
            missing=missing_runs(known, max(made, held_last)),
        )
    return reports


def missing_runs(held: Collection[int], made: int) -> tuple[tuple[int, int], ...]:
    """Return the runs of numbers from 1 to `made` that are not held, first and last of each, in order.

    `missing_runs([1, 4], 6)` is `((2, 3), (5, 6))`.
    """
    return tuple(
        (before + 1, after - 1) for before, after in pairwise([0, *sorted(held), made + 1]) if after - before > 1
    )


async def _stored_numbers(session: ReadSession, scope: Scope, phones: list[UUID]) -> dict[UUID, set[int]]:
    numbers: dict[UUID, set[int]] = {phone: set() for phone in phones}
    for table in _NUMBERED if phones else ():
        query = (
            select(table.device_id, table.device_seq)
            .join(Device, col(Device.id) == col(table.device_id))
            .where(Device.mission_id == scope.mission, col(Device.id).in_(phones))
        )
        for phone, number in (await session.exec(query)).all():
            numbers[phone].add(number)
    return numbers


async def _aside_numbers(session: ReadSession, scope: Scope) -> dict[UUID, set[int]]:
    """Return by phone the numbers of its reports that are kept aside and not stored."""
    aside: BindParameter[str] = bindparam("aside", "quarantined", literal_execute=True)
    is_stored = [
        select(table.id)
        .where(table.device_id == phone_of_item, table.device_seq == InboxItem.device_seq)
        .correlate(InboxItem)
        .exists()
        for table in _NUMBERED
    ]
    query = select_columns(phone_of_item, col(InboxItem.device_seq)).where(
        col(InboxItem.mission_id) == scope.mission,
        col(InboxItem.outcome) == aside,
        col(InboxItem.seq) > 0,
        col(InboxItem.device_seq).is_not(None),
        *(not_(one) for one in is_stored),
    )
    numbers: dict[UUID, set[int]] = defaultdict(set)
    for phone, number in (await session.execute(query)).all():
        numbers[phone].add(number)
    return numbers
