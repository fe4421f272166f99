"""Uploads in pieces: docs/protocol.md §5."""

import asyncio
import base64
import hashlib
import json
import os
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import update
from sqlmodel import col

from steppe.attachments import commands
from steppe.attachments.blob_names import chunk_name, unlisted_chunk_name
from steppe.attachments.models import Attachment
from steppe.attachments.queries import open_attachment, readable_attachment
from steppe.kit.blobs import Blobs
from steppe.kit.problems import NotFound
from steppe.missions.safety import raise_safe_seq
from steppe.people.policy import Reach, whole_mission
from steppe.submissions.scope import news_for
from steppe.submissions.sealing import encrypt_attachment
from tests.fixtures_checklist import answers
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server, node
from tests.sync.rows import assert_feed_has_no_gaps

TUS = {"Tus-Resumable": "1.0.0"}


def checksum(chunk: bytes) -> str:
    return "sha256 " + base64.b64encode(hashlib.sha256(chunk).digest()).decode()


async def begin(server: Server, phone: Phone, sha256: str, size: int) -> Response:
    metadata = "sha256 " + base64.b64encode(sha256.encode()).decode()
    headers = {**phone.bearer, **TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    return await server.client.post(f"{API}/attachments", headers=headers)


async def patch(server: Server, phone: Phone, sha256: str, offset: int, chunk: bytes, **headers: str) -> Response:
    given = {
        **phone.bearer,
        **TUS,
        "Upload-Offset": str(offset),
        "Upload-Checksum": checksum(chunk),
        "Content-Type": "application/offset+octet-stream",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return await server.client.patch(f"{API}/attachments/{sha256}", headers=given, content=chunk)


async def head(server: Server, phone: Phone, sha256: str) -> Response:
    return await server.client.head(f"{API}/attachments/{sha256}", headers={**phone.bearer, **TUS})


async def named(server: Server, phone: Phone, plain: bytes, **changed: Any) -> tuple[bytes, dict[str, Any]]:
    """Push a report that names a photo; returns the bytes to upload and the facts in the report."""
    stored, facts = encrypt_attachment(plain)
    attachment = {"path": "photo", "type": "image/jpeg", **facts, **changed}
    answer = await server.push(phone, phone.report(answers(photo=facts["plain_sha256"]), attachments=[attachment]))
    assert answer["results"][0]["needs"] == [attachment["sha256"]]
    return stored, attachment


async def test_a_photo_in_pieces_comes_out_as_it_was(server: Server) -> None:
    phone = server.phones[0]
    plain = os.urandom(150_000)
    stored, facts = await named(server, phone, plain)
    sha256 = facts["sha256"]
    begun = await begin(server, phone, sha256, len(stored))
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "0")
    assert begun.headers["location"] == f"{API}/attachments/{sha256}"
    cut = 65_536
    first = await patch(server, phone, sha256, 0, stored[:cut])
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(cut))
    assert "steppe-receipt" not in first.headers
    where = await head(server, phone, sha256)
    assert (where.headers["upload-offset"], where.headers["upload-length"]) == (str(cut), str(len(stored)))
    again = await begin(server, phone, sha256, len(stored))
    assert again.headers["upload-offset"] == str(cut)
    last = await patch(server, phone, sha256, cut, stored[cut:])
    assert last.status_code == 204
    receipt = server.receipts(last.headers["steppe-receipt"])
    assert (receipt["sha256"], receipt["size"]) == (sha256, len(stored))
    assert receipt["mission"] == str(server.seeded.mission.id)
    for repeated in (await head(server, phone, sha256), await begin(server, phone, sha256, len(stored))):
        assert server.receipts(repeated.headers["steppe-receipt"]) == receipt
    head_scope = whole_mission(server.seeded.mission.id, "head")
    restricted = replace(head_scope, reaches=(Reach(("restricted",)),))
    async with server.database.read() as session:
        for key in (sha256, facts["plain_sha256"]):
            named_so = await readable_attachment(session, head_scope, key)
            opened = await open_attachment(Blobs(server.settings), named_so)
            assert (opened.content, opened.type, opened.path) == (plain, "image/jpeg", "photo")
        with pytest.raises(NotFound):
            await readable_attachment(session, restricted, sha256)
    leftovers = [path for path in (server.settings.data / "blobs").rglob("uploads/*/*") if path.is_file()]
    assert leftovers == []
    replayed = await server.push(phone, phone.seal(phone.made[-1]))
    assert "needs" not in replayed["results"][0]


