"""A team takes a report back: in whatever order things arrive, it is out of everything that is counted, and kept."""

import json
from itertools import permutations
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from httpx import Response
from sqlalchemy import delete
from sqlmodel import col

from steppe.kit.ids import uuid7
from steppe.people.revocations import revoke
from steppe.submissions.models import Revision, SignedFact, Submission, Tally
from steppe.summaries.rebuild import rebuild
from tests.fixtures_checklist import answers
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server
from tests.sync.rows import assert_feed_has_no_gaps, everything


def last(phone: Phone) -> dict[str, Any]:
    """What the phone made last."""
    made: dict[str, Any] = json.loads(phone.made[-1])
    return made


def withdrawal(phone: Phone, report: str, *heads: str, reason: str = "twice", **said: Any) -> str:
    return phone.fact("withdrawal", submission=report, heads=list(heads), reason=reason, **said)


async def page_of(server: Server, role: str, address: str) -> Response:
    path, _, query = address.partition("?")
    return await ask(server, role, path, **dict(parse_qsl(query)))


async def row(server: Server, report: str) -> Submission:
    async with server.database.read() as session:
        return await session.get_one(Submission, UUID(report))


async def differences(server: Server, *, is_check: bool = True) -> list[str]:
    return [line for replay in await rebuild(server.database, is_check=is_check) for line in replay.differences]


async def counted(server: Server, role: str = "head") -> int:
    return int((await asked(server, role, "/regions/all/summary"))["reports"])


async def listed(server: Server, role: str = "head", **params: str) -> list[str]:
    return [one["id"] for one in (await asked(server, role, "/submissions", **params))["submissions"]]


async def test_a_report_that_its_team_took_back_is_kept_and_counted_nowhere(server: Server) -> None:
    phone = server.phones[0]
    remark = {"remarks": "Feather grass by the door"}
    taken, left = await push_reports(server, phone, {"box_sealed": "no", **remark}, {})
    before = await asked(server, "expert", "/regions/KZ-AST/summary")
    item = withdrawal(phone, taken, json.loads(phone.made[0])["id"], text="Feather reed, the pair made it")
    pushed = await server.push(phone, item)
    assert "withdrawal" in pushed["reads"]
    assert pushed["results"] == [{"status": "stored"}]
    assert pushed["read"]["items"][0]["device_seq"] == 3
    after = await asked(server, "expert", "/regions/KZ-AST/summary")
    assert (before["reports"], after["reports"], after["statuses"]) == (2, 1, {"received": 1})
    assert after["n"] > before["n"]
    assert (await asked(server, "expert", "/regions"))["reports"] == 1
    for path in ("/regions/KZ-AST/narratives", "/submissions", "/exports/submissions.csv?form=visit", "/queries"):
        page = await page_of(server, "expert", path)
        assert page.status_code == 200, path
        assert "Feather" not in page.text, path
        assert taken not in page.text, path
    assert await listed(server) == [left]
    assert await listed(server, status="withdrawn") == [taken]
    asked_for = await page_of(server, "expert", "/exports/submissions.csv?form=visit&status=withdrawn")
    assert "LTO01-A001" in asked_for.text
    # Kept, and readable to whoever could read it, with who took it back and why.
    read = await asked(server, "expert", f"/submissions/{taken}")
    assert (read["status"], "Feather grass" in json.dumps(read)) == ("withdrawn", True)
    [said] = (await asked(server, "expert", f"/submissions/{taken}/review"))["withdrawals"]
    assert (said["state"], said["reason"], said["text"]) == ("in_force", "twice", "Feather reed, the pair made it")
    assert (said["device"], said["heads"]) == ("A", [json.loads(phone.made[0])["id"]])
    # The team's phones hear of it; the words stay where they are.
    pulled = await server.pull(server.phones[1])
    told = {change["id"]: change["data"] for change in pulled["changes"] if change["kind"] == "submission"}
    assert (told[taken]["status"], told[taken]["withdrawal"]) == ("withdrawn", "in_force")
    assert "withdrawal" not in told[left]
    assert "Feather reed" not in json.dumps(pulled)
    assert await differences(server) == []
    await assert_feed_has_no_gaps(server.database)
    # Sent again, however sealed, it changes nothing.
    rows = await everything(server.database)
    again = await server.push(phone, phone.seal(phone.made[-1]))
    assert (again["results"], again["read"]["items"]) == ([{"status": "duplicate"}], pushed["read"]["items"])
    assert await everything(server.database) == rows


