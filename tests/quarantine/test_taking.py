"""What was kept aside is taken by a person: it counts from then on, and its phone hears of it."""

import asyncio
import json
from typing import Any
from uuid import UUID

from httpx import Response
from sqlalchemy import delete, update
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.kit.clock import now
from steppe.kit.ids import uuid7
from steppe.missions.models import Station
from steppe.people.models import Device, Team
from steppe.submissions.models import Revision, Submission
from steppe.summaries.rebuild import rebuild
from tests.attachments.test_kept_aside import with_photo
from tests.decisions.test_deciding import agrees, post
from tests.decisions.test_deciding import decide as review
from tests.fixtures_checklist import answers
from tests.fixtures_desk import asked, cookie, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server
from tests.sync.test_parcels import upload

STRANGE = "0190aaaa-0000-7000-8000-000000000000"


async def keep(server: Server, phone: Phone, item: str, reason: str) -> int:
    """Push an item that is kept aside for this reason; returns its number."""
    answer = await server.push(phone, item)
    assert [(one["status"], one["reason"]) for one in answer["results"]] == [("quarantined", reason)]
    return int(answer["read"]["items"][0]["seq"])


async def decide(server: Server, seq: int, role: str = "coordinator", kind: str = "taken", **told: Any) -> Response:
    return await post(server, role, f"/quarantine/{seq}/decisions", {"id": str(uuid7()), "kind": kind, **told})


async def queue(server: Server, role: str = "coordinator", **params: Any) -> list[tuple[int, str]]:
    listed = await asked(server, role, "/quarantine", **params)
    return [(one["seq"], one["reason"]) for one in listed["items"]]


async def revoke(server: Server, phone: Phone) -> None:
    async with server.database.write() as session:
        device = await session.get_one(Device, phone.id)
        device.revoked_at = now()
        session.add(device)


async def told_of(server: Server, phone: Phone) -> list[dict[str, Any]]:
    """What a phone hears of what was kept aside."""
    return [one["data"] for one in (await server.pull(phone))["changes"] if one["kind"] == "quarantine"]


async def report_of(server: Server, key: str) -> Submission:
    async with server.database.read() as session:
        return (await session.exec(own(Submission).where(col(Submission.id) == UUID(key)))).one()


def made(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(phone.made[-1])
    return found


async def test_what_a_refused_phone_had_made_is_taken_as_it_is_and_counts(server: Server) -> None:
    _, phone, carrier = server.phones
    item = phone.report(answers(voters=400))
    await revoke(server, phone)
    seq = await keep(server, carrier, item, "revoked_device")
    assert (seq, "revoked_device") in await queue(server)
    assert (await asked(server, "head", "/regions/KZ-AST/summary"))["reports"] == 0
    taken = await decide(server, seq)
    assert (taken.status_code, taken.json()["submission"]) == (200, made(phone)["submission"]), taken.text
    assert (await asked(server, "head", "/regions/KZ-AST/summary"))["reports"] == 1
    await agrees(server)
    assert (await queue(server), await queue(server, apart=True)) == ([], [])
    # Sent again it is what it is now, and its receipt asks for no person any more.
    again = await server.push(carrier, item)
    assert again["results"] == [{"status": "duplicate"}]
    assert again["read"]["items"] == [
        {key: value for key, value in one.items() if key != "reason"} for one in again["read"]["items"]
    ]
    async with server.database.read() as session:
        entries = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "decision.taken"))).all()
    assert [(one.object_id, one.detail["reason"]) for one in entries] == [(str(seq), "revoked_device")]


async def test_it_is_taken_for_another_team_and_region_and_stays_so_whoever_moves_then(server: Server) -> None:
    phone, _, other = server.phones
    seq = await keep(server, phone, phone.report(team="LTO02"), "wrong_team")
    assert await told_of(server, phone) == []
    taken = await decide(server, seq, team="LTO02", region="KZ-SEV", text="they had swapped phones")
    assert taken.status_code == 200, taken.text
    report = await report_of(server, made(phone)["submission"])
    assert (report.team_id, report.region_code, report.district_code) == (other.team_id, "KZ-SEV", "")
    # The phone that made it hears; the team it counts for is told of the report.
    heard = {"state": "taken", "id": made(phone)["id"], "reason": "wrong_team"}
    assert [{key: one[key] for key in heard} for one in await told_of(server, phone)] == [heard]
    assert await told_of(server, other) == []
    kinds = {(one["kind"], one["id"]) for one in (await server.pull(other))["changes"]}
    assert ("submission", str(report.id)) in kinds
    async with server.database.write() as session:
        mission = server.seeded.mission.id
        await session.execute(update(Device).where(col(Device.id) == phone.id).values(letter="Z"))
        await session.execute(update(Team).where(col(Team.id) == other.team_id).values(origin="oscepa"))
        await session.execute(update(Station).where(col(Station.mission_id) == mission).values(region_code=""))
    await agrees(server)
    # A correction by the team it is of belongs to it, and leaves it where it is.
    head = str(report.head_revision_id)
    edit = other.report({"voters": 3}, submission=str(report.id), base=[head])
    assert (await server.push(other, edit))["results"] == [{"status": "stored"}]
    changed = await report_of(server, str(report.id))
    assert (changed.answers["voters"], changed.region_code) == (3, "KZ-SEV")
    await agrees(server)


