"""Structured logs: one JSON line per request, never with content.

A line says which route was called, not which address (addresses carry ids), and nothing of bodies, queries, tokens or
names.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steppe.kit.clock import iso, now

log = logging.getLogger("steppe")


class JsonLines(logging.Formatter):
    """Format a record as one JSON object; `extra={"facts": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts: dict[str, Any] = getattr(record, "facts", {})
        line = {"at": iso(now()), "level": record.levelname.lower(), "event": record.getMessage(), **facts}
        if record.exc_info and record.exc_info[0] is not None:
            # The type and place of a failure, not its message: driver errors quote the values they choke on.
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            line["error"] = record.exc_info[0].__name__
            if trace is not None:
                line["where"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        return json.dumps(line)


def set_up_logs(level: int = logging.INFO) -> None:
    """Send every logger's records to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True


class RequestLog:
    """ASGI middleware: one line per request with route, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            route = scope.get("route")
            facts = {
                "method": scope["method"],
                "route": getattr(route, "path", "page"),
                "status": status,
                "ms": round((time.perf_counter() - begun) * 1000, 1),
            }
            log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra={"facts": facts})
