"""A push cut off at any byte: the phone sends it again, and the log holds no failure of the server."""

import hashlib
import logging
from base64 import b64encode
from typing import Any

import pytest
from starlette.types import Message

from tests.attachments.test_kept_aside import with_photo
from tests.fixtures_checklist import answers
from tests.fixtures_server import API, Server

CUTS = 60


@pytest.fixture
def body(server: Server) -> bytes:
    phone = server.phones[0]
    made: bytes = server.client.build_request("POST", "/", json=phone.push_body(phone.report(answers()))).content
    return made


async def cut_off(
    server: Server, sent: bytes, method: str = "POST", path: str = "/sync/push", told: dict[str, str] | None = None
) -> list[Message]:
    """Send the beginning of a push, or of another request, then leave; returns what the server would have said."""
    said: list[Message] = []
    coming: list[Message] = [
        {"type": "http.request", "body": sent, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    headers = [] if told else [(b"content-type", b"application/json"), (b"content-length", b"100000")]
    given = {**server.phones[0].bearer, **(told or {})}
    headers += [(name.lower().encode(), value.encode()) for name, value in given.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": f"{API}{path}",
        "raw_path": f"{API}{path}".encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    await server.client._transport.app(scope, receive, send)  # type: ignore[attr-defined]  # httpx knows no client that leaves
    return said


async def test_a_phone_that_leaves_in_the_middle_is_no_failure_of_ours(
    server: Server, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "steppe")
    for place in range(0, len(body), max(len(body) // CUTS, 1)):
        said = await cut_off(server, body[:place])
        assert [message["status"] for message in said if message["type"] == "http.response.start"] == [499]
    told = [record.facts["status"] for record in caplog.records if record.getMessage() == "request"]  # type: ignore[attr-defined]  # `extra` of the record
    assert set(told) == {499}
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_push_whose_end_is_missing_is_refused_and_keeps_nothing(server: Server, body: bytes) -> None:
    phone = server.phones[0]
    headers = {**phone.bearer, "Content-Type": "application/json"}
    for place in range(0, len(body), max(len(body) // CUTS, 1)):
        answer = await server.client.post(f"{API}/sync/push", content=body[:place], headers=headers)
        assert 400 <= answer.status_code < 500
        assert answer.json()["next"]
    whole = await server.client.post(f"{API}/sync/push", content=body, headers=headers)
    assert whole.json()["results"][0]["status"] == "stored"


async def test_what_came_of_a_cut_piece_of_a_photo_is_not_sent_again(server: Server) -> None:
    phone = server.phones[0]
    item, sha256, content = with_photo(phone, b"a picture" * 4_000)
    await server.push(phone, item)
    tus = {**phone.bearer, "Tus-Resumable": "1.0.0"}
    named = {"Upload-Length": str(len(content)), "Upload-Metadata": f"sha256 {b64encode(sha256.encode()).decode()}"}
    begun = await server.client.post(f"{API}/attachments", headers={**tus, **named})
    assert begun.headers["upload-offset"] == "0"
    path, kept = f"/attachments/{sha256}", 0
    # Little of it is nothing; the rest counts, from wherever it goes on.
    for cut, then in ((100, 0), (10_000, 10_000), (15_000, 25_000)):
        told = {
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(kept),
            "Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(content[kept:]).digest()).decode()}",
            "Content-Length": str(len(content) - kept),
        }
        await cut_off(server, content[kept : kept + cut], "PATCH", path, told)
        kept = int((await server.client.head(f"{API}{path}", headers=tus)).headers["upload-offset"])
        assert kept == then
    rest = {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(kept),
        "Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(content[kept:]).digest()).decode()}",
    }
    last = await server.client.patch(f"{API}{path}", content=content[kept:], headers={**tus, **rest})
    assert server.receipts(last.headers["steppe-receipt"])["sha256"] == sha256
