"""The pipe between the phones' process and the server's: every message is a header in JSON and some bytes."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError

from steppe.kit.problems import TryLater
from tests.proof.asgi import Asked
from tests.proof.durable import set_clock, steps
from tests.proof.headquarters import Headquarters
from tests.proof.server_bugs import commit_late, wake_bug

_FRAME = struct.Struct(">II")
Header = dict[str, Any]


async def read_message(stream: asyncio.StreamReader) -> tuple[Header, bytes] | None:
    """Return the next message; None at the end."""
    try:
        head, body = _FRAME.unpack(await stream.readexactly(_FRAME.size))
        return orjson.loads(await stream.readexactly(head)), await stream.readexactly(body)
    except asyncio.IncompleteReadError:
        return None


def write_message(stream: asyncio.StreamWriter, header: Header, body: bytes = b"") -> None:
    """Queue one message."""
    head = orjson.dumps(header)
    stream.write(_FRAME.pack(len(head), len(body)) + head + body)


class Orders:
    """What the phones' process asks of the server's."""

    def __init__(self, headquarters: Headquarters) -> None:
        """Keep the server."""
        self._headquarters = headquarters
        self._plain: dict[str, Callable[[], Awaitable[Any]]] = {
            "begin": headquarters.begin,
            "keep": headquarters.keep,
            "start": headquarters.start,
            "stop": headquarters.stop,
            "drop": headquarters.drop,
            "publish": headquarters.publish,
            "retire": headquarters.retire,
            "facts": headquarters.facts,
        }
        self._named: dict[str, Callable[..., Any]] = {
            "copy": lambda **given: headquarters.copy(**given),  # noqa: PLW0108 - a sown bug may stand in its place by then
            "back up": headquarters.back_up,
            "put back": headquarters.put_back,
            "revoke": headquarters.revoke,
            "code": headquarters.code,
            "rotate": headquarters.rotate,
            "move": headquarters.move,
        }

    async def obey(self, header: Header, body: bytes) -> tuple[Header, bytes]:
        """Do what a message asks and return the answer to it."""
        set_clock(header["now"])
        what = header["what"]
        if what != "ask" or "die" in header:
            await self._headquarters.second()
        await commit_late(is_dead=what == "drop")
        if what == "ask":
            return await self._ask(header, body)
        if what == "bug":
            wake_bug(header["bug"])
            return {}, b""
        if what == "trouble":
            self._headquarters.trouble(header["database"], is_store_full=header["store"] == "full")
            return {}, b""
        if what in self._named:
            try:
                return {"answer": await self._named[what](**header["given"]), "is_done": True}, b""
            except (SQLAlchemyError, TryLater):
                # The machine is in trouble: what a person tried came to nothing.
                return {"is_done": False}, b""
        return {"answer": await self._plain[what]()}, b""

    async def _ask(self, header: Header, body: bytes) -> tuple[Header, bytes]:
        if "die" in header:
            steps.arm(header["die"]["step"], is_after=header["die"]["after"])
        asked = Asked(header["method"], header["path"], header["headers"], body, header.get("cut"))
        answered = await self._headquarters.ask(asked)
        steps.disarm()
        if answered is None:
            return {"status": 0}, b""
        return {"status": answered.status, "headers": answered.headers}, answered.body
