"""A relay between a browser and a server that counts what travels: every byte of requests and answers, with headers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

PIECE: Final = 65_536


@dataclass(slots=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    at: float
    up: int = 0
    down: int = 0

    @property
    def bytes(self) -> int:
        """Of both, with their headers."""
        return self.up + self.down


@dataclass(slots=True)
class Relay:
    """Listens on a port of its own and passes every byte on to a server on this machine (HTTP/1.1, no pipelining)."""

    server_port: int
    exchanges: list[Exchange] = field(default_factory=list)
    last_at: float = 0.0
    _listening: socket.socket | None = None

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listening is not None
        port: int = self._listening.getsockname()[1]
        return port

    def quiet_for(self, seconds: float) -> bool:
        """Say whether nothing has travelled for so long."""
        return time.monotonic() - self.last_at > seconds

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                phone, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            talk = _Talk(self, phone, server)
            threading.Thread(target=talk.go_up, daemon=True).start()
            threading.Thread(target=talk.go_down, daemon=True).start()


class _Talk:
    """One connection: what the phone sends after an answer begins the next exchange."""

    def __init__(self, relay: Relay, phone: socket.socket, server: socket.socket) -> None:
        self.relay, self.phone, self.server = relay, phone, server
        self.exchange: Exchange | None = None
        self.is_answering = True

    def go_up(self) -> None:
        for piece in _passed(self.phone, self.server):
            if self.is_answering or self.exchange is None:
                method, path, *_ = piece.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                self.exchange = Exchange(method, path, time.monotonic())
                self.relay.exchanges.append(self.exchange)
                self.is_answering = False
            self.exchange.up += len(piece)
            self.relay.last_at = time.monotonic()

    def go_down(self) -> None:
        for piece in _passed(self.server, self.phone):
            self.is_answering = True
            if self.exchange is not None:
                self.exchange.down += len(piece)
            self.relay.last_at = time.monotonic()


def _passed(source: socket.socket, sink: socket.socket) -> Iterable[bytes]:
    """Yield what arrives, then pass it on, until one of the two ends hangs up; then both do."""
    try:
        while piece := source.recv(PIECE):
            yield piece
            sink.sendall(piece)
    except OSError:
        # A connection that a browser or a stopped server cut.
        return
    finally:
        for end in (source, sink):
            end.close()
