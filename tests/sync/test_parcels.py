"""Reports that others bring, phones and the desk: docs/protocol.md §4 and §8."""

import base64
import hashlib
from random import Random
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import update
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.kit.clock import now
from steppe.people.models import Device
from steppe.submissions.models import Revision, Submission
from steppe.submissions.sealing import content_hash, encrypt_attachment
from steppe.sync.models import InboxItem
from steppe.sync.push_state import MOST_UNREADABLE
from tests.fixtures_checklist import answers
from tests.fixtures_desk import cookie
from tests.fixtures_neighbour import own
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server
from tests.sync.rows import assert_feed_has_no_gaps

TUS = {"Tus-Resumable": "1.0.0"}


def at_desk(server: Server, role: str = "coordinator") -> dict[str, str]:
    return {**cookie(server, role), "X-Steppe": "1"}


async def take(server: Server, *items: str, role: str = "coordinator") -> dict[str, Any]:
    """Take items in at the desk; returns the answer with its receipts verified and read."""
    response = await server.client.post(
        f"{API}/sync/parcels", json={"items": list(items)}, headers=at_desk(server, role)
    )
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    answer["read"] = server.receipts(answer["receipts"])
    return answer


def statuses(answer: dict[str, Any]) -> list[str]:
    return [result["status"] for result in answer["results"]]


async def upload(server: Server, headers: dict[str, str], sha256: str, stored: bytes) -> Response:
    """Upload a file in one piece, as far as the server lets the caller."""
    metadata = "sha256 " + base64.b64encode(sha256.encode()).decode()
    given = {**headers, **TUS, "Upload-Length": str(len(stored)), "Upload-Metadata": metadata}
    begun = await server.client.post(f"{API}/attachments", headers=given)
    if begun.status_code != 201:
        return begun
    checksum = "sha256 " + base64.b64encode(hashlib.sha256(stored).digest()).decode()
    kind = {"Upload-Offset": "0", "Upload-Checksum": checksum, "Content-Type": "application/offset+octet-stream"}
    return await server.client.patch(f"{API}/attachments/{sha256}", headers={**headers, **TUS, **kind}, content=stored)


def with_photo(phone: Phone) -> tuple[str, str, bytes]:
    """Make a report that names a photo: its sealed text, the hash of the bytes, the bytes."""
    stored, facts = encrypt_attachment(b"\xff\xd8 a protocol on a board")
    attachment = {"path": "photo", "type": "image/jpeg", **facts}
    return phone.report(answers(photo=facts["plain_sha256"]), attachments=[attachment]), facts["sha256"], stored


async def test_the_desk_takes_a_report_for_the_phone_that_made_it(server: Server) -> None:
    phone = server.phones[0]
    canonical = phone.revise()
    answer = await take(server, phone.seal(canonical), role="admin")
    assert statuses(answer) == ["stored"]
    [receipt] = answer["read"]["items"]
    assert (receipt["hash"], answer["read"]["device"]) == (content_hash(canonical), None)
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
        device = await session.get_one(Device, phone.id)
        trace = (await session.execute(own(AuditEntry).where(col(AuditEntry.action) == "parcels.take"))).scalar_one()
    assert submission.code == "LTO01-A001"
    # A contact is the phone's own, whoever brings its reports.
    assert device.last_contact_at is None
    assert (trace.actor, trace.detail) == ("admin", {"items": 1})
    await assert_feed_has_no_gaps(server.database)


async def test_the_first_receipt_is_every_bringer_s_receipt(server: Server) -> None:
    phone, _, carrier = server.phones
    report = phone.report()
    first = await server.push(carrier, report)
    desk = await take(server, report)
    again = await server.push(phone, report)
    assert [statuses(answer) for answer in (first, desk, again)] == [["stored"], ["duplicate"], ["duplicate"]]
    assert first["read"]["items"] == desk["read"]["items"] == again["read"]["items"]


async def test_a_phone_hears_with_its_pull_what_others_brought_and_nobody_else_does(server: Server) -> None:
    phone, mate, carrier = server.phones
    before = (await server.pull(phone))["next_cursor"]
    pushed = await server.push(carrier, phone.report(), carrier.report())
    taken = await take(server, phone.report())
    page = await server.pull(phone, before)
    heard = server.receipts(page["receipts"])
    assert heard["items"] == [pushed["read"]["items"][0], taken["read"]["items"][0]]
    assert heard["mission"] == str(server.seeded.mission.id)
    for other, cursor in ((phone, page["next_cursor"]), (mate, None), (carrier, None)):
        assert server.receipts((await server.pull(other, cursor))["receipts"])["items"] == []
    # A phone that begins anew hears it again.
    assert server.receipts((await server.pull(phone))["receipts"])["items"] == heard["items"]


