"""A client that sends a body slowly, or never to its end, keeps nothing from others but its own connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fixtures_desk import OWN, cookie
from tests.fixtures_server import API, Server

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=steppe"}


class EndlessBody:
    """A body of which the first byte comes, and then nothing."""

    def __init__(self) -> None:
        self.is_awaited = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        self.is_awaited.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/enrolments/keys", "stranger"),
        ("/enrolments/redeem", "stranger"),
        ("/session", "stranger"),
        ("/sync/push", "phone"),
        ("/sync/pull", "phone"),
        ("/desk/checklists/0190a0a0-0000-4000-8000-000000000000/status", "admin"),
        ("/desk/checklists/check", "admin"),
        ("/desk/checklists", "admin"),
    ],
)
async def test_an_unfinished_body_holds_no_connection_to_the_database(server: Server, path: str, who: str) -> None:
    headers: dict[str, str] = {**OWN, **JSON}
    if who == "admin":
        headers |= cookie(server, "admin") | (FORM if "status" not in path else {})
    elif path == "/sync/push":
        headers |= server.phones[0].bearer
    elif who == "phone":
        headers |= await proof(server, f"{API}{path}")
    body = EndlessBody()
    asking = asyncio.create_task(server.client.post(f"{API}{path}", headers=headers, content=aiter(body)))
    await asyncio.wait([asking, waiting := asyncio.create_task(body.is_awaited.wait())], return_when="FIRST_COMPLETED")
    pools: list[Any] = [server.database.reader.pool, server.database.writer.pool]
    held = [pool.checkedout() for pool in pools]
    was_read = not asking.done()
    asking.cancel()
    waiting.cancel()
    assert (was_read, held) == (True, [0, 0])


async def proof(server: Server, path: str) -> dict[str, str]:
    phone = server.phones[0]
    first = await server.client.post(path, headers=phone.proof("POST", path, ""), json={"cursor": None, "limit": 1})
    return phone.proof("POST", path, first.headers["dpop-nonce"])
