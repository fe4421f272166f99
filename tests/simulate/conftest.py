from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from steppe.audit.commands import COMMAND_LINE
from steppe.checklists.commands import keep_files, publish_all
from steppe.checklists.definition import Definition
from steppe.checklists.xlsform.compiler import compile_checklist
from steppe.checklists.xlsform.form_files import read_forms
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database, ReadSession
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.missions.commands import load_mission, places_file
from steppe.missions.pack import Pack, read_pack
from steppe.missions.places import Station
from steppe.missions.queries import mission_by_code
from steppe.people.commands import load_people, open_enrolment
from steppe.simulate.scene import Place, places_of

PACK = Path(__file__).parents[2] / "backend" / "steppe" / "packs" / "kazakhstan_2021"
STATIONS_PER_DISTRICT = 2


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The demonstration's pack with a few stations of each district: ten thousand rows a test prove nothing more."""
    whole = read_pack(PACK)
    kept: dict[str, list[Station]] = defaultdict(list)
    for station in whole.stations:
        if len(kept[station.district]) < STATIONS_PER_DISTRICT:
            kept[station.district].append(station)
    return replace(whole, stations=tuple(station for several in kept.values() for station in several))


@pytest.fixture(scope="session")
def definitions(pack: Pack) -> dict[str, Definition]:
    """The pack's checklists as a phone holds them, here by form."""
    compiled = [compile_checklist(path) for path in pack.checklists]
    return {definition.id: definition for definition in compiled}


@pytest.fixture(scope="session")
def places(pack: Pack) -> list[Place]:
    """The stations of one team's area."""
    content: dict[str, Any] = orjson.loads(places_file(pack)[1])
    return places_of(content, set(pack.teams[0].regions))


@pytest.fixture
async def http(settings: Settings, database: Database, pack: Pack) -> AsyncIterator[httpx.AsyncClient]:
    """A server with the pack loaded, reached as phones reach it."""
    forms = read_forms(pack.checklists)
    async with database.write() as session:
        mission_id = await load_mission(session, pack, secret=settings.secret_key, actor=COMMAND_LINE)
        await load_people(session, mission_id, pack.teams, pack.people, pack.mission.default_language)
        await publish_all(session, mission_id=mission_id, forms=forms, actor=COMMAND_LINE)
    await keep_files(Blobs(settings), mission_id, *forms)
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://steppe.test") as client:
        yield client
    await app.state.parts[Database].close()


@pytest.fixture
def codes(database: Database, pack: Pack) -> Callable[..., Awaitable[list[str]]]:
    """Opens enrolments: `await codes("LTO01", "LTO02")` gives a code for one phone of each team."""

    async def opened(*teams: str) -> list[str]:
        async with database.write() as session:
            mission = await mission_by_code(ReadSession(session), pack.mission.code)
            return [
                (await open_enrolment(session, mission_id=mission.id, team_code=team, actor=COMMAND_LINE))[0]
                for team in teams
            ]

    return opened
