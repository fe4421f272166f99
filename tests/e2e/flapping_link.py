"""A link between phone and server that breaks again and again in the middle of what is sent."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

PIECE = 2_048
AWAY_SECONDS = 0.1


class FlappingLink:
    """Passes bytes on to a server on this machine; once `breaks_after` is set, breaks whenever so many went up."""

    def __init__(self, server_port: int) -> None:
        """Listen on a port of its own, and pass everything on."""
        self._server = ("127.0.0.1", server_port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.breaks_after: int | None = None
        """Bytes that go up between one break and the next; None keeps the link whole."""
        self.breaks = 0
        self._up = 0
        self._back_at = 0.0
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Go away, with every connection."""
        self._listening.close()
        self._hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._listening.accept()
                if time.monotonic() < self._back_at:
                    phone.close()
                    continue
                try:
                    server = socket.create_connection(self._server)
                except OSError:
                    phone.close()
                    continue
                with self._lock:
                    self._ends |= {phone, server}
                for source, sink, is_up in ((phone, server, True), (server, phone, False)):
                    threading.Thread(target=self._pass, args=(source, sink, is_up), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_up: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                sink.sendall(piece)
                if is_up:
                    self._count(len(piece))
        self._end(source, sink)

    def _count(self, size: int) -> None:
        self._up += size
        if self.breaks_after is not None and self._up >= self.breaks_after:
            self._up = 0
            self.breaks += 1
            self._back_at = time.monotonic() + AWAY_SECONDS
            self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            ends = list(self._ends)
        self._end(*ends)

    def _end(self, *ends: socket.socket) -> None:
        with self._lock:
            self._ends -= set(ends)
        for end in ends:
            # Whoever reads from it in another thread is woken by the shutdown, not by the close.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
