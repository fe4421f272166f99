"""What the desk may narrow a list to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

EVERYWHERE: Final = "all"
NOWHERE: Final = "none"
StatusFilter: TypeAlias = Literal[
    "", "received", "in_review", "accepted", "on_hold", "returned", "resubmitted", "withdrawn", "conflict"
]
"""What reports are narrowed to that stand at it in review; empty: all but those withdrawn."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the desk asks for; an empty string filters nothing. `region` may be `all`, or `none`: unplaced.

    `text` is looked for in short code and place; `status` is what the report stands at in review; without it those
    withdrawn are left out.
    """

    region: str = EVERYWHERE
    checklist: str = ""
    team: str = ""
    text: str = ""
    severity: int = 0
    status: str = ""


def stored_region(code: str) -> str:
    """Return the region code as submissions and tallies keep it: unplaced reports have an empty one."""
    return "" if code == NOWHERE else code