async def test_it_is_taken_for_the_version_its_answers_fit(server: Server) -> None:
    phone = server.phones[0]
    seq = await keep(server, phone, phone.report(checklist_version=STRANGE), "unknown_checklist")
    version = str(server.seeded.checklist_version_id)
    shown = await asked(server, "coordinator", f"/quarantine/{seq}")
    assert [one["code"] for one in shown["versions"]] == [version]
    # Nobody knows which of its questions are sealed: only who is shown those reads what there is.
    assert (shown["reason_now"], shown["may_take"], shown["level"]) == ("unknown_checklist", False, None)
    assert (await asked(server, "head", f"/quarantine/{seq}"))["level"] == "internal"
    refused = await decide(server, seq)
    assert (refused.status_code, refused.json()["reason"]) == (409, "unknown_checklist")
    assert (await decide(server, seq, checklist_version=STRANGE)).status_code == 400
    assert (await decide(server, seq, region="KZ-XX")).status_code == 400
    assert (await decide(server, seq, checklist_version=version)).status_code == 200
    assert str((await report_of(server, made(phone)["submission"])).checklist_version_id) == version
    await agrees(server)
    head, report = made(phone)["id"], made(phone)["submission"]
    edit = phone.report({"voters": 3}, submission=report, base=[head])
    assert (await server.push(phone, edit))["results"] == [{"status": "stored"}]
    await agrees(server)


