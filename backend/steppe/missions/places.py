"""Regions, districts and polling stations of a mission, as a pack describes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from steppe.missions.names import Names
from steppe.missions.tables import PackProblem, Row, read_table

DISTRICT_KINDS = ("city", "district", "city_district", "country")


@dataclass(frozen=True, slots=True)
class Region:
    """A first-level unit. `grid` is its column and row on the tile-grid map, counted from 0 at the top left."""

    code: str
    later_code: str
    names: Names
    centre: Names
    lon: float
    lat: float
    zone: str
    valid_from: date | None
    valid_to: date | None
    grid: tuple[int, int]


@dataclass(frozen=True, slots=True)
class District:
    """A second-level unit. `region` is None for a country abroad, whose code is its ISO 3166-1 code."""

    code: str
    region: str | None
    kind: str
    names: Names
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Station:
    """A polling station. `region` is None abroad; `number` is what the station's sign says."""

    number: str
    region: str | None
    district: str
    names: Names
    locality: str
    address: str
    lon: float
    lat: float
    voters: int


def read_regions(folder: Path, languages: Sequence[str], problems: list[PackProblem]) -> tuple[Region, ...] | None:
    """regions.csv; None if the table is unusable."""
    columns = [
        "code", "iso_2022", *_per_language("name", languages), *_per_language("centre", languages),
        "lon", "lat", "zone", "valid_from", "valid_to", "grid_column", "grid_row",
    ]  # fmt: skip
    rows = read_table(folder / "regions.csv", columns, problems)
    if rows is None:
        return None
    check_unique(rows, "code")
    regions = []
    tiles: dict[tuple[int, int], str] = {}
    for row in rows:
        region = Region(
            code=row.text("code"),
            later_code=row.optional("iso_2022"),
            names=row.names("name", languages),
            centre=row.names("centre", languages),
            lon=row.number("lon", -180, 180),
            lat=row.number("lat", -90, 90),
            zone=row.text("zone"),
            valid_from=row.optional_day("valid_from"),
            valid_to=row.optional_day("valid_to"),
            grid=(row.whole("grid_column", 0, 30), row.whole("grid_row", 0, 30)),
        )
        if region.zone and not is_zone(region.zone):
            row.report("zone", f"unknown time zone {region.zone!r}", "Use an IANA name, like Asia/Almaty")
        if region.valid_from and region.valid_to and region.valid_to < region.valid_from:
            row.report("valid_to", "the region ends before it begins", "Correct one of the two dates")
        taken = tiles.setdefault(region.grid, region.code)
        if taken != region.code:
            row.report("grid_column", f"the map tile already holds {taken}", "Choose a free column and row")
        regions.append(region)
    return tuple(regions)


def read_districts(
    folder: Path, languages: Sequence[str], regions: Sequence[Region] | None, problems: list[PackProblem]
) -> tuple[District, ...] | None:
    """districts.csv; None if the table is unusable. `regions` None leaves out the check of region codes."""
    columns = ["code", "region", "kind", *_per_language("name", languages), "lon", "lat"]
    rows = read_table(folder / "districts.csv", columns, problems)
    if rows is None:
        return None
    check_unique(rows, "code")
    known = None if regions is None else [region.code for region in regions]
    districts = []
    for row in rows:
        kind = row.one_of("kind", DISTRICT_KINDS, "kind of district")
        districts.append(
            District(
                code=row.text("code"),
                region=_district_region(row, kind, known),
                kind=kind,
                names=row.names("name", languages),
                lon=row.number("lon", -180, 180),
                lat=row.number("lat", -90, 90),
            )
        )
    return tuple(districts)


def _district_region(row: Row, kind: str, known: Sequence[str] | None) -> str | None:
    if kind == "country":
        if row.optional("region"):
            row.report("region", "a country abroad belongs to no region", "Leave the cell empty")
        code = row.optional("code")
        if code and not (len(code) == 2 and code.isascii() and code.isupper()):
            row.report("code", f"{code!r} is not a country code", "Use the two letters of ISO 3166-1, like DE")
        return None
    return row.text("region") if known is None else row.one_of("region", known, "region")


def read_stations(
    folder: Path, languages: Sequence[str], districts: Sequence[District] | None, problems: list[PackProblem]
) -> tuple[Station, ...] | None:
    """stations.csv; None if the table is unusable. `districts` None leaves out the check of places."""
    columns = [
        "number", "region", "district", *_per_language("name", languages),
        "locality", "address", "lon", "lat", "voters",
    ]  # fmt: skip
    rows = read_table(folder / "stations.csv", columns, problems)
    if rows is None:
        return None
    check_unique(rows, "number")
    regions = None if districts is None else {district.code: district.region for district in districts}
    stations = []
    for row in rows:
        number = row.text("number")
        if number and not (number.isascii() and number.isdigit()):
            row.report("number", f"{number!r} is not a station number", "Write digits only, as on the station's sign")
        station = Station(
            number=number,
            region=row.optional("region") or None,
            district=row.text("district"),
            names=row.names("name", languages),
            locality=row.optional("locality"),
            address=row.optional("address"),
            lon=row.number("lon", -180, 180),
            lat=row.number("lat", -90, 90),
            voters=row.whole("voters", 0, 100_000),
        )
        if regions is not None and station.district:
            _check_station_place(row, station, regions)
        stations.append(station)
    return tuple(stations)


def _check_station_place(row: Row, station: Station, regions: dict[str, str | None]) -> None:
    if station.district not in regions:
        row.check_known("district", station.district, regions, "district")
        return
    region = regions[station.district]
    if region == station.region:
        return
    if region is None:
        row.report("region", "a station abroad belongs to no region", "Leave the cell empty")
    else:
        what = f"district {station.district} belongs to {region}, not to {station.region or 'no region'}"
        row.report("region", what, f"Write {region}, or correct the district")


def check_unique(rows: Iterable[Row], column: str) -> None:
    """Report each line whose cell in `column` already stood on an earlier line."""
    first: dict[str, int] = {}
    for row in rows:
        value = row.optional(column)
        line = first.setdefault(value, row.line)
        if value and line != row.line:
            row.report(column, f"{value!r} already stands on line {line}", "Give each line its own, or delete one")


def is_zone(name: str) -> bool:
    """Whether the time zone database knows `name`. ZoneInfo raises ValueError for paths, KeyError if unknown."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _per_language(prefix: str, languages: Sequence[str]) -> list[str]:
    return [f"{prefix}_{language}" for language in languages]
