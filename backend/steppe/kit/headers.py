"""Headers every answer carries, whoever made it: what a browser may do with it, and who may keep it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steppe.kit.settings import Settings

_ALWAYS: Final[Mapping[str, str]] = {
    # An answer is data: opened by itself it may load nothing, run nothing and be framed by nobody. Pages say their own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TRANSPORT_SECURITY: Final[Mapping[str, str]] = {"Strict-Transport-Security": "max-age=31536000"}
_NAMES: Final = (*_ALWAYS, *_TRANSPORT_SECURITY)


def safe_headers(settings: Settings) -> dict[str, str]:
    """Return what every answer of a server with these settings carries unless it says otherwise itself."""
    if settings.public_url.startswith("https://"):
        # Without includeSubDomains: the name above may serve others.
        return {**_ALWAYS, **_TRANSPORT_SECURITY}
    return dict(_ALWAYS)


class SafeHeaders:
    """ASGI middleware: adds `safe_headers` to each answer, and lets nobody keep an error.

    An answer that says one of them with an empty value goes without it: see `pages.UNSAID`.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Wrap `app`."""
        self.app = app
        self._headers = safe_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete its answer."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _NAMES:
                    if headers.setdefault(name, self._headers.get(name, "")) == "":
                        del headers[name]
                if message["status"] >= HTTPStatus.BAD_REQUEST:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, complete if scope["type"] == "http" else send)
