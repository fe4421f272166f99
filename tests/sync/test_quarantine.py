"""What cannot be stored as a report is kept for a person, with its receipt: docs/protocol.md §4."""

import hashlib
import json
from typing import Any

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.people.models import Device
from steppe.submissions.models import Submission
from steppe.submissions.sealing import b64u, seal, sign
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server
from tests.sync.rows import assert_feed_has_no_gaps, count


async def reason_of(server: Server, item: str) -> str:
    """Push one item that must be quarantined; the raw item must be kept and its receipt given."""
    before = await count(server.database, InboxItem)
    answer = await server.push(server.phones[0], item)
    [result] = answer["results"]
    assert result["status"] == "quarantined"
    assert await count(server.database, InboxItem) == before + 1
    assert await count(server.database, Submission) == 0
    [receipt] = answer["read"]["items"]
    assert ("sealed" in receipt) != ("id" in receipt)
    if "sealed" in receipt:
        assert receipt["sealed"] == b64u(hashlib.sha256(item.encode()).digest())
    await assert_feed_has_no_gaps(server.database)
    return str(result["reason"])


async def test_same_id_with_other_content_is_kept_for_a_person(server: Server) -> None:
    phone = server.phones[0]
    first = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[0]))
    other = phone.report(answers(box_sealed="no"), id=first["id"])
    answer = await server.push(phone, other)
    assert answer["results"][0]["reason"] == "same_id_other_content"
    assert await count(server.database, InboxItem) == 2
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
    assert submission.answers["box_sealed"] == "yes"


async def test_a_forged_signature_cannot_take_the_id_of_a_report(server: Server) -> None:
    phone, second, _ = server.phones
    canonical = phone.revise()
    forged = seal(sign(canonical, key=second.key, kid=str(phone.id)), transport=phone.transport)
    assert await reason_of(server, forged) == "bad_signature"
    answer = await server.push(phone, phone.seal(canonical))
    assert answer["results"][0]["status"] == "stored"


async def test_a_signature_by_nobody_we_know_is_kept(server: Server) -> None:
    phone = server.phones[0]
    canonical = phone.revise()
    unknown = seal(sign(canonical, key=phone.key, kid="nobody"), transport=phone.transport)
    assert await reason_of(server, unknown) == "unknown_device"


async def test_what_a_revoked_device_signed_waits_for_a_person(server: Server, database: Database) -> None:
    _, second, _ = server.phones
    async with database.write() as session:
        device = await session.get_one(Device, second.id)
        device.revoked_at = now()
        session.add(device)
    assert await reason_of(server, second.report()) == "revoked_device"


async def test_tampered_ciphertext_is_kept_as_it_came(server: Server) -> None:
    item = server.phones[0].report()
    head, _, iv, text, tag = item.split(".")
    changed = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    assert await reason_of(server, f"{head}..{iv}.{changed}.{tag}") == "unreadable"
    async with server.database.read() as session:
        kept = (await session.execute(own(InboxItem))).scalar_one()
    assert kept.raw == f"{head}..{iv}.{changed}.{tag}".encode()
    assert kept.raw_form == "sealed"


async def test_a_deflate_bomb_is_unreadable(server: Server) -> None:
    phone = server.phones[0]
    bomb = seal(b"\x00" * 50_000_000, transport=phone.transport)
    assert len(bomb) < 80_000
    assert await reason_of(server, bomb) == "unreadable"


async def test_json_that_is_not_canonical_is_kept(server: Server) -> None:
    phone = server.phones[0]
    canonical = phone.revise().replace(b'"author":', b'"author": ', 1)
    assert await reason_of(server, phone.seal(canonical)) == "not_canonical"


async def test_another_team_s_name_is_refused_as_own(server: Server) -> None:
    assert await reason_of(server, server.phones[0].report(team="LTO02")) == "wrong_team"


async def test_a_report_of_another_team_cannot_be_edited(server: Server) -> None:
    phone, _, other = server.phones
    made = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[0]))
    answer = await server.push(other, other.report({}, submission=made["submission"], base=[made["id"]]))
    assert answer["results"][0]["reason"] == "wrong_team"


async def test_a_device_number_used_twice_waits_for_a_person(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    answer = await server.push(phone, phone.report(device_seq=1))
    assert answer["results"][0]["reason"] == "sequence_reused"


async def test_a_checklist_nobody_published_is_kept(server: Server) -> None:
    strange = "0190aaaa-0000-7000-8000-000000000000"
    assert await reason_of(server, server.phones[0].report(checklist_version=strange)) == "unknown_checklist"


async def test_answers_that_do_not_fit_the_checklist_are_kept(server: Server) -> None:
    phone = server.phones[0]
    patches: list[dict[str, Any]] = [
        {"nonsense": "x"},
        {"": "x"},
        {"station/x": "x"},
        {"inc/row/inc_kind/x": "violence"},
        {"box_sealed": "perhaps"},
        {"voters": "many"},
        {"voters": 1.5},
        {"voters": True},
        {"remarks": 5},
        {"remarks": {"deep": 1}},
        {"station": ["101"]},
        {"unauthorised": ["ghost"]},
        {"unauthorised": [["police"]]},
        {"unauthorised": "police"},
        {"inc": [1]},
        {"observed_start": "0000-00-00T00:00"},
    ]
    for patch in patches:
        assert await reason_of(server, phone.report(patch)) == "bad_answers", patch
