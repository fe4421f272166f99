"""What the clock of a phone said wrong about when a report was finished. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from steppe.review.schemas import PhoneClockOut
from steppe.submissions.revision import TOLERATED, PhoneClock


def phone_clock(made_at: datetime, clock: PhoneClock | None, received_at: datetime | None) -> PhoneClockOut | None:
    """Return how far the phone's clock was wrong, None while nothing says that it was by over two minutes.

    What the phone signed of its clock counts where it can be true: nothing is finished after it was received. Without
    it, a report finished after it was received shows that the clock was ahead, and by how much at least.
    """
    if clock is not None:
        try:
            finished_at = clock.corrected(made_at)
            within = timedelta(milliseconds=clock.within_ms)
            can_be = received_at is None or finished_at <= received_at + within + TOLERATED
        except OverflowError:
            return None
        if can_be:
            return _told(clock.ahead_ms, finished_at) if clock.is_wrong else None
    if received_at is not None and made_at > received_at + TOLERATED:
        return _told((made_at - received_at) // timedelta(milliseconds=1), None)
    return None


def _told(ahead_ms: int, finished_at: datetime | None) -> PhoneClockOut:
    return PhoneClockOut(ahead_ms=ahead_ms, is_at_least=finished_at is None, finished_at=finished_at)
