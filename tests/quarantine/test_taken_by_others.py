"""What was taken out of quarantine is what it would have been: for counts, and for the partner's phone."""

import json
from uuid import UUID

from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import asked, push_reports
from tests.fixtures_server import Server
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
