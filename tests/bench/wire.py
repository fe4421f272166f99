"""A small HTTP/1.1 client that counts every byte, headers included, and costs little beside the server it measures."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(slots=True)
class Answer:
    """An answer and what it took: bytes up and down with their headers."""

    status: int
    headers: dict[str, str]
    body: bytes
    up: int
    down: int


@dataclass(slots=True)
class Wire:
    """One kept-alive connection to a server on this machine. The headers are those httpx sends."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and read its whole answer. Raises AssertionError when it does not say how long it is."""
        assert self._reader is not None
        assert self._writer is not None
        head = {
            "Host": f"127.0.0.1:{self.port}",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
            "User-Agent": "python-httpx/0.28.1",
            **self.headers,
            **(headers or {}),
            **({"Content-Length": str(len(body))} if method != "GET" else {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        sent = f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
        self._writer.write(sent)
        raw = await self._reader.readuntil(b"\r\n\r\n")
        status_line, *fields = raw[:-4].decode().split("\r\n")
        told: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in fields):
            # An answer may set several cookies; a browser sends them all back.
            cookie = value.strip().partition(";")[0] if name.lower() == "set-cookie" else value.strip()
            before = told.get(name.lower())
            told[name.lower()] = f"{before}; {cookie}" if before else cookie
        assert "content-length" in told or told.get("transfer-encoding") is None, "an answer of unknown length"
        content = await self._reader.readexactly(int(told.get("content-length", "0")))
        body = gzip.decompress(content) if told.get("content-encoding") == "gzip" else content
        return Answer(int(status_line.split(" ")[1]), told, body, len(sent), len(raw) + len(content))
