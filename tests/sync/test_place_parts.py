"""A phone may ask for the stations of some regions only; all parts together are the list."""

import gzip
from typing import Any

import orjson
import pytest

from steppe.missions.models import PlaceList
from steppe.missions.place_parts import places_part
from tests.fixtures_server import Server

VERSION = "00112233aabbccdd"
REGIONS = ("ALM", "AKM", "MNG")
WHOLE: dict[str, Any] = {
    "version": VERSION,
    "regions": [{"code": code, "name": {"en": code}} for code in REGIONS],
    "districts": [{"code": "D1", "region": "ALM", "name": {"en": "First"}}],
    "stations": {
        "columns": ["number", "region", "district"],
        "rows": [["1", "ALM", "D1"], ["2", "AKM", "D2"], ["3", "ALM", "D1"], ["4", "MNG", "D3"], ["5", "", "KAZ"]],
    },
}
CONTENT = gzip.compress(orjson.dumps(WHOLE))


async def listed(server: Server, query: str) -> Any:
    async with server.database.write() as session:
        found = await session.get(PlaceList, (server.seeded.mission.id, VERSION))
        if found is None:
            session.add(PlaceList(mission_id=server.seeded.mission.id, version=VERSION, stations=5, content=CONTENT))
    answer = await server.as_device(server.phones[0], "GET", f"/places/{VERSION}{query}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    return answer.json()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("ALM", {"1", "3"}), ("MNG,AKM", {"2", "4"}), ("", {"5"}), ("AKM,", {"2", "5"}), ("nowhere", set())],
)
async def test_a_part_holds_all_regions_and_the_stations_of_those_asked_for(
    server: Server, query: str, numbers: set[str]
) -> None:
    part = await listed(server, f"?regions={query}")
    assert {row[0] for row in part["stations"]["rows"]} == numbers
    assert set(part["only"]) == set(query.split(","))
    rest = {key: value for key, value in WHOLE.items() if key != "stations"}
    assert {key: part[key] for key in rest} == rest


async def test_a_phone_that_names_no_region_gets_the_whole_as_ever(server: Server) -> None:
    assert await listed(server, "") == WHOLE


async def test_parts_have_addresses_of_their_own_for_caches(server: Server) -> None:
    await listed(server, "")
    tags = [
        (await server.as_device(server.phones[0], "GET", f"/places/{VERSION}{query}")).headers["etag"]
        for query in ("", "?regions=ALM", "?regions=AKM")
    ]
    assert len(set(tags)) == 3


def test_all_parts_together_are_the_list() -> None:
    parts = [orjson.loads(places_part(VERSION, CONTENT, (code,))) for code in (*REGIONS, "")]
    assert sorted(row for part in parts for row in part["stations"]["rows"]) == sorted(WHOLE["stations"]["rows"])