async def test_a_photo_closes_with_its_report_whichever_revision_named_it(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, b"a picture")
    await begin(server, phone, facts["sha256"], len(stored))
    await patch(server, phone, facts["sha256"], 0, stored)
    made = json.loads(phone.made[-1])
    for answered in ("confidential", "internal"):
        edit = phone.revise({"conf_level": answered}, submission=made["submission"], base=[made["id"]])
        made = json.loads(edit)
        assert (await server.push(phone, phone.seal(edit)))["results"][0]["status"] == "stored"
    mission = whole_mission(server.seeded.mission.id, "head")
    async with server.database.read() as session:
        open_levels = replace(mission, reaches=(Reach(("internal", "restricted")),))
        with pytest.raises(NotFound):
            await readable_attachment(session, open_levels, facts["sha256"])
        closed = replace(mission, reaches=(Reach(("confidential",)),))
        named_so = await readable_attachment(session, closed, facts["sha256"])
    assert (await open_attachment(Blobs(server.settings), named_so)).content == b"a picture"


async def test_another_team_s_files_do_not_exist_for_a_push_token(server: Server) -> None:
    phone, partner, stranger = server.phones
    stored, facts = await named(server, phone, b"a picture")
    await begin(server, phone, facts["sha256"], len(stored))
    assert (await begin(server, stranger, facts["sha256"], len(stored))).status_code == 409
    assert (await head(server, stranger, facts["sha256"])).status_code == 404
    assert (await patch(server, stranger, facts["sha256"], 0, stored)).status_code == 404
    assert (await head(server, partner, facts["sha256"])).headers["upload-offset"] == "0"
    assert (await patch(server, partner, facts["sha256"], 0, stored)).status_code == 204


async def test_a_phone_that_delivered_another_team_s_report_brings_its_files_too(server: Server) -> None:
    phone, _, carrier = server.phones
    stored, facts = encrypt_attachment(b"a picture")
    attachment = {"path": "photo", "type": "image/jpeg", **facts}
    report = phone.report(answers(photo=facts["plain_sha256"]), attachments=[attachment])
    assert (await server.push(carrier, report))["results"][0]["needs"] == [facts["sha256"]]
    assert (await begin(server, carrier, facts["sha256"], len(stored))).status_code == 201
    assert (await patch(server, carrier, facts["sha256"], 0, stored)).status_code == 204
    assert "steppe-receipt" in (await head(server, carrier, facts["sha256"])).headers


async def test_another_node_continues_an_upload(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(50_000))
    await begin(server, phone, facts["sha256"], len(stored))
    await patch(server, phone, facts["sha256"], 0, stored[:20_000])
    async with node(server.settings, server.seeded) as other:
        last = await patch(other, server.phones[1], facts["sha256"], 20_000, stored[20_000:])
        assert "steppe-receipt" in last.headers


async def test_an_attachment_nobody_named_is_unknown(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, b"photo")
    for sha256, size in (("0" * 64, len(stored)), (facts["sha256"], len(stored) + 1)):
        refused = await begin(server, phone, sha256, size)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:steppe:problem:attachment-unknown")
    assert (await head(server, phone, "0" * 64)).status_code == 404
    assert (await patch(server, phone, "0" * 64, 0, b"x")).status_code == 404


async def test_a_chunk_must_begin_where_the_kept_bytes_end(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(1000))
    await begin(server, phone, facts["sha256"], len(stored))
    await patch(server, phone, facts["sha256"], 0, stored[:500])
    for offset in (0, 499, 501):
        refused = await patch(server, phone, facts["sha256"], offset, stored[offset:])
        assert (refused.status_code, refused.headers["upload-offset"]) == (409, "500")


async def test_a_damaged_chunk_is_refused_and_the_offset_stays(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(1000))
    await begin(server, phone, facts["sha256"], len(stored))
    refused = await patch(server, phone, facts["sha256"], 0, b"changed", Upload_Checksum=checksum(b"meant"))
    assert refused.status_code == 460
    assert (await head(server, phone, facts["sha256"])).headers["upload-offset"] == "0"