async def test_what_a_phone_brought_itself_is_not_told_again(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    assert server.receipts((await server.pull(phone))["receipts"])["items"] == []


async def test_a_phone_hears_why_what_others_brought_was_kept_aside(server: Server) -> None:
    phone = server.phones[0]
    await take(server, phone.report({"no_such_question": "x"}))
    [entry] = server.receipts((await server.pull(phone))["receipts"])["items"]
    assert entry["reason"] == "bad_answers"


async def test_what_nobody_known_has_signed_is_kept_and_receipted_at_the_desk_too(server: Server) -> None:
    answer = await take(server, "a.b.c.d.e")
    assert answer["results"] == [{"status": "quarantined", "reason": "unreadable"}]
    assert set(answer["read"]["items"][0]) == {"sealed", "seq", "at"}
    shown = (await server.client.get(f"{API}/quarantine", headers=cookie(server, "head"))).json()
    assert [(each["reason"], each["team"], each["device"]) for each in shown["items"]] == [("unreadable", "", "")]


async def test_what_a_revoked_phone_signed_is_kept_and_receipted_at_the_desk_as_that_phone_s(server: Server) -> None:
    phone = server.phones[0]
    item = phone.report()
    async with server.database.write() as session:
        await session.execute(update(Device).where(col(Device.id) == phone.id).values(revoked_at=now()))
    answer = await take(server, item)
    assert answer["results"] == [{"status": "quarantined", "reason": "revoked_device"}]
    assert set(answer["read"]["items"][0]) == {"id", "hash", "device_seq", "seq", "at", "reason"}
    shown = (await server.client.get(f"{API}/quarantine", headers=cookie(server, "head"))).json()
    assert [(each["reason"], each["team"], each["device"]) for each in shown["items"]] == [
        ("revoked_device", phone.team, phone.letter)
    ]


async def test_what_others_brought_is_shown_kept_aside_under_the_phone_that_signed_it(server: Server) -> None:
    phone, _, carrier = server.phones
    await server.push(carrier, phone.report({"no_such_question": "x"}))
    shown = (await server.client.get(f"{API}/quarantine", headers=cookie(server, "head"))).json()
    assert [(each["team"], each["device"]) for each in shown["items"]] == [(phone.team, phone.letter)]


async def test_the_desk_keeps_no_more_that_nobody_signed_than_a_phone_may_bring(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steppe.sync.push_state.MOST_UNREADABLE", 3 * 1024)
    assert MOST_UNREADABLE == 20 * 1024 * 1024
    assert statuses(await take(server, "a.b.c.d.1", "a.b.c.d.2")) == ["quarantined", "quarantined"]
    answer = await take(server, "a.b.c.d.3", "a.b.c.d.4", server.phones[0].report())
    assert statuses(answer) == ["quarantined", "retry", "stored"]


async def test_whoever_brings_a_report_again_may_bring_the_photo_that_the_first_one_lacked(server: Server) -> None:
    phone, _, carrier = server.phones
    report, sha256, stored = with_photo(phone)
    await take(server, report)
    assert (await upload(server, carrier.bearer, sha256, stored)).status_code == 409
    answer = await server.push(carrier, report)
    assert (answer["results"][0]["status"], answer["results"][0]["needs"]) == ("duplicate", [sha256])
    await server.push(carrier, report)
    assert (await upload(server, carrier.bearer, sha256, stored)).status_code == 204


async def test_whoever_brings_a_report_again_gets_the_receipt_of_the_photo_that_is_here_already(server: Server) -> None:
    phone, _, carrier = server.phones
    report, sha256, stored = with_photo(phone)
    await server.push(phone, report)
    held = await upload(server, phone.bearer, sha256, stored)
    answer = await server.push(carrier, report)
    assert "needs" not in answer["results"][0]
    asked = {
        "Upload-Length": str(len(stored)),
        "Upload-Metadata": "sha256 " + base64.b64encode(sha256.encode()).decode(),
    }
    begun = await server.client.post(f"{API}/attachments", headers={**carrier.bearer, **TUS, **asked})
    assert begun.status_code == 201
    said = [server.receipts(one.headers["steppe-receipt"]) for one in (held, begun)]
    assert said[0] == said[1]


async def test_the_desk_brings_photos_too_and_only_roles_that_take_copies(server: Server) -> None:
    report, sha256, stored = with_photo(server.phones[0])
    assert (await take(server, report))["results"][0]["needs"] == [sha256]
    assert (await upload(server, at_desk(server, "expert"), sha256, stored)).status_code == 404
    assert (await upload(server, cookie(server, "coordinator"), sha256, stored)).status_code == 401
    answer = await upload(server, at_desk(server), sha256, stored)
    assert answer.status_code == 204
    assert server.receipts(answer.headers["steppe-receipt"])["sha256"] == sha256
    assert "needs" not in (await take(server, report))["results"][0]


async def test_the_desk_takes_fifty_at_once(server: Server) -> None:
    answer = await server.client.post(
        f"{API}/sync/parcels", json={"items": ["a.b.c.d.e"] * 51}, headers=at_desk(server)
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_of_bringers_makes_each_report_once(server: Server, seed: int) -> None:
    random = Random(seed)
    phone, mate, carrier = server.phones
    reports = [phone.report() for _ in range(6)]
    receipts: dict[int, set[tuple[str, int]]] = {}
    for _ in range(12):
        chosen = random.choices(range(6), k=random.randint(1, 4))
        items = [reports[number] for number in chosen]
        bringer = random.choice([phone, mate, carrier, None])
        answer = await (take(server, *items) if bringer is None else server.push(bringer, *items))
        for number, entry in zip(chosen, answer["read"]["items"], strict=True):
            receipts.setdefault(number, set()).add((entry["id"], entry["seq"]))
    await take(server, *reports)
    async with server.database.read() as session:
        assert len((await session.execute(own(Submission))).scalars().all()) == 6
        assert len((await session.execute(own(Revision))).scalars().all()) == 6
        inbox = (await session.execute(own(InboxItem))).scalars().all()
    assert all(item.maker_id == (phone.id if item.pusher_id != phone.id else None) for item in inbox)
    assert len(inbox) == 6
    assert all(len(known) == 1 for known in receipts.values())
    await assert_feed_has_no_gaps(server.database)