async def test_in_whatever_order_revisions_and_withdrawals_arrive_they_come_to_the_same(server: Server) -> None:
    """Report, edit, a withdrawal of the first alone, one of the edit: every order, one push each and all in one."""
    phone = server.phones[0]
    orders = list(permutations(range(4)))
    found = set()
    for number, order in enumerate(orders):
        report = str(uuid4())
        first = phone.report(answers(), submission=report)
        one = last(phone)["id"]
        second = phone.report({"voters": 7}, submission=report, base=[one])
        two = last(phone)["id"]
        early, late = withdrawal(phone, report, one), withdrawal(phone, report, two, reason="source_in_danger")
        items = [(first, second, early, late)[at] for at in order]
        if number % 3:
            for item in items:
                await server.push(phone, item)
        else:
            await server.push(phone, *items)
        told = await row(server, report)
        review = await asked(server, "head", f"/submissions/{report}/review")
        states = {said["heads"][0] == two: said["state"] for said in review["withdrawals"]}
        found.add((told.status, told.level, told.answers["voters"], states[False], states[True]))
    assert found == {("withdrawn", "sealed", 7, "stale", "in_force")}
    assert await counted(server) == 0
    assert await differences(server) == []
    await assert_feed_has_no_gaps(server.database)


async def test_a_report_that_comes_after_its_withdrawal_is_never_counted(server: Server) -> None:
    phone = server.phones[0]
    report = str(uuid4())
    item = phone.report(answers(), submission=report)
    await server.push(phone, withdrawal(phone, report, last(phone)["id"]))
    await server.push(phone, item)
    assert ((await row(server, report)).status, await counted(server)) == ("withdrawn", 0)
    assert await differences(server) == []


async def test_what_is_written_after_a_withdrawal_counts_again(server: Server) -> None:
    phone, mate, _ = server.phones
    [report] = await push_reports(server, phone, {})
    first = last(phone)["id"]
    await server.push(phone, withdrawal(phone, report, first))
    assert (await row(server, report)).status == "withdrawn"
    # The colleague did not know: nothing that they saw is lost.
    await server.push(mate, mate.report({"voters": 8}, submission=report, base=[first]))
    told = await row(server, report)
    assert (told.status, told.answers["voters"], await counted(server)) == ("received", 8, 1)
    assert await differences(server) == []
    # In one push with an edit: neither hinders the other, whichever was made first.
    edit = phone.report({"voters": 9}, submission=report, base=[last(mate)["id"]])
    pushed = await server.push(phone, edit, withdrawal(phone, report, last(phone)["id"]))
    assert [one["status"] for one in pushed["results"]] == ["stored", "stored"]
    assert (await row(server, report)).status == "withdrawn"
    head = json.loads(phone.made[-2])["id"]
    again = withdrawal(phone, report, head, reason="test")
    pushed = await server.push(phone, again, phone.report({"voters": 10}, submission=report, base=[head]))
    assert [one["status"] for one in pushed["results"]] == ["stored", "stored"]
    assert ((await row(server, report)).status, await counted(server)) == ("received", 1)
    assert await differences(server) == []


