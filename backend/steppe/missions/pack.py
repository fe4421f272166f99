"""A mission pack: the folder that describes one mission, read and checked whole.

    mission.toml  regions.csv  districts.csv  teams.csv  people.csv  stations.csv  checklists/*.md, *.xlsx or *.xls
    texts.csv (where the mission says something in its own words)

Nothing is written from a pack that has a problem: `read_pack` gives a pack in order or raises with every problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from steppe.missions.due import check_due_teams
from steppe.missions.mission_file import FILE, MissionFacts, read_mission
from steppe.missions.names import Names
from steppe.missions.places import District, Region, Station, read_districts, read_regions, read_stations
from steppe.missions.tables import PackProblem, PackProblems
from steppe.missions.teams import Person, Team, read_people, read_teams
from steppe.missions.texts import read_texts

CHECKLIST_SUFFIXES = (".md", ".xlsx", ".xls")


@dataclass(frozen=True, slots=True)
class Pack:
    """A mission in order: every code is unique, every reference resolves, every name is there in every language."""

    folder: Path
    mission: MissionFacts
    regions: tuple[Region, ...]
    districts: tuple[District, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    stations: tuple[Station, ...]
    checklists: tuple[Path, ...]
    """XLSForm files to publish, by file name; what begins with `_` is only ever included by others."""
    texts: Mapping[str, Names] = field(default_factory=dict)
    """What the mission says in its own words, by key and language."""


def read_pack(folder: Path) -> Pack:
    """Read and check the pack in `folder`.

    Raises PackProblems with all problems of all files, each with file, line, column, what is wrong and what to do.
    The contents of the checklists are not looked into: publishing does that.
    """
    problems: list[PackProblem] = []
    if not folder.is_dir():
        remedy = "Give the path of a folder with a mission.toml"
        raise PackProblems([PackProblem(str(folder), None, None, "there is no such folder", remedy)])
    mission = read_mission(folder, problems)
    # Without its languages no table's columns are known: everything else would be noise.
    if mission is None or not mission.languages:
        raise PackProblems(problems)
    languages = mission.languages
    regions = read_regions(folder, languages, problems)
    districts = read_districts(folder, languages, regions, problems)
    teams = read_teams(folder, languages, regions, problems)
    people = read_people(folder, languages, teams, problems)
    stations = read_stations(folder, languages, districts, problems)
    checklists = _checklists(folder, problems)
    texts = read_texts(folder, languages, problems)
    if teams is not None:
        check_due_teams(FILE, mission.due, {team.code for team in teams}, problems)
    if problems or regions is None or districts is None or teams is None or people is None or stations is None:
        raise PackProblems(problems)
    return Pack(folder, mission, regions, districts, teams, people, stations, checklists, texts)


def _checklists(folder: Path, problems: list[PackProblem]) -> tuple[Path, ...]:
    files = sorted(
        path
        for path in (folder / "checklists").glob("*")
        if path.suffix in CHECKLIST_SUFFIXES and not path.name.startswith(("_", "~", "."))
    )
    if not files:
        what = "there is no checklist"
        problems.append(PackProblem("checklists", None, None, what, "Add an XLSForm as .xlsx, .xls or .md"))
    return tuple(files)
