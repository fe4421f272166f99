"""Know a browser again in which somebody signed in: a cookie signed by the server, nothing stored.

It opens nothing. It only gives that person's sign-ins from this browser a budget of their own, so that strangers who
guess cannot use it up.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from steppe.kit.clock import now

KNOWN_COOKIE = "steppe_known"
KNOWN_LIFE = timedelta(days=30)
_ALGORITHM = "HS256"
_CLAIMS = jwt.JWTClaimsRegistry(exp={"essential": True})


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """Who signed in here last, and in which mission."""

    mission_id: UUID
    person_id: UUID


def _key(secret: bytes) -> OctKey:
    # A key of its own, so that no other signature by the server's secret can be taken for this one.
    return OctKey.import_key(hmac.digest(secret, b"known browser", "sha256"))


def known_token(browser: KnownBrowser, secret: bytes) -> str:
    """Return the cookie's value: a JWT that any node with the same secret accepts for 30 days."""
    claims = {
        "sub": str(browser.person_id),
        "mission": str(browser.mission_id),
        "exp": int((now() + KNOWN_LIFE).timestamp()),
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, _key(secret))


def read_known(token: str, secret: bytes) -> KnownBrowser | None:
    """Return whose browser this is; None for a value that this server did not make, or whose time is over."""
    try:
        claims = jwt.decode(token, _key(secret), algorithms=[_ALGORITHM]).claims
        _CLAIMS.validate(claims)
        return KnownBrowser(UUID(claims["mission"]), UUID(claims["sub"]))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None