async def test_a_whole_with_another_hash_begins_anew(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(1000))
    wrong = bytes(len(stored))
    await begin(server, phone, facts["sha256"], len(stored))
    await patch(server, phone, facts["sha256"], 0, wrong[:400])
    refused = await patch(server, phone, facts["sha256"], 400, wrong[400:])
    assert (refused.status_code, refused.headers["upload-offset"]) == (460, "0")
    assert "steppe-receipt" not in refused.headers
    right = await patch(server, phone, facts["sha256"], 0, stored)
    assert "steppe-receipt" in right.headers


async def test_nothing_goes_beyond_the_declared_length(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(1000))
    await begin(server, phone, facts["sha256"], len(stored))
    refused = await patch(server, phone, facts["sha256"], 0, stored + b"more")
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:steppe:problem:chunk-too-long")
    assert (await head(server, phone, facts["sha256"])).headers["upload-offset"] == "0"


async def test_limits_and_headers_are_said_clearly(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(1000))
    sha256 = facts["sha256"]
    assert (await begin(server, phone, sha256, 21 * 1024 * 1024)).status_code == 413
    await begin(server, phone, sha256, len(stored))
    assert (await patch(server, phone, sha256, 0, bytes(1024 * 1024 + 1))).status_code == 413
    assert (await patch(server, phone, sha256, 0, stored, Upload_Offset="-1")).status_code == 400
    assert (await patch(server, phone, sha256, 0, stored, Upload_Checksum="md5 AAAA")).status_code == 400
    assert (await patch(server, phone, sha256, 0, stored, Content_Type="text/plain")).status_code == 400
    assert (await patch(server, phone, sha256, 0, stored, Tus_Resumable="0.2.2")).status_code == 412
    assert (await patch(server, phone, sha256, 0, stored, Authorization="Bearer nobody")).status_code == 401
    assert (await patch(server, phone, "A" * 64, 0, stored)).status_code in {400, 404}


async def test_two_phones_sending_the_same_chunk_at_once_count_it_once(server: Server) -> None:
    phone, second, _ = server.phones
    stored, facts = await named(server, phone, os.urandom(5000))
    await asyncio.gather(*(begin(server, one, facts["sha256"], len(stored)) for one in (phone, second)))
    both = await asyncio.gather(*(patch(server, one, facts["sha256"], 0, stored[:3000]) for one in (phone, second)))
    assert sorted(answer.status_code for answer in both) == [204, 409]
    assert {answer.headers["upload-offset"] for answer in both} == {"3000"}
    last = await asyncio.gather(*(patch(server, one, facts["sha256"], 3000, stored[3000:]) for one in (phone, second)))
    assert sorted(answer.status_code for answer in last) == [204, 409]


async def test_an_upload_left_undone_at_its_end_is_completed_when_asked(server: Server) -> None:
    """A node may stop between counting the last byte and verifying the whole."""
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(5000))
    await begin(server, phone, facts["sha256"], len(stored))
    mission_id = server.seeded.mission.id
    async with server.database.write() as session:
        upload = await commands.locked(session, mission_id, facts["sha256"])
        digest = hashlib.sha256(stored).hexdigest()
        await Blobs(server.settings).put(chunk_name(mission_id, facts["sha256"], 0, digest), stored)
        await commands.advance(session, upload, offset=0, size=len(stored), digest=digest)
    assert "steppe-receipt" in (await head(server, phone, facts["sha256"])).headers


async def test_an_upload_begun_before_pieces_were_listed_is_completed(server: Server) -> None:
    phone = server.phones[0]
    stored, facts = await named(server, phone, os.urandom(5000))
    await begin(server, phone, facts["sha256"], len(stored))
    mission_id = server.seeded.mission.id
    await Blobs(server.settings).put(unlisted_chunk_name(mission_id, facts["sha256"], 0), stored[:2000])
    async with server.database.write() as session:
        upload = await commands.locked(session, mission_id, facts["sha256"])
        upload.offset = 2000
    assert "steppe-receipt" in (await patch(server, phone, facts["sha256"], 2000, stored[2000:])).headers


