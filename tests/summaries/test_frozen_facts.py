"""What held when a report came holds for it ever after: its team, its short code, its region and its district.

Whoever moves phones, people and places afterwards changes nothing about it, and a rebuild finds nothing to put right.
"""

import json
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from steppe.migrate import FOLDER
from steppe.missions.models import District, MissionCounter, Region, Station
from steppe.people.models import Device, Person, Team, TeamRegion
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server
from tests.summaries.test_rebuild import push_random, rows

NOTES: dict[str, Any] = {"team_id": None, "letter": "", "region_code": None, "district_code": "", "other_places": []}


async def move_everything(server: Server) -> None:
    """Give every phone and person of the first team to the second, and every place to another region."""
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        teams: dict[str, UUID] = {team.code: team.id for team in (await session.exec(own(Team))).all()}
        for table in (Device, Person):
            of_the_first = (col(table.mission_id) == mission, col(table.team_id) == teams["LTO01"])
            await session.execute(update(table).where(*of_the_first).values(team_id=teams["LTO02"], **_letters(table)))
        await session.execute(delete(TeamRegion).where(col(TeamRegion.team_id) == teams["LTO01"]))
        await session.execute(insert(TeamRegion), [{"team_id": teams["LTO01"], "region_code": "KZ-SEV"}])
        await session.execute(
            update(Station).where(col(Station.mission_id) == mission).values(region_code="KZ-SEV", district_code="")
        )
        await session.execute(update(District).where(col(District.mission_id) == mission).values(region_code="KZ-SEV"))
        await session.execute(delete(Region).where(col(Region.mission_id) == mission, col(Region.code) == "KZ-AST"))


def _letters(table: type) -> dict[str, Any]:
    # Letters are taken once a team.
    return {"letter": col(Device.letter) + "Z"} if table is Device else {}


async def differences(server: Server) -> list[str]:
    [_, found] = await rebuild(server.database, is_check=True)
    return found.differences


async def empty_notes(server: Server) -> list[str]:
    """Leave the inbox as an earlier version did; returns its rows as they were."""
    before = await rows(server, InboxItem)
    async with server.database.write() as session:
        await session.execute(update(InboxItem).values(NOTES))
    return before


async def migrate_again(server: Server) -> None:
    """Let the migration fill what holds today."""

    def fill(connection: Connection) -> None:
        step = ScriptDirectory(str(FOLDER)).get_revision("0022").module
        with Operations.context(MigrationContext.configure(connection)):
            step._note_authors()  # the columns are there already
            step._note_places()

    async with server.database.writer.begin() as connection:
        await connection.run_sync(fill)


@pytest.mark.parametrize("seed", range(2))
async def test_who_moves_later_changes_no_report_that_is_there(server: Server, seed: int) -> None:
    await push_random(server, seed)
    before = await rows(server, Submission)
    await move_everything(server)
    assert await differences(server) == []
    await rebuild(server.database, is_check=False)
    assert await rows(server, Submission) == before


async def test_an_edit_that_was_kept_aside_still_closes_the_report_of_its_team_then(server: Server) -> None:
    phone = server.phones[0]
    made = json.loads(phone.revise(answers(station="101")))
    await server.push(phone, phone.seal(phone.made[0]))
    edit = phone.report({"conf_level": "confidential", "nonsense": 1}, submission=made["submission"], base=[made["id"]])
    assert (await server.push(phone, edit))["results"][0]["reason"] == "bad_answers"
    await move_everything(server)
    assert await differences(server) == []


async def test_a_contradicted_place_stays_as_it_was_told(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report(answers(station="101")))
    async with server.database.write() as session:
        row = (await session.exec(own(InboxItem))).one()
        row.other_places = ["district"]
        session.add(row)
    await rebuild(server.database, is_check=False)
    [report] = [json.loads(one) for one in await rows(server, Submission)]
    assert "other_place" in json.dumps(report)
    await empty_notes(server)
    await migrate_again(server)
    assert await differences(server) == []


async def test_old_rows_get_what_holds_when_the_migration_runs(server: Server) -> None:
    await push_random(server, 3)
    before = await rows(server, Submission)
    await empty_notes(server)
    await migrate_again(server)
    await move_everything(server)
    assert await differences(server) == []
    assert await rows(server, Submission) == before


async def test_reports_of_earlier_rules_are_placed_by_a_rebuild_and_written_down_then(server: Server) -> None:
    await push_random(server, 4)
    noted = await empty_notes(server)
    async with server.database.write() as session:
        await session.execute(update(MissionCounter).values(derivation=1))
    await migrate_again(server)
    async with server.database.read() as session:
        placed = await session.execute(select(col(InboxItem.seq)).where(col(InboxItem.region_code).is_not(None)))
        assert placed.all() == []
    await rebuild(server.database, is_check=False)
    assert await rows(server, InboxItem) == noted
    await move_everything(server)
    assert await differences(server) == []
