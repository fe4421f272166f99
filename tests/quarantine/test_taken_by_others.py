"""What was taken out of quarantine is what it would have been: for counts, and for the partner's phone."""

import json
from uuid import UUID

from sqlmodel import col

from steppe.kit.ids import uuid7
from steppe.people.models import Device, Person, Team
from steppe.people.moving import move
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import asked, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server
from tests.quarantine.test_reproject import reproject
from tests.quarantine.test_taking import decide, keep, revoke
from tests.sync.test_team_reports import give_key, told
from tests.sync.test_withdrawals import last, withdrawal


async def test_a_withdrawal_of_a_refused_phone_takes_its_report_back_once_it_is_taken(server: Server) -> None:
    phone = server.phones[0]
    [report, _] = await push_reports(server, phone, {}, {})
    [head] = [made["id"] for made in map(json.loads, phone.made) if made["submission"] == report]
    before = int((await asked(server, "head", "/regions/all/summary"))["reports"])
    await revoke(server, phone)
    item = withdrawal(phone, report, head, reason="source_in_danger")
    seq = await keep(server, phone, item, "revoked_device")
    assert (await decide(server, seq)).status_code == 200
    async with server.database.read() as session:
        row = await session.get_one(Submission, UUID(report))
    assert (row.status, row.level) == ("withdrawn", "sealed")
    assert int((await asked(server, "head", "/regions/all/summary"))["reports"]) == before - 1
    assert [one.differences for one in await rebuild(server.database, is_check=True)] == [[], []]


async def test_a_withdrawal_is_decided_of_by_who_decides_of_its_report(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {"conf_level": "sealed"})
    head = json.loads(phone.made[-1])["id"]
    await revoke(server, phone)
    seq = await keep(server, phone, withdrawal(phone, report, head), "revoked_device")
    stray = await keep(server, phone, withdrawal(phone, str(uuid7()), head), "revoked_device")
    for each in (seq, stray):
        assert (await decide(server, each, "coordinator")).status_code == 404
    # Whose it is its signature says.
    assert (await decide(server, seq, "head", team="LTO02")).status_code == 400
    assert (await decide(server, seq, "head")).status_code == 200


async def test_what_a_refused_phone_signed_is_no_command_s_to_take(server: Server) -> None:
    phone = server.phones[0]
    await revoke(server, phone)
    await keep(server, phone, phone.report(), "revoked_device")
    async with server.database.write() as session:
        device = await session.get_one(Device, phone.id)
        device.revoked_at = None
        session.add(device)
    assert (await reproject(server)).taken.total() == 0


async def test_a_report_signed_in_the_team_its_phone_came_to_is_that_team_s(server: Server) -> None:
    phone, other = server.phones[0], server.phones[2]
    item = phone.report(team=other.team)
    report = last(phone)["submission"]
    await keep(server, phone, item, "wrong_team")
    async with server.database.write() as session:
        person = await session.get_one(Person, phone.person_id)
        assert person.username
        await move(session, server.seeded.mission.id, person.username, other.team, actor="test")
    assert (await reproject(server)).taken.total() == 1
    async with server.database.read() as session:
        team = (await session.exec(own(Team).where(col(Team.code) == other.team))).one()
        assert (await session.get_one(Submission, UUID(report))).team_id == team.id


async def test_what_was_taken_of_a_refused_phone_comes_to_its_partner(server: Server) -> None:
    phone, mate = server.phones[0], server.phones[1]
    key = await give_key(server, mate)
    await revoke(server, phone)
    item = phone.report()
    report = last(phone)["submission"]
    seq = await keep(server, phone, item, "revoked_device")
    assert await told(server, mate, key, {report: []}) == []
    assert (await decide(server, seq)).status_code == 200
    assert [one["id"] for one in await told(server, mate, key, {report: []})] == [last(phone)["id"]]
