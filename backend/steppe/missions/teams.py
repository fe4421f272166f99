"""Observer teams, their areas of responsibility and the people of a mission, as a pack describes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from steppe.missions.names import Names
from steppe.missions.places import Region, check_unique
from steppe.missions.tables import PackProblem, Row, read_table

ROLES = ("observer", "coordinator", "expert", "head", "admin", "auditor")
THEMES = (
    "ctx", "sys", "law", "adm", "vreg", "creg", "camp", "fin", "med", "onl", "cmp", "wom", "min", "dis", "yth", "obs",
    "ed_open", "ed_vote", "ed_count", "ed_tab", "post",
)  # fmt: skip
ODIHR = "odihr"
ORIGINS = (ODIHR, "oscepa")
"""Whose observers a team or person is: the mission's own, or guests, whose visits are never pooled silently."""
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Team:
    """A pair of observers, the unit of authorship; `regions` is its area of responsibility.

    Of guests `origin` says whose they are, and `from_on` and `until_on` the days on which their phones can be enrolled.
    """

    code: str
    base: Names
    regions: tuple[str, ...]
    origin: str = ODIHR
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with Steppe. The names say a function, never who it is."""

    username: str
    role: str
    team: str | None
    themes: tuple[str, ...]
    names: Names
    origin: str = ODIHR
    """Of a guest at the desk: whose reports are read."""


def read_teams(
    folder: Path, languages: Sequence[str], regions: Sequence[Region] | None, problems: list[PackProblem]
) -> tuple[Team, ...] | None:
    """teams.csv; None if the table is unusable. Reports regions no team of the mission's own is responsible for.

    `origin`, `from` and `until` are columns a pack need not have: without them a team is ODIHR's.
    """
    columns = ["code", *(f"base_{language}" for language in languages), "regions"]
    rows = read_table(folder / "teams.csv", columns, problems, optional=("origin", "from", "until"))
    if rows is None:
        return None
    check_unique(rows, "code")
    teams = []
    for row in rows:
        known = row.optional("regions").split(";") if regions is None else [region.code for region in regions]
        area = row.many_of("regions", [code.strip() for code in known], "region")
        if not area:
            row.report("regions", "the team has no region", "Name its regions, separated by ;")
        origin = _origin_of(row)
        from_on, until_on = _time_of(row, origin)
        teams.append(Team(row.text("code"), row.names("base", languages), area, origin, from_on, until_on))
    covered = {code for team in teams if team.origin == ODIHR for code in team.regions}
    for region in regions or ():
        if region.code not in covered:
            what = f"no team is responsible for region {region.code}"
            problems.append(PackProblem("teams.csv", None, "regions", what, "Add it to a team's regions"))
    return tuple(teams)


def read_people(
    folder: Path, languages: Sequence[str], teams: Sequence[Team] | None, problems: list[PackProblem]
) -> tuple[Person, ...] | None:
    """people.csv; None if the table is unusable. `teams` None leaves out the check of team codes."""
    columns = ["username", "role", "team", "themes", *(f"name_{language}" for language in languages)]
    rows = read_table(folder / "people.csv", columns, problems, optional=("origin",))
    if rows is None:
        return None
    check_unique(rows, "username")
    people = []
    for row in rows:
        username = row.text("username")
        if username and not _USERNAME.fullmatch(username):
            remedy = "Use 2 to 32 small Latin letters, digits, dots or dashes, a letter first"
            row.report("username", f"{username!r} cannot be a user name", remedy)
        role = row.one_of("role", ROLES, "role")
        people.append(
            Person(
                username=username,
                role=role,
                team=_team_of(row, role, teams),
                themes=row.many_of("themes", THEMES, "theme"),
                names=row.names("name", languages),
                origin=_origin_of_person(row, role),
            )
        )
    return tuple(people)


def _origin_of(row: Row) -> str:
    return row.one_of("origin", ORIGINS, "origin") if row.optional("origin") else ODIHR


def _time_of(row: Row, origin: str) -> tuple[date | None, date | None]:
    """Return the first and last day of a guest team; None for a team that stays as long as the mission."""
    from_on, until_on = row.optional_day("from"), row.optional_day("until")
    if origin != ODIHR and not (row.optional("from") and row.optional("until")):
        column = "until" if row.optional("from") else "from"
        row.report(column, "a guest team has no day here", "Write the first and the last day of its stay")
    if from_on and until_on and until_on < from_on:
        row.report("until", f"until ({until_on}) comes before from ({from_on})", "Correct one of the two dates")
    return from_on, until_on


def _origin_of_person(row: Row, role: str) -> str:
    """Return whose reports somebody at the desk reads; an observer is of the origin of the team."""
    origin = _origin_of(row)
    if origin != ODIHR and role == "observer":
        row.report("origin", "an observer is of the origin of the team", "Leave the cell empty; write it in teams.csv")
    if origin != ODIHR and role == "admin":
        row.report("origin", "a guest cannot administer the mission", "Give another role, or leave the cell empty")
    return origin


def _team_of(row: Row, role: str, teams: Sequence[Team] | None) -> str | None:
    code = row.optional("team")
    if role == "observer" and not code:
        row.report("team", "an observer needs a team", "Name the team of this observer")
    if role != "observer" and code:
        row.report("team", f"only observers belong to a team, not a person of role {role!r}", "Leave the cell empty")
    if code and teams is not None:
        row.check_known("team", code, [team.code for team in teams], "team")
    return code or None
