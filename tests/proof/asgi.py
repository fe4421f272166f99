"""One request to an application in this process: its body may end early, as when a phone leaves in the middle of it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass(slots=True)
class Asked:
    """A request as it arrives. `cut`: bytes of its body that still arrive before the connection ends."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: int | None = None


@dataclass(slots=True)
class Answered:
    """What the application sent; status 0 when it sent nothing."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def _scope(asked: Asked) -> dict[str, Any]:
    path, _, query = asked.path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in asked.headers],
        "client": ("192.0.2.1", 1),
        "server": ("hq.test", 443),
        "state": {},
    }


async def ask(app: ASGIApp, asked: Asked) -> Answered:
    """Put one request to `app` and return its answer. Raises what escapes the application."""
    answered = Answered()
    is_over = asyncio.Event()
    left = [asked.body if asked.cut is None else asked.body[: asked.cut]]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": asked.cut is not None}
        if asked.cut is None:
            await is_over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            answered.body += message.get("body", b"")
            if not message.get("more_body", False):
                is_over.set()

    await app(_scope(asked), receive, send)
    return answered
