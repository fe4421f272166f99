"""Adding tallies up: the only arithmetic of a region page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def add(total: dict[str, Any], counts: Mapping[str, Any]) -> None:
    """Add `counts` into `total`, number by number, at any depth; both keep the tally's shape."""
    for key, value in counts.items():
        # Counts come from JSON. An isinstance with an ABC took most of a region's page.
        if value.__class__ is dict:
            held = total.get(key)
            if held is None:
                held = total[key] = {}
            add(held, value)
        else:
            total[key] = total.get(key, 0) + value


def flags_of_severity(flags: Mapping[str, Mapping[str, int]], severity: int) -> int:
    """Return how many flags of one severity (1–3) a tally's `flags` hold, over all questions."""
    return sum(by_severity.get(str(severity), 0) for by_severity in flags.values())
