"""A phone that headquarters refuses: told nothing, its work kept aside for two weeks, set up again by a new code."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import update
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.kit.clock import now
from steppe.kit.ids import plain_code, uuid7
from steppe.people import commands
from steppe.people.leaving import come_back, leave
from steppe.people.models import Device
from steppe.people.problems import UnknownMember, UnknownPerson, UnknownTeam
from steppe.people.revocations import REVOKED_MAY_PUSH, UnknownPhone, UnknownReason, phones, revoke
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.attachments.test_kept_aside import with_photo
from tests.fixtures_desk import asked, cookie, give
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server, node
from tests.sync.rows import assert_feed_has_no_gaps, count
from tests.sync.test_parcels import take, upload


async def refuse(server: Server, phone: Phone, reason: str = "lost") -> None:
    async with server.database.write() as session:
        named = f"{phone.team}-{phone.letter}".lower()
        await revoke(session, server.seeded.mission.id, named, reason=reason, actor="test")


async def backdate(server: Server, phone: Phone, by: timedelta) -> None:
    async with server.database.write() as session:
        own_row = update(Device).where(col(Device.id) == phone.id, col(Device.mission_id) == server.seeded.mission.id)
        await session.execute(own_row.values(revoked_at=now() - by))


async def test_a_revoked_phone_is_told_nothing_from_the_next_request_on_by_any_node(server: Server) -> None:
    phone, mate, _ = server.phones
    async with node(server.settings, server.seeded) as other:
        # Both nodes know the phone by now.
        for one in (server, other):
            await one.push(phone, phone.report())
            await one.pull(phone)
        await refuse(server, phone)
        for one in (server, other):
            path, start = f"{API}/sync/pull", {"cursor": None, "limit": 1}
            first = await one.client.post(path, json=start, headers=phone.proof("POST", path, ""))
            assert (first.status_code, "dpop-nonce" in first.headers) == (401, True)
            for method, asked_for in (("POST", path), ("GET", f"{API}/places/x")):
                proof = phone.proof(method, asked_for, first.headers["dpop-nonce"])
                again = await one.client.request(method, asked_for, json=start, headers=proof)
                assert (again.status_code, again.json()["type"]) == (401, "urn:steppe:problem:sign-in-needed")
            assert (await one.push(phone, phone.report()))["results"][0]["reason"] == "revoked_device"
            assert (await one.pull(mate))["server_time"]


async def test_what_a_revoked_phone_had_sealed_is_kept_aside_with_receipts_and_photos(server: Server) -> None:
    phone, mate, _ = server.phones
    before = await count(server.database, Submission)
    stored = phone.report()
    await server.push(phone, stored)
    item, sha256, content = with_photo(phone)
    await refuse(server, phone, "seized")
    answer = await server.push(phone, stored, item)
    assert answer["results"] == [
        {"status": "duplicate"},
        {"status": "quarantined", "reason": "revoked_device", "needs": [sha256]},
    ]
    # By id and content: the phone lets it go, and nobody can put another report in its place.
    assert [(entry["device_seq"], entry.get("reason")) for entry in answer["read"]["items"]] == [
        (1, None),
        (2, "revoked_device"),
    ]
    last = await upload(server, phone.bearer, sha256, content)
    assert server.receipts(last.headers["steppe-receipt"])["sha256"] == sha256
    assert (await server.push(phone, item))["results"] == [{"status": "quarantined", "reason": "revoked_device"}]
    assert await count(server.database, Submission) == before + 1
    # In whosever hands: the same of others that bring it.
    for answer in (await server.push(mate, phone.report()), await take(server, phone.report())):
        assert answer["results"] == [{"status": "quarantined", "reason": "revoked_device"}]
    await assert_feed_has_no_gaps(server.database)
    assert [replay.differences for replay in await rebuild(server.database, is_check=True)] == [[], []]


async def test_a_revoked_phone_brings_no_bytes_of_its_team_mates_reports(server: Server) -> None:
    phone, mate, _ = server.phones
    item, sha256, content = with_photo(mate)
    await server.push(mate, item)
    await refuse(server, phone)
    assert (await upload(server, phone.bearer, sha256, content)).status_code == 409


async def test_the_door_for_what_it_made_closes_after_two_weeks(server: Server) -> None:
    phone, mate, _ = server.phones
    await refuse(server, phone)
    await backdate(server, phone, REVOKED_MAY_PUSH - timedelta(minutes=5))
    assert (await server.push(phone))["results"] == []
    await backdate(server, phone, REVOKED_MAY_PUSH + timedelta(minutes=5))
    body = phone.push_body(phone.report())
    assert (await server.client.post(f"{API}/sync/push", json=body, headers=phone.bearer)).status_code == 401
    assert (await upload(server, phone.bearer, "0" * 64, b"")).status_code == 401
    # It may ask, and is told to wipe itself.
    assert orders(server, await server.push(phone))
    # Others may still bring it.
    assert (await server.push(mate, *body["items"]))["results"][0]["reason"] == "revoked_device"


def orders(server: Server, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the orders in an answer say, having checked that the mission signed them as orders."""
    read = [signed_by(server, order) for order in answer.get("orders", [])]
    assert [typ for typ, _ in read] == ["steppe-order+jws"] * len(read)
    return [order for _, order in read]


