"""What a report is about before anybody fills it: where, when, in which language, under how much trouble."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from steppe.checklists.expressions.dates import Context

Language = Literal["en", "ru"]

CALM, UNEASY, TROUBLED = 0.4, 1.5, 5.0
_MOODS = ((CALM, 75), (UNEASY, 20), (TROUBLED, 5))


@dataclass(frozen=True, slots=True)
class Place:
    """A polling station, or the part of a town around it."""

    region: str
    district: str
    district_name: str
    station: str
    locality: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One observation waiting to be written down.

    `began_at` and `finished_at` (the tap on Finish) are aware times; `zone` is the mission's. `trouble` multiplies the
    chance of every negative answer. `photo` takes one and returns the hex SHA-256 of its bytes; None: no camera.
    """

    place: Place
    began_at: datetime
    finished_at: datetime
    zone: str
    language: Language = "en"
    trouble: float = 1.0
    photo: Callable[[], str] | None = None

    @property
    def context(self) -> Context:
        """The clock the checklist is evaluated by."""
        return Context(self.finished_at, self.zone)

    @property
    def local(self) -> datetime:
        """When it began, on the mission's wall clock."""
        return self.began_at.astimezone(ZoneInfo(self.zone))


def any_mood(rng: Random) -> float:
    """Draw how much goes wrong: mostly little, seldom a lot, as observers find it."""
    return rng.choices([mood for mood, _ in _MOODS], [weight for _, weight in _MOODS])[0]


def places_of(content: Mapping[str, Any], regions: set[str]) -> list[Place]:
    """Return the stations of a places file (docs/protocol.md §6) that lie in these regions, in the file's order."""
    names = {district["code"]: next(iter(district["name"].values())) for district in content["districts"]}
    columns = {name: place for place, name in enumerate(content["stations"]["columns"])}
    number, region, district, locality, longitude, latitude = (
        columns[name] for name in ("number", "region", "district", "locality", "lon", "lat")
    )
    return [
        Place(
            row[region],
            row[district],
            names.get(row[district], ""),
            row[number],
            row[locality],
            row[longitude],
            row[latitude],
        )
        for row in content["stations"]["rows"]
        if row[region] in regions
    ]
