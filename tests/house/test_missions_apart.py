"""The watch over missions finds what it is there for; each desk page stays as it was beside a busy neighbour."""

import ast

import pytest
from sqlalchemy import delete, exists, update
from sqlmodel import col, select

from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import Database
from steppe.people.models import Device, Person, Team, TeamRegion
from steppe.submissions.models import Revision, Submission
from tests import mission_walk
from tests.house.files import ROOT

MISSION = "0190a0a0-0000-7000-8000-000000000000"

UNTIED = [
    (select(Submission), ["submission"]),
    (select(Submission).where(col(Submission.id) == MISSION), ["submission"]),
    (select(Submission).where(col(Submission.id).in_([MISSION])), ["submission"]),
    (select(TeamRegion), ["team_region"]),
    (select(Person).where(Person.username == "expert"), ["person"]),
    (select(Person).where((Person.mission_id == MISSION) | (Person.username == "expert")), ["person"]),
    (select(Team, Device).join(Device, col(Device.team_id) == Team.id), ["device", "team"]),
    (update(Submission).where(col(Submission.region_code) == "").values(severity=0), ["submission"]),
    (delete(Submission), ["submission"]),
    (
        select(Submission)
        .where(Submission.mission_id == MISSION)
        .where(col(Submission.checklist_version_id).in_(select(ChecklistVersion.id))),
        ["checklist_version"],
    ),
    (
        select(Team).where(
            Team.mission_id == MISSION, ~exists().where(col(Revision.id) == MISSION, col(Revision.hash) == Team.code)
        ),
        ["revision"],
    ),
]
TIED = [
    select(Submission).where(Submission.mission_id == MISSION),
    select(Team, Device).join(Device, col(Device.team_id) == Team.id).where(Team.mission_id == MISSION),
    select(TeamRegion).join(Team).where(Team.mission_id == MISSION),
    select(TeamRegion).where(col(TeamRegion.team_id).in_([MISSION])),
    select(Device).where(Device.push_token_hash == "hash"),
    select(Person).where(col(Person.id) == MISSION),
    select(Submission)
    .where(Submission.mission_id == MISSION)
    .where(
        col(Submission.team_id).in_(
            select(Team.id).where(Team.code == "LTO01", Team.mission_id == Submission.mission_id)
        )
    ),
    update(Device).where(col(Device.id) == MISSION).values(name=""),
]


@pytest.mark.parametrize(("statement", "tables"), UNTIED, ids=range(len(UNTIED)))
def test_a_statement_without_its_mission_is_found(statement: object, tables: list[str]) -> None:
    assert mission_walk.untied(statement) == tables


@pytest.mark.parametrize("statement", TIED, ids=range(len(TIED)))
def test_a_statement_tied_to_its_mission_passes(statement: object) -> None:
    assert mission_walk.untied(statement) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_seeded_statement_of_the_server_is_noted_with_its_place(database: Database) -> None:
    code = "async def seeded(session, select, table):\n    await session.exec(select(table))\n"
    names: dict[str, object] = {}
    exec(compile(code, str(ROOT / "backend/steppe/seeded.py"), "exec"), names)
    seeded = names["seeded"]
    assert callable(seeded)
    async with database.read() as session:
        await seeded(session, select, Submission)
    assert mission_walk.found == ["backend/steppe/seeded.py:2 seeded: submission"]
    mission_walk.found.clear()


def test_exceptions_name_functions_that_exist() -> None:
    for file, function in mission_walk.EXCEPTIONS:
        tree = ast.parse((ROOT / file).read_text())
        assert function in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