async def test_a_number_or_an_id_used_twice_can_only_be_kept_apart(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    first = made(phone)
    twice = await keep(server, phone, phone.report(device_seq=1), "sequence_reused")
    other = await keep(server, phone, phone.report(answers(voters=9), id=first["id"]), "same_id_other_content")
    for seq, reason in ((twice, "sequence_reused"), (other, "same_id_other_content")):
        shown = await asked(server, "head", f"/quarantine/{seq}")
        assert (shown["may_take"], shown["teams"], shown["versions"]) == (False, [], [])
        refused = await decide(server, seq, "head", team="LTO02")
        assert (refused.status_code, refused.json()["reason"]) == (409, reason)
        assert (await decide(server, seq, "head", kind="kept_apart", text="a copy")).status_code == 200
    # What was kept aside first, and whose number was given to another since, is no different.
    held = phone.report(team="LTO02")
    seq = await keep(server, phone, held, "wrong_team")
    assert (await server.push(phone, phone.report(device_seq=made(phone)["device_seq"])))["results"] == [
        {"status": "stored"}
    ]
    refused = await decide(server, seq, "head")
    assert (refused.status_code, refused.json()["reason"]) == (409, "sequence_reused")
    await agrees(server)


async def test_of_two_who_decide_at_once_the_second_hears_what_was_decided(server: Server) -> None:
    phone = server.phones[0]
    seq = await keep(server, phone, phone.report(team="LTO02"), "wrong_team")
    both = await asyncio.gather(
        decide(server, seq, "head", team="LTO02"), decide(server, seq, "coordinator", kind="kept_apart", text="a test")
    )
    assert sorted(one.status_code for one in both) == [200, 409]
    [late] = (one.json() for one in both if one.status_code == 409)
    [first] = (one.json()["decided"] for one in both if one.status_code == 200)
    assert (late["type"], late["decided"]) == ("urn:steppe:problem:decided-already", first)
    await agrees(server)


async def test_kept_apart_needs_a_reason_is_told_and_can_be_taken_later(server: Server) -> None:
    phone = server.phones[0]
    item = phone.report(team="LTO02")
    seq = await keep(server, phone, item, "wrong_team")
    assert (await decide(server, seq, kind="kept_apart", text="  ")).status_code == 400
    body = {"id": str(uuid7()), "kind": "kept_apart", "text": "made in a training"}
    for _ in range(2):  # sent twice it is one decision
        assert (await post(server, "coordinator", f"/quarantine/{seq}/decisions", body)).status_code == 200
    assert await queue(server) == []
    [line] = (await asked(server, "coordinator", "/quarantine", apart=True))["items"]
    assert (line["apart"]["text"], line["apart"]["author"]["function"] != "") == ("made in a training", True)
    [heard] = await told_of(server, phone)
    assert (heard["state"], heard["reason"]) == ("kept_apart", "wrong_team")
    assert "training" not in json.dumps((await server.pull(phone))["changes"])
    assert (await server.push(phone, item))["results"] == [{"status": "quarantined", "reason": "wrong_team"}]
    assert (await decide(server, seq)).status_code == 409
    assert (await decide(server, seq, seen=line["apart"]["n"])).status_code == 200
    [heard] = await told_of(server, phone)
    assert heard["state"] == "taken"
    # Taken is taken.
    refused = await decide(server, seq, kind="kept_apart", text="no", seen=line["apart"]["n"] + 1)
    assert refused.status_code == 409
    await agrees(server)


async def test_an_edit_taken_after_acceptance_reopens_its_report(server: Server) -> None:
    phone, _, other = server.phones
    [report] = await push_reports(server, phone, {})
    head = str((await report_of(server, report)).head_revision_id)
    edit = phone.report({"voters": 7}, submission=report, base=[head], team="LTO02")
    seq = await keep(server, phone, edit, "wrong_team")
    assert (await review(server, report, "accepted")).json()["status"] == "accepted"
    assert (await decide(server, seq)).status_code == 200
    now_is = await asked(server, "coordinator", f"/submissions/{report}/review")
    assert (now_is["state"], now_is["is_changed_after_acceptance"]) == ("in_review", True)
    assert [one["kind"] for one in now_is["decisions"]] == ["accepted", "taken"]
    await agrees(server)
    # An edit of what is not here yet waits for it, taken or not.
    base = str(uuid7())
    waiting = other.report({"voters": 8}, submission=str(uuid7()), base=[base], team="LTO01")
    later = await keep(server, other, waiting, "wrong_team")
    shown = await asked(server, "coordinator", f"/quarantine/{later}")
    assert (shown["may_decide"], shown["level"]) == (False, None)
    assert (await decide(server, later, "coordinator")).status_code == 404
    assert (await decide(server, later, "head")).json()["submission"] is None
    await agrees(server)
    first = other.report(id=base, submission=made(other)["submission"])
    assert (await server.push(other, first))["results"] == [{"status": "stored"}]
    assert (await report_of(server, made(other)["submission"])).answers["voters"] == 8
    await agrees(server)


async def test_what_was_taken_is_written_anew_when_its_revision_is_lost(server: Server) -> None:
    phone = server.phones[0]
    seq = await keep(server, phone, phone.report(team="LTO02"), "wrong_team")
    assert (await decide(server, seq, team="LTO02", region="KZ-SEV")).status_code == 200
    before = await report_of(server, made(phone)["submission"])
    async with server.database.write() as session:
        for table in (Revision, Submission):
            await session.execute(delete(table).where(col(table.mission_id) == server.seeded.mission.id))
    assert any(
        "missing" in line for replay in await rebuild(server.database, is_check=True) for line in replay.differences
    )
    await rebuild(server.database, is_check=False)
    assert await report_of(server, str(before.id)) == before
    await agrees(server)


async def test_a_photo_of_a_report_kept_aside_is_read_once_that_is_taken(server: Server) -> None:
    phone = server.phones[0]
    item, sha256, stored = with_photo(phone, team="LTO02")
    # Two faults at once: what a person may set aside hides no other.
    seq = await keep(server, phone, item, "wrong_team")
    assert (await decide(server, seq)).json()["reason"] == "bad_answers"
    good, sha256, stored = with_photo(phone, b"another", odd={}, team="LTO02")
    seq = await keep(server, phone, good, "wrong_team")
    assert (await upload(server, phone.bearer, sha256, stored)).status_code == 204
    address = f"{API}/attachments/{sha256}/content"
    assert (await server.client.get(address, headers=cookie(server, "head"))).status_code == 404
    assert (await decide(server, seq)).status_code == 200
    assert (await server.client.get(address, headers=cookie(server, "head"))).content == b"another"
    await agrees(server)