async def test_only_the_team_of_a_report_takes_it_back(server: Server) -> None:
    phone, mate, other = server.phones
    [report] = await push_reports(server, phone, {})
    head = last(phone)["id"]
    danger = "source_in_danger"
    pushed = await server.push(other, withdrawal(other, report, head, reason=danger))
    assert pushed["results"][0]["reason"] == "wrong_team"
    # Before the report came nobody could know whose it is: it waits there, and takes back nothing of it.
    unseen = str(uuid4())
    await server.push(other, withdrawal(other, unseen, str(uuid7()), reason=danger))
    await server.push(phone, phone.report(answers(), submission=unseen))
    for key in (report, unseen):
        assert ((await row(server, key)).status, (await row(server, key)).level) == ("received", "internal")
    assert await differences(server) == []
    # The neighbour's mission has the same names, and its phones take back nothing here.
    await server.push(mate, withdrawal(mate, report, head))
    assert (await row(server, report)).status == "withdrawn"
    assert await differences(server) == []


async def test_a_source_in_danger_closes_everything_that_belongs_to_the_report(server: Server) -> None:
    phone = server.phones[0]
    words = "Nightingale"
    [report] = await push_reports(server, phone, {"box_sealed": "no", "remarks": words})
    head = last(phone)["id"]
    text = f"{words} was seen"
    await server.push(phone, phone.fact("question", text=text, about={"submission": report}))
    item = withdrawal(phone, report, head, reason="source_in_danger", text=text)
    paths = (
        *("/submissions", "/submissions?status=withdrawn", f"/submissions/{report}", f"/submissions/{report}/review"),
        *("/regions/all/summary", "/regions", "/regions/KZ-AST/narratives", "/queries", "/queries/from-teams"),
        *("/exports/submissions.csv?form=visit", "/exports/submissions.csv?form=visit&status=withdrawn"),
        *("/submissions?q=LTO01-A001", "/quarantine"),
    )
    before = [(await page_of(server, "expert", path)).text for path in paths]
    assert sum(words in page for page in before) >= 3
    assert await counted(server, "expert") == 1
    await server.push(phone, item)
    for role in ("expert", "coordinator"):
        for path in paths:
            page = await page_of(server, role, path)
            assert words not in page.text, path
            assert report not in page.text, path
            assert "LTO01-A001" not in page.text, path
        assert (await ask(server, role, f"/submissions/{report}")).status_code == 404
        assert await counted(server, role) == 0
    told = await asked(server, "head", f"/submissions/{report}")
    assert (told["level"], told["status"]) == ("sealed", "withdrawn")
    assert await listed(server, status="withdrawn") == [report]
    # Whatever is written since, it stays closed.
    await server.push(phone, phone.report({"conf_level": "internal"}, submission=report, base=[head]))
    assert ((await row(server, report)).level, (await row(server, report)).status) == ("sealed", "received")
    assert await differences(server) == []


async def test_recounting_and_rebuilding_come_to_what_pushing_came_to(server: Server) -> None:
    phone = server.phones[0]
    taken, *_ = await push_reports(server, phone, {"box_sealed": "no"}, {"box_sealed": "no"}, {})
    await server.push(phone, withdrawal(phone, taken, json.loads(phone.made[0])["id"], reason="source_in_danger"))
    before = await row(server, taken)
    async with server.database.write() as session:
        mission = server.seeded.mission.id
        for table in (Tally, Submission, Revision, SignedFact):
            await session.execute(delete(table).where(col(table.mission_id) == mission))
    assert any("withdrawal" in line for line in await differences(server, is_check=False))
    assert await row(server, taken) == before
    assert (before.status, before.level, await counted(server)) == ("withdrawn", "sealed", 2)
    assert await differences(server) == []


async def test_what_a_lost_phone_took_back_waits_for_a_person(server: Server) -> None:
    phone, mate, _ = server.phones
    [report] = await push_reports(server, phone, {})
    item = withdrawal(mate, report, last(phone)["id"])
    async with server.database.write() as session:
        await revoke(session, server.seeded.mission.id, f"{mate.team}-{mate.letter}", reason="lost", actor="test")
    pushed = await server.push(mate, item)
    assert pushed["results"][0]["reason"] == "revoked_device"
    assert (await row(server, report)).status == "received"
    async with server.database.read() as session:
        assert not (await session.exec(own(SignedFact))).all()
