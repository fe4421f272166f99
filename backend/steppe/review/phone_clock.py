"""What the clock of a phone said wrong about when a report was finished. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from steppe.review.schemas import PhoneClockOut
from steppe.submissions.models import Revision

TOLERATED: Final = timedelta(minutes=2)
"""Nobody is told of less: watches differ by as much."""


def phone_clock(revision: Revision, received_at: datetime | None) -> PhoneClockOut | None:
    """Return how far the phone's clock was wrong, None while nothing says that it was by over two minutes.

    What the phone signed of its clock counts where it can be true: nothing is finished after it was received. Without
    it, a report finished after it was received shows that the clock was ahead, and by how much at least.
    """
    made_at = revision.made_at
    if revision.clock_ahead_ms is not None and revision.clock_within_ms is not None:
        try:
            ahead = timedelta(milliseconds=revision.clock_ahead_ms)
            within = timedelta(milliseconds=revision.clock_within_ms)
            finished_at = made_at - ahead
            can_be = received_at is None or finished_at <= received_at + within + TOLERATED
        except OverflowError:
            return None
        if can_be:
            is_wrong = abs(ahead) > within + TOLERATED
            return _told(ahead, finished_at) if is_wrong else None
    if received_at is not None and made_at > received_at + TOLERATED:
        return _told(made_at - received_at, None)
    return None


def _told(ahead: timedelta, finished_at: datetime | None) -> PhoneClockOut:
    return PhoneClockOut(
        ahead_ms=round(ahead / timedelta(milliseconds=1)), is_at_least=finished_at is None, finished_at=finished_at
    )
