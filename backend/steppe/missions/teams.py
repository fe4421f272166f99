"""Observer teams, their areas of responsibility and the people of a mission, as a pack describes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steppe.missions.names import Names
from steppe.missions.places import Region, check_unique
from steppe.missions.tables import PackProblem, Row, read_table

ROLES = ("observer", "coordinator", "expert", "head", "admin", "auditor")
THEMES = (
    "ctx", "sys", "law", "adm", "vreg", "creg", "camp", "fin", "med", "onl", "cmp", "wom", "min", "dis", "yth", "obs",
    "ed_open", "ed_vote", "ed_count", "ed_tab", "post",
)  # fmt: skip
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Team:
    """A pair of observers, the unit of authorship; `regions` is its area of responsibility."""

    code: str
    base: Names
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with Steppe. The names say a function, never who it is."""

    username: str
    role: str
    team: str | None
    themes: tuple[str, ...]
    names: Names


def read_teams(
    folder: Path, languages: Sequence[str], regions: Sequence[Region] | None, problems: list[PackProblem]
) -> tuple[Team, ...] | None:
    """teams.csv; None if the table is unusable. Reports regions nobody is responsible for."""
    columns = ["code", *(f"base_{language}" for language in languages), "regions"]
    rows = read_table(folder / "teams.csv", columns, problems)
    if rows is None:
        return None
    check_unique(rows, "code")
    teams = []
    for row in rows:
        known = row.optional("regions").split(";") if regions is None else [region.code for region in regions]
        area = row.many_of("regions", [code.strip() for code in known], "region")
        if not area:
            row.report("regions", "the team has no region", "Name its regions, separated by ;")
        teams.append(Team(code=row.text("code"), base=row.names("base", languages), regions=area))
    covered = {code for team in teams for code in team.regions}
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
    rows = read_table(folder / "people.csv", columns, problems)
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
            )
        )
    return tuple(people)


def _team_of(row: Row, role: str, teams: Sequence[Team] | None) -> str | None:
    code = row.optional("team")
    if role == "observer" and not code:
        row.report("team", "an observer needs a team", "Name the team of this observer")
    if role != "observer" and code:
        row.report("team", f"only observers belong to a team, not a person of role {role!r}", "Leave the cell empty")
    if code and teams is not None:
        row.check_known("team", code, [team.code for team in teams], "team")
    return code or None
