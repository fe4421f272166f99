"""Observers move to another team with their phones; what was signed under the old team stays the old team's."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from steppe.people.commands import free_letter, open_enrolment
from steppe.people.models import Device, DeviceTeam, Enrolment, Team
from steppe.people.moving import move
from steppe.people.problems import UnknownMember, UnknownTeam
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import asked
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server


async def moved(server: Server, username: str = "LTO01A", team: str = "LTO02") -> int:
    async with server.database.write() as session:
        return await move(session, server.seeded.mission.id, username, team, actor="test")


async def reports(server: Server) -> dict[str, str]:
    """The team of each report at the desk, by short code."""
    listed = (await asked(server, "expert", "/submissions"))["submissions"]
    return {line["code"]: line["team"] for line in listed}


async def told_team(server: Server, phone: Any, cursor: str | None) -> dict[str, Any]:
    [line] = [one for one in (await server.pull(phone, cursor))["changes"] if one["kind"] == "team"]
    told: dict[str, Any] = line["data"]
    return told


async def test_what_was_signed_under_the_old_team_is_stored_as_its_own_and_the_rest_is_the_new_one_s(
    server: Server,
) -> None:
    phone, mate, other = server.phones
    await server.push(phone, phone.report())
    offline = phone.report()
    cursor = (await server.pull(phone))["next_cursor"]
    assert await moved(server) == 1
    answer = await server.push(phone, offline)
    assert answer["results"] == [{"status": "stored"}]
    told = await told_team(server, phone, cursor)
    # The letter of a phone that is in the team already is taken.
    assert (told["code"], told["letter"]) == ("LTO02", "B")
    phone.team = "LTO02"
    pushed = await server.push(phone, phone.report(), phone.report(team="LTO03"), phone.report(team="LTO01"))
    # An app of an earlier version may sign with the team of its enrolment for ever; one it was never of is refused.
    assert [one.get("reason", one["status"]) for one in pushed["results"]] == ["stored", "wrong_team", "stored"]
    assert await reports(server) == {
        "LTO01-A001": "LTO01",
        "LTO01-A002": "LTO01",
        "LTO02-B003": "LTO02",
        "LTO01-A005": "LTO01",
    }
    [_, found] = await rebuild(server.database, is_check=True)
    assert found.differences == []
    # Who carries it does not matter.
    carried = phone.report(team="LTO01")
    assert (await server.push(mate, carried))["results"] == [{"status": "stored"}]
    assert (await server.push(other, carried))["results"] == [{"status": "duplicate"}]


async def test_a_report_stays_its_team_s_and_only_that_team_s_name_edits_it(server: Server) -> None:
    phone = server.phones[0]
    made = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[0]))
    await moved(server)
    edit = {"submission": made["submission"], "base": [made["id"]]}
    assert (await server.push(phone, phone.report({}, team="LTO02", **edit)))["results"][0]["reason"] == "wrong_team"
    assert (await server.push(phone, phone.report({}, team="LTO01", **edit)))["results"] == [{"status": "stored"}]


async def test_a_moved_phone_is_told_of_its_new_team_s_reports_and_not_of_the_old_one_s(server: Server) -> None:
    phone, mate, other = server.phones
    cursor = (await server.pull(phone))["next_cursor"]
    await moved(server)
    await server.push(mate, mate.report())
    await server.push(other, other.report())
    page = await server.pull(phone, cursor)
    assert [line["data"]["team"] for line in page["changes"] if line["kind"] == "submission"] == ["LTO02"]


async def test_what_is_missing_moves_with_its_phone_and_is_counted_once(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    phone.report()
    await server.push(phone, phone.report())
    before = {line["code"]: line for line in (await asked(server, "coordinator", "/teams"))["teams"]}
    await moved(server)
    after = {line["code"]: line for line in (await asked(server, "coordinator", "/teams"))["teams"]}
    assert (before["LTO01"]["skipped"], before["LTO02"]["skipped"]) == (1, 0)
    assert (after["LTO01"]["skipped"], after["LTO02"]["skipped"]) == (0, 1)
    assert (after["LTO01"]["devices"], after["LTO02"]["devices"]) == (1, 2)


async def test_whoever_comes_back_gets_the_letter_they_had_and_nobody_got_it_meanwhile(server: Server) -> None:
    async with server.database.read() as session:
        teams = {team.code: team.id for team in (await session.exec(own(Team))).all()}
    assert await moved(server) == 1
    assert await moved(server) == 0
    async with server.database.write() as session:
        assert await free_letter(session, teams["LTO01"], "A") == "C"
    assert await moved(server, team="LTO01") == 1
    async with server.database.read() as session:
        device = await session.get_one(Device, server.phones[0].id)
        assert (device.team_id, device.letter) == (teams["LTO01"], "A")
        assert len((await session.execute(select(col(DeviceTeam.team_id)))).all()) == 2


async def test_codes_nobody_used_go_along_and_wrong_names_are_refused(server: Server) -> None:
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        await open_enrolment(session, mission_id=mission, team_code="LTO01", actor="test", username="LTO01A")
    await moved(server)
    async with server.database.read() as session:
        [team] = (await session.exec(own(Team).where(col(Team.code) == "LTO02"))).all()
        assert [one.team_id for one in (await session.exec(own(Enrolment))).all()] == [team.id]
    for username, code, problem in (
        ("nobody", "LTO01", UnknownMember),
        ("coordinator", "LTO01", UnknownMember),
        ("LTO01A", "LTO99", UnknownTeam),
    ):
        with pytest.raises(problem):
            await moved(server, username, code)
