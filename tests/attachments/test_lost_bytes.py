"""The store lost bytes that the rows call whole: no receipt is signed for them, and phones bring them again."""

import asyncio
from typing import Any

import pytest

from steppe.attachments.blob_names import whole_name
from steppe.attachments.lost import lost_among
from steppe.kit.blobs import Blobs
from tests.attachments.object_store import ObjectStore
from tests.attachments.test_uploads import begin, head, named, patch
from tests.fixtures_checklist import answers
from tests.fixtures_desk import cookie
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server
from tests.sync.rows import assert_feed_has_no_gaps


async def whole(server: Server, phone: Phone) -> tuple[bytes, str, dict[str, Any]]:
    """Upload a photo; returns its bytes, its SHA-256 and its receipt."""
    stored, facts = await named(server, phone, b"a picture")
    await begin(server, phone, facts["sha256"], len(stored))
    last = await patch(server, phone, facts["sha256"], 0, stored)
    return stored, facts["sha256"], server.receipts(last.headers["steppe-receipt"])


def name_of(server: Server, sha256: str) -> str:
    return whole_name(server.seeded.mission.id, sha256)


@pytest.mark.parametrize("how", ["gone", "cut"])
async def test_bytes_the_store_lost_get_no_receipt_and_begin_anew(server: Server, how: str) -> None:
    phone, mate, _ = server.phones
    blobs = Blobs(server.settings)
    for ask in ("head", "begin"):
        stored, sha256, first = await whole(server, phone)
        await (blobs.delete(name_of(server, sha256)) if how == "gone" else blobs.put(name_of(server, sha256), b"half"))
        asked = await (head(server, mate, sha256) if ask == "head" else begin(server, mate, sha256, len(stored)))
        assert ("steppe-receipt" in asked.headers, asked.headers["upload-offset"]) == (False, "0")
        again = server.receipts((await patch(server, mate, sha256, 0, stored)).headers["steppe-receipt"])
        # A new number: the copies of the old one's time may be without its bytes.
        assert again["seq"] > first["seq"]
        assert await blobs.get(name_of(server, sha256)) == stored
    await assert_feed_has_no_gaps(server.database)


async def test_a_push_is_told_to_bring_what_the_store_lost(server: Server) -> None:
    phone, _, carrier = server.phones
    stored, sha256, _ = await whole(server, phone)
    replay = phone.seal(phone.made[-1])
    assert "needs" not in (await server.push(phone, replay))["results"][0]
    await Blobs(server.settings).delete(name_of(server, sha256))
    # Another phone that brings the report once more may bring the bytes, too.
    told = (await server.push(carrier, "nonsense", replay))["results"]
    assert [result.get("needs") for result in told] == [None, [sha256]]
    assert (await begin(server, carrier, sha256, len(stored))).headers["upload-offset"] == "0"
    assert "steppe-receipt" in (await patch(server, carrier, sha256, 0, stored)).headers
    assert "needs" not in (await server.push(phone, replay))["results"][0]


async def test_a_lost_photo_is_not_there_at_the_desk(server: Server) -> None:
    _, sha256, _ = await whole(server, server.phones[0])
    await Blobs(server.settings).delete(name_of(server, sha256))
    asked = await server.client.get(f"{API}/attachments/{sha256}/content", headers=cookie(server, "coordinator"))
    assert asked.status_code == 404


async def test_what_is_brought_again_while_it_is_looked_for_stays_whole(server: Server) -> None:
    phone, mate, _ = server.phones
    stored, sha256, _ = await whole(server, phone)
    await Blobs(server.settings).delete(name_of(server, sha256))
    both = await asyncio.gather(
        *(lost_among(server.database, Blobs(server.settings), server.seeded.mission.id, {sha256}) for _ in range(2))
    )
    assert sorted(map(len, both)) == [0, 1]
    await patch(server, mate, sha256, 0, stored)
    assert "steppe-receipt" in (await head(server, phone, sha256)).headers


async def test_a_store_that_is_away_holds_no_push_and_signs_no_receipt(far: Server, store: ObjectStore) -> None:
    phone = far.phones[0]
    _, sha256, _ = await whole(far, phone)
    replay = phone.seal(phone.made[-1])
    asked = store.asked
    await far.push(phone)
    assert (await far.push(phone, phone.report(answers())))["results"] == [{"status": "stored"}]
    assert store.asked == asked, "a push without attachments asks no store"
    store.mood = "failing"
    # The rows are believed: nothing is known of the bytes, and nothing is said.
    assert (await far.push(phone, replay))["results"] == [{"status": "duplicate"}]
    assert store.asked > asked
    refused = await head(far, phone, sha256)
    assert (refused.status_code, "steppe-receipt" in refused.headers) == (503, False)
    far.client._transport.app.state.parts.put(Blobs(far.settings, patience=0.5))  # type: ignore[attr-defined]  # as in the fixture
    store.mood = "well"
    assert "steppe-receipt" in (await head(far, phone, sha256)).headers
