"""An object store that speaks just enough S3 to be hung, slow, refusing or well, as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Mood = Literal["well", "hung", "failing", "slow"]
SLOW_SECONDS = 0.2
_MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


class ObjectStore:
    """Keeps objects in memory; `mood` says how it answers from the next request on."""

    def __init__(self) -> None:
        self.mood: Mood = "well"
        self.objects: dict[str, bytes] = {}
        self.asked = 0
        self.port = 0
        self.close_door: Callable[[], None] = lambda: None
        self._open: set[asyncio.StreamWriter] = set()
        self._hung_up = asyncio.Event()

    @property
    def environment(self) -> dict[str, str]:
        """What a server needs to find it, beside the address `s3://bucket`."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self._open.add(writer)
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split()
                headers: dict[str, str] = {}
                while (header := (await reader.readline()).decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked += 1
                if self.mood == "hung":
                    await self._hung_up.wait()
                if self.mood == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                status, answer = (500, b"") if self.mood == "failing" else self._answer(method, target, body)
                head = (
                    f'HTTP/1.1 {status} x\r\nContent-Length: {len(answer)}\r\nETag: "x"\r\n'
                    "Last-Modified: Sun, 10 Jan 2021 00:00:00 GMT\r\nContent-Type: application/xml\r\n\r\n"
                )
                writer.write(head.encode() + (b"" if method == "HEAD" else answer))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The other side left, or the test is over.
            return
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(target)
        key = unquote(parts.path).removeprefix("/bucket").strip("/")
        if method == "PUT":
            self.objects[key] = body
        elif method == "DELETE":
            self.objects.pop(key, None)
        elif method == "POST" and "delete" in parts.query:
            gone = [name for name in self.objects if f"<Key>{escape(name)}</Key>".encode() in body]
            for name in gone:
                del self.objects[name]
            deleted = "".join(f"<Deleted><Key>{one}</Key></Deleted>" for one in gone)
            return 200, f"<DeleteResult>{deleted}</DeleteResult>".encode()
        elif "list-type" in parts.query:
            # A list of the whole bucket names no beginning.
            wanted = parse_qs(parts.query).get("prefix", [""])[0]
            found = "".join(
                f"<Contents><Key>{escape(name)}</Key><LastModified>2021-01-10T00:00:00.000Z</LastModified>"
                f"<Size>{len(held)}</Size></Contents>"
                for name, held in self.objects.items()
                if name.startswith(wanted)
            )
            return 200, f"<ListBucketResult>{found}</ListBucketResult>".encode()
        else:
            return (200, self.objects[key]) if key in self.objects else (404, _MISSING)
        return 200, b""

    def hang_up(self) -> None:
        """Close every connection, as a restarted store does."""
        self._hung_up.set()
        self._hung_up = asyncio.Event()
        for writer in tuple(self._open):
            writer.close()


@asynccontextmanager
async def object_store() -> AsyncIterator[ObjectStore]:
    """A store on a free port of this machine."""
    store = ObjectStore()
    listening = await asyncio.start_server(store.serve, "127.0.0.1", 0)
    store.close_door = listening.close
    store.port = listening.sockets[0].getsockname()[1]
    try:
        yield store
    finally:
        listening.close()
        store.hang_up()
