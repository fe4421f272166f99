"""A withdrawal of a report that was accepted asks: the co-ordinator or the head decides, with everybody warned."""

import json
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from steppe.audit.models import AuditEntry
from tests.decisions.test_deciding import agrees, decide, edit, review, statuses
from tests.fixtures_desk import asked, give, push_reports
from tests.fixtures_server import Server


async def accepted_and_taken_back(server: Server, reason: str = "wrong_place") -> tuple[str, str]:
    """A report of the first phone that was accepted, and its withdrawal."""
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    head = json.loads(phone.made[-1])["id"]
    assert (await decide(server, report, "accepted")).status_code == 200
    text = "It was the school next door"
    await server.push(phone, phone.fact("withdrawal", submission=report, heads=[head], reason=reason, text=text))
    return report, json.loads(phone.made[-1])["id"]


async def told(server: Server, report: str) -> tuple[str, str]:
    """What a phone of the team is told of the report."""
    changes = (await server.pull(server.phones[1]))["changes"]
    [data] = [one["data"] for one in changes if (one["kind"], one["id"]) == ("submission", report)]
    return data["status"], data["withdrawal"]


async def test_it_counts_until_it_is_granted_and_then_no_more(server: Server) -> None:
    report, asking = await accepted_and_taken_back(server)
    assert await statuses(server) == (1, {"accepted": 1})
    assert await told(server, report) == ("accepted", "requested")
    [said] = (await review(server, report, "expert"))["withdrawals"]
    assert (said["id"], said["state"], said["reason"]) == (asking, "requested", "wrong_place")
    for role in ("expert", "admin", "auditor"):
        assert (await decide(server, report, "withdrawal_granted", role, withdrawal=asking)).status_code == 404
    granted = await decide(server, report, "withdrawal_granted", withdrawal=asking)
    assert (granted.status_code, granted.json()["status"], granted.json()["state"]) == (200, "withdrawn", "accepted")
    assert await statuses(server) == (0, {})
    assert await told(server, report) == ("withdrawn", "in_force")
    # Decided: nothing is asked there any more.
    again = await decide(server, report, "withdrawal_declined", withdrawal=asking)
    assert (again.status_code, again.json()["type"]) == (409, "urn:steppe:problem:no-such-request")
    await agrees(server)
    async with server.database.read() as session:
        query = select(col(AuditEntry.action), col(AuditEntry.detail)).where(col(AuditEntry.object_id) == report)
        entries = dict((await session.execute(query)).all())
    assert "decision.withdrawal_granted" in entries
    assert "school" not in json.dumps(entries)
    # What it has not spoken of counts again: the report was accepted once, and is looked at anew.
    await edit(server, report, {"voters": 700})
    assert await statuses(server) == (1, {"in_review": 1})
    await agrees(server)


async def test_it_is_declined_with_a_reason_that_no_phone_hears(server: Server) -> None:
    report, asking = await accepted_and_taken_back(server)
    without = await decide(server, report, "withdrawal_declined", "head", withdrawal=asking, text=" ")
    assert without.json()["type"] == "urn:steppe:problem:decline-reason-needed"
    why = "The protocol names this school"
    declined = await decide(server, report, "withdrawal_declined", "head", withdrawal=asking, text=why)
    assert (declined.status_code, declined.json()["status"]) == (200, "accepted")
    [said] = declined.json()["withdrawals"]
    assert (said["state"], declined.json()["decisions"][-1]["text"]) == ("declined", why)
    assert await statuses(server) == (1, {"accepted": 1})
    assert await told(server, report) == ("accepted", "declined")
    assert why not in json.dumps(await server.pull(server.phones[0]))
    await agrees(server)


async def test_whoever_accepts_is_warned_of_what_the_team_said(server: Server) -> None:
    report, asking = await accepted_and_taken_back(server)
    await decide(server, report, "on_hold")
    [warned] = (await review(server, report))["warnings"]
    assert (warned["kind"], asking in warned["id"]) == ("withdrawal", True)
    refused = await decide(server, report, "accepted", confirmed=[])
    assert refused.json()["type"] == "urn:steppe:problem:unconfirmed-warnings"
    # Accepting does not decide of the request; once it is declined nobody is warned.
    assert (await decide(server, report, "accepted")).status_code == 200
    assert (await review(server, report))["withdrawals"][0]["state"] == "requested"
    await decide(server, report, "withdrawal_declined", withdrawal=asking)
    assert (await review(server, report))["warnings"] == []
    # One that speaks of an earlier state of the report warns too.
    phone = server.phones[0]
    [other] = await push_reports(server, phone, {})
    head = json.loads(phone.made[-1])["id"]
    await server.push(phone, phone.fact("withdrawal", submission=other, heads=[head], reason="test"))
    await edit(server, other, {"voters": 5})
    [warned] = (await review(server, other))["warnings"]
    assert warned["id"].endswith(":stale")
    stale = warned["id"].split(":")[1]
    assert (await decide(server, other, "withdrawal_granted", withdrawal=stale)).status_code == 409
    await agrees(server)


async def test_a_ruling_is_made_once_and_of_what_was_seen(server: Server) -> None:
    report, asking = await accepted_and_taken_back(server)
    stale = await decide(server, report, "withdrawal_granted", withdrawal=asking, seen=1)
    assert stale.json()["type"] == "urn:steppe:problem:report-changed"
    seen = (await review(server, report))["n"]
    body: dict[str, Any] = {"id": "0190aaaa-0000-7000-8000-0000000000aa", "withdrawal": asking, "seen": seen}
    for _ in range(2):
        assert (await decide(server, report, "withdrawal_granted", **body)).status_code == 200
    kinds = [one["kind"] for one in (await review(server, report))["decisions"]]
    assert kinds == ["accepted", "withdrawal_granted"]
    await agrees(server)


async def test_a_source_in_danger_is_closed_while_its_request_waits_and_only_the_head_decides(server: Server) -> None:
    report, asking = await accepted_and_taken_back(server, "source_in_danger")
    assert (await asked(server, "head", f"/submissions/{report}"))["level"] == "sealed"
    assert (await decide(server, report, "withdrawal_granted", withdrawal=asking)).status_code == 404
    await give(server, "auditor", role="coordinator", regions=["KZ-AST"])
    assert (await decide(server, report, "withdrawal_granted", "auditor", withdrawal=asking)).status_code == 404
    assert (await decide(server, report, "withdrawal_granted", "head", withdrawal=asking)).status_code == 200
    await agrees(server)