def signed_by(server: Server, text: str) -> tuple[str, dict[str, Any]]:
    read = jws.deserialize_compact(text, ECKey.import_key(server.seeded.receipt_jwk), algorithms=["ES256"])
    return read.headers()["typ"], json.loads(read.payload)


async def order_at_the_desk(server: Server, phone: Phone) -> str | None:
    teams = (await asked(server, "auditor", "/teams"))["teams"]
    [order] = [one["order"] for team in teams for one in team["revoked"] if team["code"] == phone.team]
    return order and str(order)


@pytest.mark.parametrize("reason", ["lost", "seized", "left", "replaced"])
async def test_a_revoked_phone_is_ordered_to_wipe_itself_with_every_answer_until_it_says_it_has(
    server: Server, reason: str
) -> None:
    phone, mate, _ = server.phones
    assert orders(server, await server.push(phone, phone.report())) == []
    await refuse(server, phone, reason)
    [order] = orders(server, await server.push(phone))
    assert (order["device"], order["mission"]) == (str(phone.id), str(server.seeded.mission.id))
    assert orders(server, await server.push(phone, phone.report())) == [order]
    assert orders(server, await server.push(mate)) == []
    assert await order_at_the_desk(server, phone) == "given"
    # Another one than was given is not obeyed.
    assert orders(server, await server.push(phone, wiped=order["serial"] - 1)) == [order]
    assert await order_at_the_desk(server, phone) == "given"
    answer = await server.push(phone, phone.report(), wiped=order["serial"])
    assert (orders(server, answer), answer["results"][0]["reason"]) == ([], "revoked_device")
    assert await order_at_the_desk(server, phone) == "obeyed"
    assert orders(server, await server.push(phone)) == []


async def test_a_phone_is_named_by_its_letter_or_id_and_every_step_is_in_the_audit_trail(server: Server) -> None:
    phone = server.phones[0]
    await refuse(server, phone, "lost")
    async with server.database.write() as session:
        mission = server.seeded.mission.id
        first = (await session.get_one(Device, phone.id)).revoked_at
        await revoke(session, mission, str(phone.id), reason="seized", actor="person:x")
        device = await session.get_one(Device, phone.id)
        assert (device.revoked_at, device.revoked_reason, device.revoked_by) == (first, "seized", "person:x")
        for named, reason, problem in (("LTO99-A", "lost", UnknownPhone), (str(phone.id), "stolen", UnknownReason)):
            with pytest.raises(problem):
                await revoke(session, mission, named, reason=reason, actor="test")
    async with server.database.read() as session:
        entries = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "device.revoke"))).all()
        lines = await phones(session, server.seeded.mission)
    assert [(entry.actor, entry.detail["reason"]) for entry in entries] == [("test", "lost"), ("person:x", "seized")]
    [line] = [line for line in lines if str(phone.id) in line]
    assert "refused since" in line
    assert "(seized)" in line


async def test_what_a_revoked_phone_made_stays_in_the_list_of_missing_reports(server: Server) -> None:
    phone, mate, _ = server.phones
    made = [phone.report() for _ in range(4)]
    await server.push(phone, made[0])
    await server.push(mate)

    async def team() -> Any:
        teams = (await asked(server, "coordinator", "/teams"))["teams"]
        return next(one for one in teams if one["code"] == phone.team)

    heard = (await team())["last_contact_at"]
    await refuse(server, phone, "left")
    told = await team()
    assert (told["devices"], told["waiting"], told["skipped"]) == (1, 3, 0)
    assert [(one["letter"], one["reason"]) for one in told["revoked"]] == [(phone.letter, "left")]
    assert [one["letter"] for one in told["phones"]] == [mate.letter]
    # What is kept aside is held, and a refused phone's contact is not its team's.
    await server.push(phone, made[3])
    told = await team()
    assert (told["waiting"], told["skipped"], told["last_contact_at"]) == (0, 2, heard)
    await server.push(phone, *made)
    assert ((await team())["waiting"], (await team())["skipped"]) == (0, 0)


