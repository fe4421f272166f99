"""The one place that asks what time it is, so that tests can answer."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write an aware time as the wire does: UTC with milliseconds and `Z`. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        msg = "a time on the wire must be aware"
        raise ValueError(msg)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
