"""What the desk may narrow a list to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = "all"
NOWHERE: Final = "none"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the desk asks for; an empty string filters nothing. `region` may be `all`, or `none`: unplaced.

    `text` is looked for in short code and place.
    """

    region: str = EVERYWHERE
    checklist: str = ""
    team: str = ""
    text: str = ""
    severity: int = 0


def stored_region(code: str) -> str:
    """Return the region code as submissions and tallies keep it: unplaced reports have an empty one."""
    return "" if code == NOWHERE else code