async def test_two_phones_that_differ_over_an_offset_do_not_overwrite_each_other(server: Server) -> None:
    phone, second, _ = server.phones
    stored, facts = await named(server, phone, os.urandom(5000))
    await begin(server, phone, facts["sha256"], len(stored))
    both = await asyncio.gather(
        patch(server, phone, facts["sha256"], 0, stored[:3000]),
        patch(server, second, facts["sha256"], 0, stored[:2000]),
    )
    assert sorted(answer.status_code for answer in both) == [204, 409]
    reached = int(both[0].headers["upload-offset"])
    assert "steppe-receipt" in (await patch(server, phone, facts["sha256"], reached, stored[reached:])).headers
    assert [path for path in (server.settings.data / "blobs").rglob("uploads/*/*") if path.is_file()] == []


async def _completed(server: Server, phone: Phone, plain: bytes = b"a picture") -> tuple[str, dict[str, Any]]:
    """Upload a photo of a report in one piece; returns its SHA-256 and its receipt."""
    stored, facts = await named(server, phone, plain)
    await begin(server, phone, facts["sha256"], len(stored))
    last = await patch(server, phone, facts["sha256"], 0, stored)
    return facts["sha256"], server.receipts(last.headers["steppe-receipt"])


async def test_a_whole_attachment_takes_the_next_number_and_every_receipt_repeats_it(server: Server) -> None:
    phone, mate, _ = server.phones
    before = (await server.push(phone, phone.report()))["read"]["items"][0]["seq"]
    sha256, receipt = await _completed(server, phone)
    # The report that names it, then the bytes.
    assert (receipt["seq"], receipt["epoch"], receipt["safe_seq"]) == (before + 2, 1, None)
    async with server.database.write() as session:
        await raise_safe_seq(session, server.seeded.mission.id, receipt["seq"], epoch=1)
    for asked in (await head(server, mate, sha256), await begin(server, phone, sha256, receipt["size"])):
        assert server.receipts(asked.headers["steppe-receipt"]) == {**receipt, "safe_seq": receipt["seq"]}
    _, second = await _completed(server, phone, b"another")
    assert second["seq"] == receipt["seq"] + 2
    await assert_feed_has_no_gaps(server.database)


async def test_phones_that_know_nothing_of_such_lines_pull_past_them(server: Server) -> None:
    phone = server.phones[0]
    cursor = (await server.pull(phone))["next_cursor"]
    await _completed(server, phone)
    page = await server.pull(phone, cursor)
    assert [change["kind"] for change in page["changes"]] == ["submission"]
    later = await server.pull(phone, page["next_cursor"])
    assert (later["changes"], later["next_cursor"]) == ([], page["next_cursor"])


async def test_what_an_earlier_version_completed_gets_its_number_when_it_is_asked_for(server: Server) -> None:
    phone, mate, _ = server.phones
    sha256, first = await _completed(server, phone)
    async with server.database.write() as session:
        await session.execute(
            update(Attachment).where(col(Attachment.mission_id) == server.seeded.mission.id).values(seq=None)
        )
    both = await asyncio.gather(head(server, phone, sha256), begin(server, mate, sha256, first["size"]))
    numbers = {server.receipts(answer.headers["steppe-receipt"])["seq"] for answer in both}
    assert numbers == {first["seq"] + 1}
    assert server.receipts(both[0].headers["steppe-receipt"])["at"] == first["at"]
    await assert_feed_has_no_gaps(server.database)


async def test_the_desk_hears_of_a_whole_attachment_as_far_as_of_its_report(server: Server) -> None:
    phone = server.phones[0]
    await _completed(server, phone)
    stored, facts = encrypt_attachment(b"a secret")
    attachment = {"path": "photo", "type": "image/jpeg", **facts}
    closed = answers(photo=facts["plain_sha256"], conf_level="confidential")
    pushed = await server.push(phone, phone.report(closed, attachments=[attachment]))
    before = pushed["read"]["items"][0]["seq"]
    await begin(server, phone, facts["sha256"], len(stored))
    assert (await patch(server, phone, facts["sha256"], 0, stored)).status_code == 204
    everything = whole_mission(server.seeded.mission.id, "head")
    open_only = replace(everything, reaches=(Reach(("internal", "restricted")),))
    async with server.database.read() as session:
        heard = await news_for(session, everything, before)
        assert (heard[0], len(heard[1])) == (before + 1, 1)
        assert await news_for(session, open_only, before) == (before, set())
        assert (await news_for(session, open_only, before - 2))[0] == before - 1
