"""A relay between a browser and a server that counts what travels: every byte of requests and answers, with headers.

It can be as slow as a phone's line: all connections then share it, as they share a mast.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Queue
from typing import Final, Self

PIECE: Final = 65_536
_SLOW_PIECE: Final = 1_460
"""Bytes of a packet."""
_ON_THE_WAY: Final = 64
"""Packets of one connection that a slow line may hold."""


class SlowLine:
    """One direction of a line with a rate and a delay, shared by whatever travels on it."""

    def __init__(self, bytes_per_second: float, delay: float) -> None:
        """Take the rate, and the seconds that a byte is on its way at least."""
        self.rate, self.delay = bytes_per_second, delay
        self._free_at = 0.0
        self._lock = threading.Lock()

    def arrival(self, size: int) -> float:
        """Put so many bytes on the line and return when the last of them arrives, in seconds of `time.monotonic`."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + size / self.rate
            return self._free_at + self.delay


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
    up: SlowLine | None = None
    down: SlowLine | None = None
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
            threading.Thread(target=self._connect, args=(phone,), daemon=True).start()

    def _connect(self, phone: socket.socket) -> None:
        if self.up is not None and self.down is not None:
            # A connection is made in one turn there and back; the phone's kernel has it at once here.
            time.sleep(self.up.delay + self.down.delay)
        try:
            server = socket.create_connection(("127.0.0.1", self.server_port))
        except OSError:
            # The server stops: so does whoever wanted it.
            phone.close()
            return
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
        for piece in _passed(self.phone, self.server, self.relay.up):
            if self.is_answering or self.exchange is None:
                method, path, *_ = piece.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                self.exchange = Exchange(method, path, time.monotonic())
                self.relay.exchanges.append(self.exchange)
                self.is_answering = False
            self.exchange.up += len(piece)
            self.relay.last_at = time.monotonic()

    def go_down(self) -> None:
        for piece in _passed(self.server, self.phone, self.relay.down):
            self.is_answering = True
            if self.exchange is not None:
                self.exchange.down += len(piece)
            self.relay.last_at = time.monotonic()


def _passed(source: socket.socket, sink: socket.socket, line: SlowLine | None) -> Iterable[bytes]:
    """Yield what arrives, then pass it on, until one of the two ends hangs up; then both do."""
    travelling: Queue[tuple[float, bytes]] = Queue(_ON_THE_WAY)
    if line is not None:
        threading.Thread(target=_arrive, args=(travelling, sink), daemon=True).start()
    try:
        while piece := source.recv(_SLOW_PIECE if line else PIECE):
            yield piece
            if line is None:
                sink.sendall(piece)
            else:
                travelling.put((line.arrival(len(piece)), piece))
    except OSError:
        # A connection that a browser or a stopped server cut.
        return
    finally:
        _hang_up(source)
        if line is None:
            _hang_up(sink)
        else:
            travelling.put((0.0, b""))


def _arrive(travelling: Queue[tuple[float, bytes]], sink: socket.socket) -> None:
    """Hand over each piece when it arrives, until an empty one."""
    is_open = True
    while (next_piece := travelling.get())[1]:
        at, piece = next_piece
        time.sleep(max(0.0, at - time.monotonic()))
        try:
            if is_open:
                sink.sendall(piece)
        except OSError:
            # The other end hung up; what is still on the way arrives nowhere.
            is_open = False
    _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    """Close a connection. Closing alone tells the other end nothing while a thread waits for its bytes."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
