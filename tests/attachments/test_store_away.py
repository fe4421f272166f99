"""An object store that hangs, refuses, fails or is slow: photos wait, reports flow."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from steppe.kit.blobs import FAILURES_IN_A_ROW, Blobs, BlobsAway, Breaker
from steppe.kit.settings import Settings
from tests.attachments.object_store import Mood, ObjectStore
from tests.attachments.test_uploads import begin, head, named, patch
from tests.fixtures_checklist import answers
from tests.fixtures_server import API, Server

PHOTOS = 20


async def photos(server: Server, count: int) -> list[tuple[bytes, dict[str, Any]]]:
    made = [await named(server, server.phones[0], os.urandom(2000)) for _ in range(count)]
    for stored, facts in made:
        assert (await begin(server, server.phones[0], facts["sha256"], len(stored))).status_code == 201
    return made


async def test_a_photo_goes_to_the_store_and_comes_back(far: Server, store: ObjectStore) -> None:
    [(stored, facts)] = await photos(far, 1)
    await patch(far, far.phones[0], facts["sha256"], 0, stored[:900])
    last = await patch(far, far.phones[0], facts["sha256"], 900, stored[900:])
    assert "steppe-receipt" in last.headers
    assert list(store.objects) == [f"{far.seeded.mission.id}/attachments/{facts['sha256']}"]


async def test_a_store_says_whether_it_is_empty_and_what_it_keeps(tmp_path: Path, store: ObjectStore) -> None:
    for address in ("s3://bucket", "s3://bucket/mission"):
        blobs = Blobs(Settings(data=tmp_path, blob_url=address))
        assert await blobs.is_empty()
        await blobs.put("attachments/one & two", b"a photo")
        assert (await blobs.is_empty(), await blobs.names()) == (False, ["attachments/one & two"])
        store.objects.clear()


@pytest.mark.parametrize("mood", ["hung", "failing", "refusing"])
async def test_reports_flow_while_photos_wait_for_the_store(far: Server, store: ObjectStore, mood: str) -> None:
    phone = far.phones[0]
    made = await photos(far, PHOTOS)
    if mood == "refusing":
        store.close_door()
        store.hang_up()
    else:
        store.mood = mood  # type: ignore[assignment]  # a mood is one of the words this loop lists
    waiting = [asyncio.create_task(patch(far, phone, facts["sha256"], 0, stored)) for stored, facts in made]
    await asyncio.sleep(0.05)
    for _ in range(5):
        pushed = await far.push(phone, phone.report(answers()))
        assert pushed["results"][0]["status"] == "stored"
    for answer in await asyncio.gather(*waiting):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:steppe:problem:try-later")
        assert int(answer.headers["retry-after"]) >= 1
    health = await far.client.get(f"{API}/health")
    assert (health.status_code, health.json()) == (200, {"status": "red", "database": "ok", "blobs": "away"})
    asked = store.asked
    assert (await patch(far, phone, made[0][1]["sha256"], 0, made[0][0])).status_code == 503
    assert store.asked == asked, "a store that rests is not asked"


async def test_photos_go_on_where_they_stopped_when_the_store_is_back(far: Server, store: ObjectStore) -> None:
    phone = far.phones[0]
    [(stored, facts)] = await photos(far, 1)
    await patch(far, phone, facts["sha256"], 0, stored[:900])
    store.mood = "hung"
    assert (await patch(far, phone, facts["sha256"], 900, stored[900:])).status_code == 503
    store.mood = "well"
    store.hang_up()
    assert (await head(far, phone, facts["sha256"])).headers["upload-offset"] == "900"
    assert "steppe-receipt" in (await patch(far, phone, facts["sha256"], 900, stored[900:])).headers


async def test_a_store_that_goes_away_before_the_whole_is_verified_gives_no_receipt_until_it_is(
    far: Server, store: ObjectStore
) -> None:
    phone = far.phones[0]
    [(stored, facts)] = await photos(far, 1)
    await patch(far, phone, facts["sha256"], 0, stored[:900])
    moods: list[Mood] = ["well", "failing", "failing"]
    answer = store._answer

    def then_fails(method: str, target: str, body: bytes) -> tuple[int, bytes]:
        given = answer(method, target, body)
        if method == "PUT":
            store.mood = moods[1]
        return given

    store._answer = then_fails  # type: ignore[method-assign]  # the store answers otherwise for a while
    last = await patch(far, phone, facts["sha256"], 900, stored[900:])
    assert (last.status_code, "steppe-receipt" in last.headers) == (503, False)
    store._answer = answer  # type: ignore[method-assign]  # the store answers otherwise for a while
    store.mood = "well"
    assert "steppe-receipt" in (await head(far, phone, facts["sha256"])).headers


async def test_a_slow_store_is_waited_for(far: Server, store: ObjectStore) -> None:
    phone = far.phones[0]
    [(stored, facts)] = await photos(far, 1)
    store.mood = "slow"
    assert "steppe-receipt" in (await patch(far, phone, facts["sha256"], 0, stored)).headers


def test_after_failures_one_request_tries_the_store_for_all() -> None:
    seconds = 0.0
    breaker = Breaker(lambda: seconds)
    for _ in range(FAILURES_IN_A_ROW):
        breaker.enter()
        breaker.failed()
    with pytest.raises(BlobsAway) as refused:
        breaker.enter()
    assert int(refused.value.headers["Retry-After"]) > 1
    seconds = 60.0
    breaker.enter()
    with pytest.raises(BlobsAway):
        breaker.enter()
    breaker.failed()
    with pytest.raises(BlobsAway):
        breaker.enter()
    seconds = 120.0
    breaker.enter()
    breaker.gave_up()
    breaker.enter()
    breaker.succeeded()
    breaker.enter()
    breaker.enter()
