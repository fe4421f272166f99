"""Decisions of people about reports: who makes them, what they move, who hears of them."""

import json
from typing import Any
from uuid import UUID

from httpx import Response
from sqlalchemy import select, update
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.decisions.models import Decision
from steppe.kit.ids import uuid7
from steppe.people.models import Person
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.fixtures_checklist import answers
from tests.fixtures_desk import OWN, ask, asked, cookie, give, push_reports
from tests.fixtures_server import API, Server
from tests.sync.rows import assert_feed_has_no_gaps


async def review(server: Server, report: str, role: str = "coordinator") -> dict[str, Any]:
    found: dict[str, Any] = await asked(server, role, f"/submissions/{report}/review")
    return found


async def post(server: Server, role: str, path: str, body: dict[str, Any]) -> Response:
    return await server.client.post(f"{API}{path}", json=body, headers={**cookie(server, role), **OWN})


async def decide(server: Server, report: str, kind: str, role: str = "coordinator", **told: Any) -> Response:
    """Decide of a report as it stands now, with every warning confirmed, unless told otherwise."""
    now = (await ask(server, role, f"/submissions/{report}/review")).json()
    confirmed = [one["id"] for one in now.get("warnings", [])]
    body = {"id": str(uuid7()), "kind": kind, "text": "why", "seen": now.get("n", 0), "confirmed": confirmed, **told}
    return await post(server, role, f"/submissions/{report}/decisions", body)


async def note(server: Server, report: str, role: str, **told: Any) -> Response:
    body = {"id": str(uuid7()), "kind": "commented", "text": "see the protocol", **told}
    return await post(server, role, f"/submissions/{report}/notes", body)


async def edit(server: Server, report: str, patch: dict[str, Any]) -> None:
    """Have the phone that made a report push an edit of it."""
    phone = server.phones[0]
    async with server.database.read() as session:
        head = (await session.execute(select(col(Submission.head_revision_id)).where(own_id(report)))).scalar_one()
    answer = await server.push(phone, phone.report(patch, submission=report, base=[str(head)]))
    assert answer["results"][0]["status"] == "stored"


def own_id(report: str) -> Any:
    return col(Submission.id) == UUID(report)


async def statuses(server: Server, role: str = "head", **params: str) -> tuple[int, dict[str, int]]:
    summary = await asked(server, role, "/regions/KZ-AST/summary", **params)
    return summary["reports"], summary["statuses"]


async def agrees(server: Server) -> None:
    """Nothing derived differs from what is derived anew, and the feed has no gap."""
    for replay in await rebuild(server.database, is_check=True):
        assert replay.differences == []
    await assert_feed_has_no_gaps(server.database)


async def test_a_report_is_accepted_and_its_counts_follow_in_the_same_transaction(server: Server) -> None:
    first, second = await push_reports(server, server.phones[0], {}, {"box_sealed": "no"})
    assert await statuses(server) == (2, {"received": 2})
    accepted = await decide(server, first, "accepted")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    assert await statuses(server) == (2, {"received": 1, "accepted": 1})
    assert await statuses(server, status="accepted") == (1, {"accepted": 1})
    listed = await asked(server, "expert", "/submissions", status="accepted")
    assert [one["id"] for one in listed["submissions"]] == [first]
    exported = await ask(server, "expert", "/exports/submissions.csv", form="visit", status="accepted")
    assert exported.text.count("LTO01-A") == 1
    # What stands in snapshots knows no states: whoever is given those may not ask for one.
    assert (await ask(server, "admin", "/regions/KZ-AST/summary", status="accepted")).status_code == 404
    await decide(server, second, "on_hold")
    assert await statuses(server) == (2, {"on_hold": 1, "accepted": 1})
    await agrees(server)


async def test_a_revision_reopens_what_was_accepted_and_answers_what_was_returned(server: Server) -> None:
    accepted, returned, held = await push_reports(server, server.phones[0], {}, {}, {})
    await decide(server, accepted, "accepted")
    await decide(server, held, "on_hold")
    # Sending back belongs to the queries about a report: it is no decision of this address.
    assert (await decide(server, returned, "returned")).status_code == 400
    for report in (accepted, held):
        await edit(server, report, {"voters": 700})
    now = await review(server, accepted)
    assert (now["state"], now["is_changed_after_acceptance"]) == ("in_review", True)
    assert (await review(server, held))["state"] == "on_hold"
    [line] = (await asked(server, "expert", "/submissions", status="in_review"))["submissions"]
    assert line["is_changed_after_acceptance"]
    await agrees(server)
    await decide(server, accepted, "accepted")
    assert not (await review(server, accepted))["is_changed_after_acceptance"]
    await agrees(server)


