"""Counts for those who read no reports: a snapshot that moves only when enough different reports changed. Pure.

Two looks at exact counts around one report tell what it says. A snapshot of a region's reports of one checklist version
stays as it is until at least `small_cell` different reports were added, changed or removed; so any two looks differ by
nothing, or by that many reports. Every number such a reader sees is a sum of snapshots, never a difference of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import orjson

SMALL_CELL: Final = 3
"""Fewer reports than this are not broken down, unless the mission says otherwise."""
SMALLEST_CELL: Final = 2
ABSENT: Final = ""
"""The digest of a report that is not counted in a snapshot."""


def small_cell_of(policy: Mapping[str, Any]) -> int:
    """Return the mission's threshold (`[policy] small_cell` of mission.toml), 3 where it names none."""
    given = policy.get("small_cell", SMALL_CELL)
    return max(SMALLEST_CELL, given) if isinstance(given, int) else SMALL_CELL


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def digest(counts: Mapping[str, Any], day: date) -> str:
    """Return what tells whether a report adds the same to a snapshot as before: its counts and its week."""
    content = orjson.dumps([counts, week_of(day)], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def note(pending: dict[str, str], report: str, before: str, after: str) -> None:
    """Note that a report went from one digest to another; one that is again as the snapshot holds it is forgotten."""
    held = pending.setdefault(report, before)
    if held == after:
        del pending[report]


def weeks_shown(
    shown: Mapping[str, int], weeks: Mapping[str, int], *, before: int, after: int, small_cell: int
) -> dict[str, int]:
    """Return the weeks a moved snapshot shows, given those shown until now and how many reports each week has.

    A week's number moves by at least `small_cell` or not at all, and so does what is left of the total (`before`,
    `after`) for the weeks not shown; otherwise the weeks stay as they were.
    """
    moved = {
        week: weeks.get(week, 0) if abs(weeks.get(week, 0) - shown.get(week, 0)) >= small_cell else shown.get(week, 0)
        for week in sorted({*shown, *weeks})
    }
    moved = {week: n for week, n in moved.items() if n}
    rest_before, rest = before - sum(shown.values()), after - sum(moved.values())
    is_told_by_rest = 0 < abs(rest - rest_before) < small_cell or 0 < rest < small_cell or rest < 0
    return dict(shown) if is_told_by_rest else moved


def weeks_told(shown: Mapping[str, int], total: int, small_cell: int) -> dict[date, int]:
    """Return the weeks a reader is told of: none when what the total leaves for other weeks is a small cell."""
    told = {date.fromisoformat(week): n for week, n in shown.items() if n >= small_cell}
    rest = total - sum(told.values())
    return {} if rest < 0 or 0 < rest < small_cell else told
