"""Loading a pack: whole or not at all, and again without harm."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from sqlmodel import col, select

from steppe.demo import PACK
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions import keys
from steppe.missions.commands import load_mission, places_file
from steppe.missions.models import Change, Mission, MissionKey, PlaceList, Region, Station
from steppe.missions.pack import read_pack
from steppe.missions.queries import UnclearMission, mission_by_code, mission_out, newest_place_list
from steppe.people.commands import load_people
from steppe.people.models import Person, Team, TeamRegion
from steppe.people.queries import team_out
from tests.fixtures_neighbour import own
from tests.missions.test_pack import Spoil


async def load(database: Database, settings: Settings, folder: Path = PACK) -> None:
    pack = read_pack(folder)
    async with database.write() as session:
        mission_id = await load_mission(session, pack, secret=settings.secret_key, actor="test")
        await load_people(session, mission_id, pack.teams, pack.people, "en")


async def test_the_kazakhstan_mission_is_loaded_whole(database: Database, settings: Settings) -> None:
    await load(database, settings)
    async with database.read() as session:
        counts = {
            table.__name__: len((await session.exec(own(table))).all()) for table in (Region, Station, Team, Person)
        }
        teams = [team.id for team in (await session.exec(own(Team))).all()]
        areas = select(TeamRegion.region_code).where(col(TeamRegion.team_id).in_(teams))
        covered = set((await session.exec(areas)).all())
        regions = {region.code for region in (await session.exec(own(Region))).all()}
        kept = (await session.exec(own(MissionKey))).all()
        places = (await session.exec(own(PlaceList))).one()
    assert counts == {"Region": 17, "Station": 10_060, "Team": 13, "Person": 11 + 24 + 2 + 1}
    assert covered == regions
    assert {key.purpose for key in kept} == {"transport", "receipt"}
    assert all(keys.opens(key.private_wrapped, settings.secret_key) for key in kept)
    assert not any(keys.opens(key.private_wrapped, b"x" * 32) for key in kept)
    content = json.loads(gzip.decompress(places.content))
    assert content["version"] == places.version
    assert len(content["stations"]["rows"]) == 10_060


async def test_loading_again_keeps_keys_and_makes_no_phone_fetch_places_anew(
    database: Database, settings: Settings
) -> None:
    await load(database, settings)
    async with database.read() as session:
        before = {key.kid for key in (await session.exec(own(MissionKey))).all()}
    await load(database, settings)
    async with database.read() as session:
        assert {key.kid for key in (await session.exec(own(MissionKey))).all()} == before
        fetched = (await session.exec(own(Change).where(Change.kind == "places"))).all()
        assert len(fetched) == 1
        assert len((await session.exec(own(Person))).all()) == 38


async def test_a_changed_name_reaches_phones_as_a_new_place_list(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await load(database, settings)
    folder = shutil.copytree(PACK, tmp_path / "pack")
    regions = folder / "regions.csv"
    regions.write_text(regions.read_text().replace("Akmola Region", "Aqmola Region"))
    await load(database, settings, folder)
    async with database.read() as session:
        versions = [
            change.object_id
            for change in (await session.exec(own(Change).where(Change.kind == "places").order_by("n"))).all()
        ]
        region = (await session.exec(own(Region).where(Region.code == "KZ-AKM"))).one()
    assert versions == [places_file(read_pack(PACK))[0], places_file(read_pack(folder))[0]]
    async with database.read() as session:
        mission = await mission_by_code(session, "KZ2021")
        assert (await newest_place_list(session, mission.id)).version == versions[-1]
    assert region.name["en"] == "Aqmola Region"


async def test_phones_are_told_how_long_they_may_be_without_contact_where_the_pack_says_so(
    database: Database, settings: Settings, spoil: Spoil, small_pack: Path
) -> None:
    async def told() -> object:
        async with database.read() as session:
            return mission_out(await mission_by_code(session, "T1"))["policy"]

    await load(database, settings, small_pack)
    assert await told() == {"local_copy": "keep"}
    await load(database, settings, spoil("mission.toml", '"keep"', '"keep"\nlock_out_days = 30'))
    assert await told() == {"local_copy": "keep", "lock_out_days": 30}


async def test_the_only_mission_needs_no_name(engine_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "alone", database_url=engine_url)
    database = Database(settings)
    async with database.read() as session:
        with pytest.raises(UnclearMission):
            await mission_by_code(session, None)
    await load(database, settings)
    async with database.write() as session:
        assert (await mission_by_code(session, None)).code == "KZ2021"
        session.add(
            Mission(
                **{
                    **(await mission_by_code(session, None)).model_dump(exclude={"id"}),
                    "code": "OTHER",
                }
            )
        )
    async with database.read() as session:
        with pytest.raises(UnclearMission, match="more than one"):
            await mission_by_code(session, None)
        assert (await mission_by_code(session, "OTHER")).code == "OTHER"
    await database.close()


async def test_teams_and_people_have_names_in_every_language_and_phones_hear_of_other_names(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    async def heard() -> list[str]:
        async with database.read() as session:
            changes = (await session.exec(own(Change).where(Change.kind == "team").order_by("n"))).all()
            teams = {team.id: team.code for team in (await session.exec(own(Team))).all()}
        return [teams[change.team_id] for change in changes if change.team_id]

    await load(database, settings)
    await load(database, settings)
    assert await heard() == []
    folder = shutil.copytree(PACK, tmp_path / "pack")
    changes = {"teams.csv": ("Қостанай", "Тобыл"), "people.csv": ("Наблюдатель A группы LTO01", "Наблюдатель Я")}
    for name, (before, after) in changes.items():
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after))
    await load(database, settings, folder)
    async with database.read() as session:
        renamed = (await session.exec(own(Team).where(col(Team.code).in_(await heard())).order_by(Team.code))).all()
        told = [await team_out(session, team) for team in renamed]
        person = (await session.exec(own(Person).where(Person.username == "lto01a"))).one()
    assert [(team["code"], team["names"]["kk"]) for team in told] == [("LTO01", "Нұр-Сұлтан"), ("LTO03", "Тобыл")]
    assert told[0]["functions"][str(person.id)]["ru"] == "Наблюдатель Я"
    assert person.function == told[0]["functions"][str(person.id)]["en"]
