"""The demo mission: whole, three-lingual, and its station list reproducible."""

import importlib.util
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

import steppe
from steppe.missions.names import mixed_script_word
from steppe.missions.pack import Pack, read_pack

FOLDER = Path(steppe.__file__).parent / "packs" / "kazakhstan_2021"
SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "make_stations.py"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(FOLDER)


def test_it_has_the_units_stations_and_teams_of_january_2021(pack: Pack) -> None:
    kinds = Counter(district.kind == "country" for district in pack.districts)
    at_home = Counter(station.region is not None for station in pack.stations)
    assert (len(pack.regions), kinds[False], kinds[True]) == (17, 215, 53)
    assert (at_home[True], at_home[False]) == (9_994, 66)
    assert [team.code for team in pack.teams] == [*(f"LTO{n:02}" for n in range(1, 13)), "PA01"]
    assert [path.stem for path in pack.checklists] == [
        "campaign_event",
        "commission",
        "complaint",
        "flash_report",
        "meeting_report",
        "polling_station_counting",
        "polling_station_opening",
        "polling_station_voting",
        "tabulation",
        "weekly_report",
    ]


def test_every_region_belongs_to_exactly_one_team(pack: Pack) -> None:
    areas = Counter(code for team in pack.teams if team.origin == "odihr" for code in team.regions)
    assert areas == Counter(region.code for region in pack.regions)


def test_a_core_team_of_eleven_two_observers_per_team_and_one_admin(pack: Pack) -> None:
    roles = Counter(person.role for person in pack.people)
    assert roles == {"head": 2, "coordinator": 1, "expert": 8, "observer": 26, "admin": 1}
    pairs = Counter(person.team for person in pack.people if person.role == "observer")
    assert pairs == {team.code: 2 for team in pack.teams}


def test_the_guests_are_there_around_election_day(pack: Pack) -> None:
    [guests] = [team for team in pack.teams if team.origin != "odihr"]
    election = pack.mission.election_on
    day = timedelta(days=1)
    assert (guests.origin, guests.from_on, guests.until_on) == ("oscepa", election - day, election + day)


def test_western_regions_are_an_hour_behind_the_capital(pack: Pack) -> None:
    own_zone = {region.code: region.zone for region in pack.regions if region.zone != "Asia/Almaty"}
    assert own_zone == {
        "KZ-AKT": "Asia/Aqtobe",
        "KZ-ATY": "Asia/Atyrau",
        "KZ-KUS": "Asia/Qostanay",
        "KZ-KZY": "Asia/Qyzylorda",
        "KZ-MAN": "Asia/Aqtau",
        "KZ-ZAP": "Asia/Oral",
    }


def test_regions_that_were_split_in_2022_end_then(pack: Pack) -> None:
    assert {region.code for region in pack.regions if region.valid_to} == {"KZ-VOS", "KZ-ALM", "KZ-KAR"}


def test_every_district_has_stations_and_no_station_too_many_voters(pack: Pack) -> None:
    assert {station.district for station in pack.stations} == {district.code for district in pack.districts}
    assert max(station.voters for station in pack.stations) <= 3_000
    assert sum(station.voters for station in pack.stations) == 11_919_241


def test_station_names_are_unique_within_a_district(pack: Pack) -> None:
    for language in pack.mission.languages:
        names = Counter((station.district, station.names[language]) for station in pack.stations)
        assert max(names.values()) == 1


def test_the_station_list_says_that_it_is_synthetic() -> None:
    text = (FOLDER / "stations.csv").read_text(encoding="utf-8")
    assert text.startswith("# SYNTHETIC")
    assert all(",Demo " in line for line in text.splitlines()[2:])


def test_the_script_makes_the_committed_station_list_byte_for_byte() -> None:
    spec = importlib.util.spec_from_file_location("make_stations", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: str = module.make_stations()
    assert made.encode() == (FOLDER / "stations.csv").read_bytes()


@pytest.mark.parametrize(("text", "word"), [("Аktobe city", "Аktobe"), ("Ақтөбе қ.", None), ("LTO01 тобы", None)])
def test_a_word_of_two_alphabets_is_found(text: str, word: str | None) -> None:
    assert mixed_script_word(text) == word
