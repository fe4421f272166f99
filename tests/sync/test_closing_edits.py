"""An edit that is kept aside closes its report as far as it says: whoever wrote it meant to protect somebody."""

import json
from typing import Any
from uuid import UUID

import pytest

from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.fixtures_checklist import answers
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_server import Server

WRONG: dict[str, Any] = {"conf_level": "sealed", "voters": "many"}
NOT_HERE = "01a00000-0000-7000-8000-000000000000"


async def edited(server: Server) -> tuple[str, str, str]:
    """A report with one edit; returns it, its first revision and its head."""
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {"conf_level": "internal"})
    first = json.loads(phone.made[-1])["id"]
    await server.push(phone, phone.report({"voters": 7}, submission=report, base=[first]))
    return report, first, json.loads(phone.made[-1])["id"]


async def level(server: Server, report: str) -> str:
    return str((await asked(server, "head", f"/submissions/{report}"))["level"])


async def is_well(server: Server) -> bool:
    return not any(replay.differences for replay in await rebuild(server.database, is_check=True))


@pytest.mark.parametrize("is_waiting", [False, True])
async def test_an_edit_kept_aside_or_waiting_closes_its_report_at_once(server: Server, *, is_waiting: bool) -> None:
    phone = server.phones[0]
    report, _, head = await edited(server)
    before = (await asked(server, "coordinator", "/regions/all/summary"))["reports"]
    patch, base = ({"conf_level": "sealed"}, NOT_HERE) if is_waiting else (WRONG, head)
    pushed = await server.push(phone, phone.report(patch, submission=report, base=[base]))
    assert pushed["results"][0].get("reason", "") == ("" if is_waiting else "bad_answers")
    assert (await ask(server, "coordinator", f"/submissions/{report}")).status_code == 404
    assert await level(server, report) == "sealed"
    assert (before, (await asked(server, "coordinator", "/regions/all/summary"))["reports"]) == (1, 0)
    assert await is_well(server)
    # What is stored after it stays closed, although it says nothing of the level.
    stored = await server.push(phone, phone.report({"voters": 8}, submission=report, base=[head]))
    assert stored["results"][0]["status"] == "stored"
    assert await level(server, report) == "sealed"
    assert await is_well(server)


async def test_a_level_that_is_none_of_ours_closes_too_and_its_reason_is_flagged(server: Server) -> None:
    phone = server.phones[0]
    report, _, head = await edited(server)
    wrong = {"conf_level": "hidden", "voters": "many"}
    await server.push(phone, phone.report(wrong, submission=report, base=[head]))
    async with server.database.read() as session:
        row = await session.get_one(Submission, UUID(report))
    assert (row.level, [flag["kind"] for flag in row.flags], row.severity) == ("sealed", ["unknown_level"], 1)
    assert await is_well(server)


async def test_an_edit_kept_aside_opens_nothing_and_one_of_another_team_closes_nothing(server: Server) -> None:
    report, first, head = await edited(server)
    own, stranger = server.phones[0], server.phones[-1]
    await server.push(own, own.report({"conf_level": "restricted"}, submission=report, base=[head]))
    await server.push(own, own.report({"conf_level": "internal"}, submission=report, base=[first]))
    await server.push(stranger, stranger.report({"conf_level": "sealed"}, submission=report, base=[first]))
    assert await level(server, report) == "restricted"
    assert await is_well(server)


async def test_one_push_may_hold_a_report_an_edit_that_closes_it_and_an_edit_that_fits(server: Server) -> None:
    phone = server.phones[0]
    first = phone.revise(answers(conf_level="internal"))
    report, head = json.loads(first)["submission"], json.loads(first)["id"]
    items = [phone.seal(first)]
    items.append(phone.report({"conf_level": "sealed", "voters": "many"}, submission=report, base=[head]))
    items.append(phone.report({"voters": 9}, submission=report, base=[head]))
    pushed = await server.push(phone, *items)
    assert [result["status"] for result in pushed["results"]] == ["stored", "quarantined", "stored"]
    page = await asked(server, "head", f"/submissions/{report}")
    assert page["level"] == "sealed"
    assert await is_well(server)


async def test_an_edit_kept_aside_before_its_report_was_there_closes_nothing_and_one_that_waited_does(
    server: Server,
) -> None:
    phone = server.phones[0]
    first = phone.revise(answers(conf_level="internal"))
    report = json.loads(first)["submission"]
    await server.push(phone, phone.report(WRONG, submission=report, base=[NOT_HERE]))
    assert (await server.push(phone, phone.seal(first)))["results"][0]["status"] == "stored"
    assert await level(server, report) == "internal"
    second = phone.revise(answers(conf_level="internal"))
    report = json.loads(second)["submission"]
    await server.push(phone, phone.report({"conf_level": "sealed"}, submission=report, base=[NOT_HERE]))
    await server.push(phone, phone.seal(second))
    assert await level(server, report) == "sealed"
    assert await is_well(server)