async def test_the_desk_refuses_phones_of_teams_it_is_told_of(server: Server) -> None:
    phone = server.phones[0]
    address = f"{API}/teams/{phone.team}/phones/{phone.letter}/revoke"

    async def ask_for(role: str, path: str = address, reason: str = "left", **headers: str) -> Response:
        headers = {**cookie(server, role), "X-Steppe": "1", **headers}
        return await server.client.post(path, json={"reason": reason}, headers=headers)

    assert (await ask_for("coordinator", reason="stolen")).status_code == 400
    for missing in ("LTO01/phones/Z", "LTO99/phones/A"):
        assert (await ask_for("admin", f"{API}/teams/{missing}/revoke")).status_code == 404
    await give(server, "admin", role="coordinator", regions=["KZ-SEV"])
    assert (await ask_for("admin")).status_code == 404
    assert [one["status"] for one in (await server.push(phone, phone.report()))["results"]] == ["stored"]
    answer = await ask_for("coordinator")
    assert (answer.status_code, answer.json()["reason"]) == (200, "left")
    assert (await server.push(phone, phone.report()))["results"][0]["reason"] == "revoked_device"
    async with server.database.read() as session:
        revoked_by = (await session.get_one(Device, phone.id)).revoked_by
    assert revoked_by is not None
    assert revoked_by.startswith("person:")


async def enrol(server: Server, phone: Phone, username: str, **facts: Any) -> Response:
    """Make a code for an observer and use it with a phone that has its id and key already, as it would."""
    async with server.database.write() as session:
        code, _ = await commands.open_enrolment(
            session, mission_id=server.seeded.mission.id, team_code=username[:5], actor="test", username=username
        )
    own_key = ECKey.import_key(phone.key)
    header = {"alg": "ES256", "typ": "steppe-enrol+jws", "kid": str(phone.id)}
    proof = jws.serialize_compact(header, json.dumps({"code": code, "device": str(phone.id)}), own_key)
    device = {"id": str(phone.id), "name": "Phone", "platform": "Test", "public_jwk": own_key.as_dict(private=False)}
    body = {"code": code, "device": {**device, **facts}, "proof": proof}
    answer = await server.client.post(f"{API}/enrolments/redeem", json=body)
    if answer.status_code == 201:
        phone.push_token, phone.access_token = answer.json()["push_token"], answer.json()["access_token"]
        # The answer may have been lost on the way: the same code serves the same phone once more.
        assert (await server.client.post(f"{API}/enrolments/redeem", json=body)).status_code == 201
        again = (await server.client.post(f"{API}/enrolments/redeem", json=body)).json()
        phone.push_token, phone.access_token = again["push_token"], again["access_token"]
    return answer


async def test_a_new_code_sets_a_revoked_phone_up_again_with_its_queue(server: Server) -> None:
    phone = server.phones[0]
    stored, aside, waiting = phone.report(), phone.report(), phone.report()
    await server.push(phone, stored)
    await refuse(server, phone)
    [given] = orders(server, await server.push(phone, aside))
    answer = await enrol(server, phone, "LTO01A")
    assert (answer.status_code, answer.json()["device"]) == (201, {"id": str(phone.id), "letter": phone.letter})
    assert answer.json()["orders_over"] == given["serial"]
    statuses = [one["status"] for one in (await server.push(phone, stored, aside, waiting))["results"]]
    assert statuses == ["duplicate", "quarantined", "stored"]
    assert (await server.pull(phone))["changes"]
    told = await asked(server, "coordinator", "/teams")
    assert [team["revoked"] for team in told["teams"]] == [[], []]
    async with server.database.read() as session:
        entries = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "device.enrol"))).all()
    assert [entry.detail.get("was_revoked") for entry in entries] == [True]
    # Refused once more it gets an order of its own, whatever it says of the first.
    assert orders(server, await server.push(phone)) == []
    await refuse(server, phone)
    [second] = orders(server, await server.push(phone, wiped=given["serial"]))
    assert second["serial"] > given["serial"]


async def test_a_new_code_for_the_person_whose_phone_was_revoked_serves_another_phone(server: Server) -> None:
    lost = server.phones[0]
    await refuse(server, lost)
    async with server.database.write() as session:
        _, person = await commands.open_enrolment(
            session, mission_id=server.seeded.mission.id, team_code=lost.team, actor="test"
        )
    # Without a name it is for the one without a phone.
    assert person.id == lost.person_id
    new = replace(lost, id=uuid7(), key=ec.generate_private_key(ec.SECP256R1()), seq=0, prev_hash="", made=[])
    assert (await enrol(server, new, "LTO01A")).json()["device"]["letter"] == "C"
    assert (await server.push(new, new.report()))["results"] == [{"status": "stored"}]
    assert (await server.push(lost, lost.report()))["results"][0]["reason"] == "revoked_device"


