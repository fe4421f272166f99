"""Proof of possession (RFC 9449) with nonces made by the server.

Freshness rests on the nonce alone: a phone days without network may have any time on its clock, so nobody reads `iat`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steppe.kit.problems import Problem

NONCE_LIFE_SECONDS = 300
_MAC_BYTES = 12


class UseDpopNonce(Problem):
    """The proof lacks a fresh nonce; one is in the answer's header."""

    slug = "use-dpop-nonce"
    status = HTTPStatus.UNAUTHORIZED
    title = "The proof needs a fresh nonce"
    next = "Sign the proof again with the nonce in the DPoP-Nonce header and repeat the request."


class BadProof(Problem):
    """The proof does not hold for this device, request and token."""

    slug = "bad-dpop-proof"
    status = HTTPStatus.UNAUTHORIZED
    title = "The proof of possession does not fit"
    next = "Sign a new proof for exactly this method, path and token."


def make_nonce(secret: bytes, at: float | None = None) -> str:
    """Return a nonce any node with the same secret accepts for five minutes: a time and its HMAC, nothing stored."""
    moment = int(at if at is not None else time.time()).to_bytes(6)
    mac = hmac.digest(secret, b"dpop" + moment, "sha256")[:_MAC_BYTES]
    return base64.urlsafe_b64encode(moment + mac).decode()


def is_fresh(nonce: str, secret: bytes, at: float | None = None) -> bool:
    """Say whether this server made the nonce within the last five minutes."""
    try:
        made = int.from_bytes(base64.urlsafe_b64decode(nonce)[:6])
        age = (at if at is not None else time.time()) - made
        return hmac.compare_digest(make_nonce(secret, made), nonce) and -1 <= age <= NONCE_LIFE_SECONDS
    except (ValueError, OverflowError, TypeError):
        return False


def check_proof(
    proof: str,
    *,
    method: str,
    path: str,
    token: str,
    public_jwk: dict[str, Any],
    secret: bytes,
) -> None:
    """Verify a DPoP proof for one request by the device that owns `public_jwk`.

    Raises UseDpopNonce (with a new nonce in its headers) when only the nonce is missing or stale, BadProof otherwise.
    `htu` is compared by path: behind a proxy the server does not know the address the phone used.
    """
    try:
        key = ECKey.import_key(public_jwk)
        read = jws.deserialize_compact(proof, key, algorithms=["ES256"])
        header, claims = read.headers(), json.loads(read.payload)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadProof from error
    given = header.get("jwk") or {}
    binding = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    fits = (
        isinstance(claims, dict)
        and header.get("typ") == "dpop+jwt"
        and isinstance(given, dict)
        and all(given.get(part) == public_jwk.get(part) for part in ("kty", "crv", "x", "y"))
        and claims.get("htm") == method
        and urlsplit(str(claims.get("htu", ""))).path == path
        and claims.get("ath") == binding
        and bool(claims.get("jti"))
    )
    if not fits:
        raise BadProof
    if not is_fresh(str(claims.get("nonce", "")), secret):
        raise UseDpopNonce(
            headers={"DPoP-Nonce": make_nonce(secret), "WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
        )


class FreshNonce:
    """ASGI middleware: an answer to a request with a proof carries the next nonce, so that none costs a round trip."""

    def __init__(self, app: ASGIApp, secret: bytes) -> None:
        """Wrap `app`; `secret` is the server's."""
        self.app = app
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the header to its answer."""
        if scope["type"] != "http" or "dpop" not in Headers(scope=scope):
            await self.app(scope, receive, send)
            return

        async def with_nonce(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("DPoP-Nonce", make_nonce(self.secret))
            await send(message)

        await self.app(scope, receive, with_nonce)
