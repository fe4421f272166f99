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


def flags_of_severity(flags: Mapping[str, Mapping[str, Mapping[str, int]]], severity: int) -> int:
    """Return how many flags of one severity (1–3) a tally's `flags` hold, over all bases and questions."""
    word = str(severity)
    return sum(by_severity.get(word, 0) for questions in flags.values() for by_severity in questions.values())


def flags_of_question(flags: Mapping[str, Mapping[str, Mapping[str, int]]], question: str) -> dict[str, int]:
    """Return a question's flags by severity, over all bases."""
    total: dict[str, int] = {}
    for questions in flags.values():
        add(total, questions.get(question, {}))
    return total
