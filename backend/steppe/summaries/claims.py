"""What a mission of a given type may say with its numbers.

A limited mission visits few places and not by sample: its numbers are counts for planning, and whatever shows visits to
polling stations opens with a fixed sentence, once: a page of meetings or complaints has nothing the sentence could be
about. No share, rate or mean is computed for any type yet; missions that observe systematically will get theirs with
the number of observations beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from steppe.missions.models import LIMITED_TYPES
from steppe.missions.names import Names
from steppe.missions.teams import ODIHR
from steppe.missions.texts import texts_of

STATIONS: Final = "polling_station"
"""The kind of checklist that is filled on election day where people vote and votes are counted."""


@dataclass(slots=True)
class ViewFrame:
    """Chooses the sentence a page or file opens with, from the reports it holds: `note` each lot, then `sentence`."""

    mission_type: str
    texts: Mapping[str, Names]
    """What the mission says in its own words."""

    has_visits: bool = False
    has_guests: bool = False

    def note(self, kind: str, origins: Mapping[str, int]) -> None:
        """Note that the view holds so many reports of a checklist of this kind, by the origin of their teams."""
        if kind == STATIONS:
            self.has_visits = self.has_visits or any(origins.values())
            self.has_guests = self.has_guests or any(n for origin, n in origins.items() if origin != ODIHR)

    def sentence(self) -> dict[str, str] | None:
        """Return the sentence by language; None for a view without visits, or of a mission that is not limited.

        An international election observation mission (IEOM) is a joint effort: the word is true only of a view in which
        guests' visits are counted.
        """
        if not self.has_visits or self.mission_type not in LIMITED_TYPES:
            return None
        texts = texts_of("frame_with_guests" if self.has_guests else "frame", self.texts)
        return {language: text.replace("{type}", self.mission_type) for language, text in texts.items()}


def guests_of(origins: Mapping[str, int]) -> dict[str, int]:
    """Return how many of some reports are guests', by origin: what a page that counts them must say."""
    return {origin: n for origin, n in sorted(origins.items()) if n and origin != ODIHR}
