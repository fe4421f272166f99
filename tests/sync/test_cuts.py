"""A push cut off at any byte: the phone sends it again, and the log holds no failure of the server."""

import logging
from typing import Any

import pytest
from starlette.types import Message

from tests.fixtures_checklist import answers
from tests.fixtures_server import API, Server

CUTS = 60


@pytest.fixture
def body(server: Server) -> bytes:
    phone = server.phones[0]
    made: bytes = server.client.build_request("POST", "/", json=phone.push_body(phone.report(answers()))).content
    return made


async def cut_off(server: Server, sent: bytes) -> list[Message]:
    """Send the beginning of a push, then leave; returns what the server would have said."""
    said: list[Message] = []
    coming: list[Message] = [
        {"type": "http.request", "body": sent, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"100000")]
    headers += [(name.lower().encode(), value.encode()) for name, value in server.phones[0].bearer.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"{API}/sync/push",
        "raw_path": f"{API}/sync/push".encode(),
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