async def test_a_phone_that_a_restored_database_does_not_know_comes_back_as_it_was(server: Server) -> None:
    phone, mate, _ = server.phones
    unknown = replace(
        phone, id=uuid7(), key=ec.generate_private_key(ec.SECP256R1()), letter="D", push_token="-", access_token="-"
    )
    queue = [unknown.report() for _ in range(3)]
    refused = await server.client.post(f"{API}/sync/push", json=unknown.push_body(*queue), headers=unknown.bearer)
    assert refused.status_code == 401
    answer = await enrol(server, unknown, "LTO01A", letter="D")
    assert (answer.status_code, answer.json()["device"]) == (201, {"id": str(unknown.id), "letter": "D"})
    assert [one["status"] for one in (await server.push(unknown, *queue))["results"]] == ["stored"] * 3
    codes = [line["code"] for line in (await asked(server, "coordinator", "/submissions"))["submissions"]]
    assert sorted(codes) == ["LTO01-D001", "LTO01-D002", "LTO01-D003"]
    # Its letter was given to another meanwhile: it gets the next free one, and its reports are taken all the same.
    second = replace(
        mate, id=uuid7(), key=ec.generate_private_key(ec.SECP256R1()), seq=40, push_token="-", access_token="-"
    )
    assert (await enrol(server, second, "LTO01B", letter="B")).json()["device"]["letter"] == "C"
    assert (await server.push(second, second.report()))["results"] == [{"status": "stored"}]
    codes = [line["code"] for line in (await asked(server, "coordinator", "/submissions"))["submissions"]]
    assert "LTO01-C041" in codes


async def test_a_phone_whose_tokens_are_of_another_time_than_the_database_comes_back_by_a_new_code(
    server: Server,
) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    phone.push_token = phone.access_token = "of a later time"
    assert (await enrol(server, phone, "LTO01A")).json()["device"]["letter"] == phone.letter
    assert (await server.push(phone, phone.report()))["results"] == [{"status": "stored"}]


async def test_nobody_else_s_code_and_no_other_key_takes_a_phone_over(server: Server) -> None:
    phone = server.phones[0]
    await refuse(server, phone)
    thief = replace(phone, key=ec.generate_private_key(ec.SECP256R1()))
    for one, username in ((phone, "LTO01B"), (phone, "LTO02A"), (thief, "LTO01A")):
        answer = await enrol(server, one, username)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:steppe:problem:phone-of-another")
    async with server.database.read() as session:
        assert (await session.get_one(Device, phone.id)).revoked_at is not None


async def test_whoever_leaves_can_do_nothing_more_and_what_they_reported_stays(server: Server) -> None:
    phone, mate, _ = server.phones
    mission = server.seeded.mission.id
    await server.push(phone, phone.report())
    async with server.database.write() as session:
        code, _ = await commands.open_enrolment(
            session, mission_id=mission, team_code="LTO01", actor="test", username="LTO01A"
        )
        assert await leave(session, mission, "LTO01A", actor="test") == 1
        assert await leave(session, mission, "coordinator", actor="test") == 0
    # The phone: refused with its order, what it had made kept aside. The pair's other one goes on.
    answer = await server.push(phone, phone.report())
    assert (answer["results"][0]["reason"], len(orders(server, answer))) == ("revoked_device", 1)
    assert (await server.push(mate, mate.report()))["results"] == [{"status": "stored"}]
    # The desk: signed out, and no password lets in.
    assert (await server.client.get(f"{API}/session", headers=cookie(server, "coordinator"))).status_code == 401
    # The code that was made before is over.
    body = {"code_sha256": sha256(plain_code(code).encode()).hexdigest()}
    assert (await server.client.post(f"{API}/enrolments/keys", json=body)).status_code == 410
    [first] = [
        line for line in (await asked(server, "expert", "/submissions"))["submissions"] if line["code"] == "LTO01-A001"
    ]
    assert first["team"] == "LTO01"
    async with server.database.write() as session:
        with pytest.raises(UnknownTeam):
            await commands.open_enrolment(
                session, mission_id=mission, team_code="LTO01", actor="test", username="LTO01A"
            )
        with pytest.raises(UnknownPerson):
            await commands.set_password(
                session, mission_id=mission, username="coordinator", password="a long new one", actor="test"
            )
        with pytest.raises(UnknownMember):
            await leave(session, mission, "nobody", actor="test")
        await come_back(session, mission, "LTO01A", actor="test")
    assert (await enrol(server, phone, "LTO01A")).status_code == 201
    assert [one["status"] for one in (await server.push(phone, phone.report()))["results"]] == ["stored"]