async def test_a_rebuild_derives_the_state_from_decisions(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    await decide(server, report, "accepted")
    async with server.database.write() as session:
        mission = col(Submission.mission_id) == server.seeded.mission.id
        await session.execute(update(Submission).where(mission).values(status="received"))
    assert any(
        "status" in line for replay in await rebuild(server.database, is_check=True) for line in replay.differences
    )
    await rebuild(server.database, is_check=False)
    assert (await review(server, report))["status"] == "accepted"
    await agrees(server)


async def test_only_coordinator_and_head_decide_and_everybody_who_reads_may_note(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    for role, status in (("expert", 404), ("admin", 404), ("auditor", 404), ("coordinator", 200), ("head", 200)):
        assert (await decide(server, report, "in_review", role)).status_code == status, role
    for role, status in (("admin", 404), ("auditor", 404), ("expert", 200), ("coordinator", 200), ("head", 200)):
        assert (await note(server, report, role)).status_code == status, role
    recommended = await note(server, report, "expert", kind="recommended", recommends="accepted")
    assert recommended.json()["state"] == "in_review"
    assert not recommended.json()["may_decide"]
    kinds = [one["kind"] for one in (await review(server, report))["decisions"]]
    assert kinds == ["in_review", "in_review", "commented", "commented", "commented", "recommended"]
    await agrees(server)


async def test_a_coordinator_of_one_region_decides_of_no_other_they_read_as_an_expert(server: Server) -> None:
    astana, akmola = await push_reports(server, server.phones[0], {"station": "101"}, {"station": "201"})
    await give(server, "auditor", role="coordinator", regions=["KZ-AST"])
    await give(server, "auditor", role="expert")
    assert (await decide(server, astana, "accepted", "auditor")).status_code == 200
    assert (await review(server, akmola, "auditor"))["may_decide"] is False
    assert (await decide(server, akmola, "accepted", "auditor")).status_code == 404


async def test_unknown_and_forbidden_reports_look_the_same(server: Server) -> None:
    [sealed] = await push_reports(server, server.phones[0], {"conf_level": "sealed"})
    unknown = str(uuid7())
    for report in (sealed, unknown):
        answers_of = [
            await ask(server, "coordinator", f"/submissions/{report}/review"),
            await decide(server, report, "accepted"),
            await note(server, report, "coordinator"),
            await post(server, "coordinator", f"/submissions/{report}/read", {"n": 1}),
        ]
        assert {(one.status_code, one.json()["type"]) for one in answers_of} == {(404, "urn:steppe:problem:not-found")}
    left = await post(
        server,
        "coordinator",
        "/submissions/accept",
        {"reports": [{"submission": one, "decision": str(uuid7()), "seen": 1} for one in (sealed, unknown)]},
    )
    assert {one["why"] for one in left.json()["left"]} == {"unknown"}


async def test_what_changed_since_it_was_seen_is_not_decided_of_unseen(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    seen = (await review(server, report))["n"]
    await edit(server, report, {"voters": 700})
    for kind in ("accepted", "on_hold", "in_review"):
        refused = await decide(server, report, kind, seen=seen)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:steppe:problem:report-changed")
    assert (await decide(server, report, "on_hold", text=" ")).json()["type"] == "urn:steppe:problem:hold-reason-needed"


async def test_accepting_warns_once_and_goes_through_when_confirmed(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {"unauthorised": ["police"], "box_sealed": "no"})
    warnings = (await review(server, report))["warnings"]
    assert {one["kind"] for one in warnings} == {"critical"}
    refused = await decide(server, report, "accepted", confirmed=[])
    assert (refused.status_code, refused.json()["warnings"]) == (409, [one["id"] for one in warnings])
    # Whoever has read the report has read its flags.
    n = (await review(server, report))["n"]
    assert (await post(server, "coordinator", f"/submissions/{report}/read", {"n": n})).status_code == 200
    assert (await review(server, report))["warnings"] == []
    assert (await decide(server, report, "accepted")).status_code == 200


async def test_in_bulk_only_reports_without_serious_flags_and_warnings_are_accepted(server: Server) -> None:
    changes: list[dict[str, Any]] = [{}, {"box_sealed": "no"}, {}, {}]
    good, flagged, held, changed = await push_reports(server, server.phones[0], *changes)
    await decide(server, held, "on_hold")
    reports = []
    for report in (good, flagged, held, changed):
        seen = (await review(server, report))["n"]
        reports.append({"submission": report, "decision": str(uuid7()), "seen": seen})
    await edit(server, changed, {"voters": 700})
    first = (await post(server, "coordinator", "/submissions/accept", {"reports": reports})).json()
    assert first["accepted"] == [good]
    why = {one["submission"]: one["why"] for one in first["left"]}
    assert why == {flagged: "flags", held: "state", changed: "changed"}
    await agrees(server)


async def test_the_same_decision_sent_again_changes_nothing(server: Server) -> None:
    first, second = await push_reports(server, server.phones[0], {}, {})
    key = str(uuid7())
    seen = (await review(server, first))["n"]
    for _ in range(2):
        assert (await decide(server, first, "accepted", id=key, seen=seen)).status_code == 200
    assert len((await review(server, first))["decisions"]) == 1
    refused = await decide(server, second, "accepted", id=key)
    assert refused.json()["type"] == "urn:steppe:problem:decision-known"


async def test_a_report_is_assigned_to_somebody_who_reads_it(server: Server) -> None:
    open_one, closed = await push_reports(server, server.phones[0], {}, {"conf_level": "confidential"})
    people = {one["function"]: one["id"] for one in (await review(server, open_one))["colleagues"]}
    expert = await person(server, "expert")
    assert str(expert) in people.values()
    assert (await decide(server, open_one, "assigned", assignee=str(expert))).status_code == 200
    refused = await decide(server, closed, "assigned", assignee=str(expert))
    assert refused.json()["type"] == "urn:steppe:problem:not-a-recipient"
    [mine] = (await asked(server, "expert", "/submissions", mine=True))["submissions"]
    assert (mine["id"], mine["assignee"]["id"]) == (open_one, str(expert))
    assert (await asked(server, "head", "/submissions", mine=True))["submissions"] == []
    await decide(server, open_one, "assigned", assignee=None)
    assert (await asked(server, "expert", "/submissions", mine=True))["submissions"] == []


async def person(server: Server, username: str) -> UUID:
    async with server.database.read() as session:
        query = select(col(Person.id)).where(
            col(Person.username) == username, col(Person.mission_id) == server.seeded.mission.id
        )
        key: UUID = (await session.execute(query)).scalar_one()
        return key


async def test_each_person_has_their_own_unread_marks(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    n = (await review(server, report))["n"]
    await post(server, "expert", f"/submissions/{report}/read", {"n": n})
    assert (await asked(server, "expert", "/submissions", unread=True))["submissions"] == []
    [line] = (await asked(server, "head", "/submissions", unread=True))["submissions"]
    assert line["is_unread"]
    await edit(server, report, {"voters": 700})
    assert len((await asked(server, "expert", "/submissions", unread=True))["submissions"]) == 1
    for number in (n + 1000, 0):
        await post(server, "head", f"/submissions/{report}/read", {"n": number})
        assert (await review(server, report, "head"))["is_unread"] == (number == 0)


async def test_nothing_that_is_noted_ever_reaches_a_phone_or_the_trail(server: Server) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    before = await server.pull(phone)
    secret = "Zhanbolat says otherwise"
    await note(server, report, "expert", text=secret, path="box_sealed")
    await note(server, report, "expert", kind="recommended", recommends="on_hold", text=secret)
    assert (await server.pull(phone, before["next_cursor"]))["changes"] == []
    await decide(server, report, "on_hold", text=secret)
    await decide(server, report, "assigned", assignee=str(await person(server, "expert")), text=secret)
    pulled = await server.pull(phone)
    assert secret not in json.dumps(pulled)
    [line] = (await server.pull(phone, before["next_cursor"]))["changes"]
    assert (line["kind"], line["data"]["status"]) == ("submission", "on_hold")
    assert set(line["data"]) == {
        "code",
        "checklist_version",
        "team",
        "status",
        "received_at",
        "heads",
        "device",
        "author",
    }
    answer = await server.push(phone, phone.report(answers()))
    assert secret not in json.dumps(answer)
    async with server.database.read() as session:
        trail = (await session.execute(select(col(AuditEntry.detail)))).scalars().all()
    assert secret not in json.dumps(trail)


async def test_a_note_about_a_sealed_answer_is_for_those_who_see_the_answer(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    assert (await note(server, report, "head", path="source_name", text="the clerk")).status_code == 200
    assert "the clerk" in json.dumps(await review(server, report, "head"))
    for role in ("expert", "coordinator"):
        assert (await review(server, report, role))["decisions"] == []
        assert (await note(server, report, role, path="source_name")).status_code == 404
    assert (await note(server, report, "head", path="no_such_question")).status_code == 404


async def test_a_decision_of_a_neighbour_says_nothing_here(server: Server) -> None:
    [report] = await push_reports(server, server.phones[0], {})
    async with server.database.write() as session:
        neighbour = (
            await session.execute(
                select(col(Person.mission_id)).where(col(Person.mission_id) != server.seeded.mission.id).limit(1)
            )
        ).scalar_one()
        session.add(
            Decision(
                id=uuid7(),
                mission_id=neighbour,
                n=10**6,
                kind="accepted",
                submission_id=UUID(report),
                text="theirs",
                level="internal",
            )
        )
    now = await review(server, report)
    assert (now["state"], now["decisions"]) == ("received", [])
    await edit(server, report, {"voters": 700})
    assert (await review(server, report))["status"] == "received"
