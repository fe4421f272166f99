"""A pack may name teams of guests and their days; a pack that names none is ODIHR's."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from steppe.missions.pack import read_pack
from steppe.missions.tables import PackProblems

TEAMS = """\
code,base_en,base_kk,regions,origin,from,until
LTO01,Kokshetau,Көкшетау,KZ-AKM,,,
LTO02,Atyrau,Атырау,KZ-ATY,odihr,,
PA01,Kokshetau,Көкшетау,KZ-AKM,oscepa,2021-01-09,2021-01-11
"""
SPOILT = [
    ("oscepa,", "ocsepa,", "teams.csv:4, column origin", "Did you mean 'oscepa'?"),
    ("2021-01-09,", ",", "teams.csv:4, column from", "a guest team has no day here"),
    (",2021-01-11", ",", "teams.csv:4, column until", "a guest team has no day here"),
    ("2021-01-11", "2021-01-08", "teams.csv:4, column until", "comes before from"),
    ("2021-01-11", "11 January", "teams.csv:4, column until", "is not a date"),
    ("KZ-ATY,odihr", "KZ-AKM,odihr", "teams.csv, column regions", "no team is responsible for region KZ-ATY"),
    (",origin,", ",orgin,", "teams.csv:1, column orgin", "Did you mean 'origin'?"),
]


@pytest.fixture
def guests(small_pack: Path) -> Path:
    (small_pack / "teams.csv").write_text(TEAMS, encoding="utf-8")
    return small_pack


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(PackProblems) as caught:
        read_pack(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_pack_without_origins_is_odihrs(small_pack: Path) -> None:
    pack = read_pack(small_pack)
    assert {team.origin for team in pack.teams} == {"odihr"}
    assert {person.origin for person in pack.people} == {"odihr"}


def test_a_team_of_guests_has_its_days(guests: Path) -> None:
    teams = read_pack(guests).teams
    assert [team.origin for team in teams] == ["odihr", "odihr", "oscepa"]
    assert (teams[0].from_on, teams[0].until_on) == (None, None)
    assert (teams[2].from_on, teams[2].until_on) == (date(2021, 1, 9), date(2021, 1, 11))


@pytest.mark.parametrize(("old", "new", "place", "words"), SPOILT)
def test_a_problem_of_a_guest_names_its_place(guests: Path, old: str, new: str, place: str, words: str) -> None:
    path = guests / "teams.csv"
    path.write_text(TEAMS.replace(old, new), encoding="utf-8")
    problems = problems_of(guests)
    assert [problem for problem in problems if problem.startswith(place) and words in problem], problems


def test_a_region_of_guests_alone_has_nobody_responsible(guests: Path) -> None:
    (guests / "teams.csv").write_text(TEAMS.replace("LTO01,Kokshetau,Көкшетау,KZ-AKM", "LTO01,K,К,KZ-ATY"))
    assert "no team is responsible for region KZ-AKM" in "\n".join(problems_of(guests))


def test_a_guest_at_the_desk_reads_reports_and_administers_nothing(small_pack: Path) -> None:
    path = small_pack / "people.csv"
    people = path.read_text(encoding="utf-8").replace("name_en,name_kk", "name_en,name_kk,origin")
    lines = [line if "name_kk" in line else f"{line}," for line in people.splitlines()]
    path.write_text("\n".join([*lines, "pa,expert,,,OSCE PA,ЕҚЫҰ ПА,oscepa"]), encoding="utf-8")
    assert [person.origin for person in read_pack(small_pack).people] == ["odihr"] * 3 + ["oscepa"]
    path.write_text("\n".join([*lines, "pa,admin,,,OSCE PA,ЕҚЫҰ ПА,oscepa"]), encoding="utf-8")
    assert "a guest cannot administer the mission" in "\n".join(problems_of(small_pack))
    path.write_text("\n".join([*lines[:-1], f"{lines[-1]}oscepa"]), encoding="utf-8")
    assert "an observer is of the origin of the team" in "\n".join(problems_of(small_pack))


def in_other_languages(spoil: Callable[[str, str, str], Path], *languages: str) -> Path:
    """The small pack spoken in other languages: names stay what they are."""
    first, second = languages
    folder = spoil("mission.toml", '["en", "kk"]', f'["{first}", "{second}"]')
    for path in (folder / "mission.toml", *folder.glob("*.csv")):
        text = path.read_text(encoding="utf-8").replace('default_language = "en"', f'default_language = "{first}"')
        text = text.replace("\nen = ", f"\n{first} = ").replace("\nkk = ", f"\n{second} = ")
        path.write_text(text.replace("_en,", f"_{first},").replace("_kk", f"_{second}"), encoding="utf-8")
    return folder


def test_a_mission_says_its_texts_in_its_own_languages(spoil: Callable[[str, str, str], Path]) -> None:
    folder = in_other_languages(spoil, "fr", "ar")
    assert read_pack(folder).texts == {}
    (folder / "texts.csv").write_text(
        "key,fr,ar\nall_regions,Toutes les régions,كل المناطق\nframe,Dans le nombre limité de bureaux de vote …,\n",
        encoding="utf-8",
    )
    assert read_pack(folder).texts == {
        "all_regions": {"fr": "Toutes les régions", "ar": "كل المناطق"},
        "frame": {"fr": "Dans le nombre limité de bureaux de vote …"},
    }


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("all_region,x,y", "texts.csv:2, column key", "Did you mean 'all_regions'?"),
        ("other,x,y", "texts.csv:2, column key", "unknown text 'other'"),
        ("frame,x,y\nframe,x,y", "texts.csv:3, column key", "occurs twice"),
        ("frame,x,y,z", "texts.csv:2: ", "the line has 4 cells"),
    ],
)
def test_a_problem_of_a_text_names_its_place(small_pack: Path, line: str, place: str, words: str) -> None:
    (small_pack / "texts.csv").write_text(f"key,en,kk\n{line}\n", encoding="utf-8")
    problems = problems_of(small_pack)
    assert [problem for problem in problems if problem.startswith(place) and words in problem], problems
