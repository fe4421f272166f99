"""Somebody between phone and headquarters, whom the phone takes for the server: it can put other keys into answers."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from joserfc.jwk import ECKey

from tests.e2e.server import Server

API = "/api/v1"
PASSED_ON = frozenset({"authorization", "content-type", "content-encoding", "dpop", "dpop-nonce", "accept"})


class Between:
    """Passes everything on to a server, and swaps the mission's keys in answers of the paths in `swapping`."""

    def __init__(self, server: Server) -> None:
        """Stand before `server` on a port of its own."""
        self.server = server
        self.swapping: set[str] = set()
        self.asked: list[str] = []
        self._listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answer))
        self.url = f"http://127.0.0.1:{self._listening.server_port}"
        threading.Thread(target=self._listening.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Go away."""
        self._listening.shutdown()
        self._listening.server_close()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """Give the server's answer, or what is made of it."""
        self.asked.append(path)
        answer = httpx.request(method, self.server.url + path, headers=headers, content=body, timeout=60)
        if path.removeprefix(API) not in self.swapping or not answer.is_success:
            return answer
        told = answer.json()
        told["keys"] = {purpose: _other_key() for purpose in told["keys"]}
        return httpx.Response(
            answer.status_code, headers={"content-type": "application/json"}, content=json.dumps(told).encode()
        )


def _other_key() -> dict[str, Any]:
    key = ECKey.generate_key("P-256")
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


def _handler(answer: Callable[[str, str, dict[str, str], bytes], httpx.Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            told = answer(self.command, self.path, headers, body)
            self.send_response(told.status_code)
            for name, value in told.headers.items():
                # The body was unpacked on the way.
                if name not in {"content-encoding", "content-length", "transfer-encoding", "connection", "date"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.content)))
            self.end_headers()
            self.wfile.write(told.content)

        do_GET = do_POST = do_PATCH = do_HEAD = _pass_on  # noqa: N815  (the names the standard library calls)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name the standard library gave it)
            pass

    return Handler
