"""What lies where: the regions of a mission's districts and stations, as deriving a report needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

PlaceKind = Literal["region", "district", "station"]
FINEST: Final[tuple[PlaceKind | None, ...]] = ("station", "district", "region")
"""From the smallest to the largest."""


@dataclass(frozen=True, slots=True)
class PlaceIndex:
    """What deriving needs of the mission: its zone, its regions, the regions of districts and of stations.

    `districts` is district code → region code, `stations` is number → region and district code.
    """

    mission_id: UUID
    zone: str
    regions: frozenset[str] = frozenset()
    districts: Mapping[str, str] = field(default_factory=dict)
    stations: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def area_of(self, kind: PlaceKind, code: str, wanted: PlaceKind) -> str:
        """Return the code of the district or region that a place lies in; empty when the list does not know.

        `pwa/src/missions/areas.ts` is the twin.
        """
        region, district = self.stations.get(code, ("", "")) if kind == "station" else ("", "")
        district = code if kind == "district" else district
        if wanted == "district":
            return district
        return region or self.districts.get(district, "")


@dataclass(frozen=True, slots=True)
class PlaceNote:
    """What the mission's list said of a report's places when its revision came; written down with it.

    Codes of region and district, each empty for none, and the paths of answers that a finer place contradicted.
    """

    region: str
    district: str
    contradicted: tuple[str, ...] = ()
