"""What a phone signs besides its reports, and how it checks what the mission signed (docs/protocol.md §1, §2, §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.kit.ids import uuid7
from steppe.submissions.receipts import RECEIPT_TYPE
from steppe.submissions.sealing import COORDINATE, b64u, es256


class BadReceiptError(Exception):
    """A receipt that the mission did not sign, or that says something else than was sent."""


class OtherKeysError(Exception):
    """A server whose mission keys are not those of the enrolment link: it is given no code."""


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the public half of a P-256 key as JWK."""
    numbers = key.public_key().public_numbers()
    x, y = (b64u(coordinate.to_bytes(COORDINATE)) for coordinate in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def enrolment_proof(key: ec.EllipticCurvePrivateKey, *, device: str, code: str) -> str:
    """Return the JWS by which a new device shows that it holds its key."""
    header = {"alg": "ES256", "typ": "steppe-enrol+jws", "kid": device}
    return _signed(header, {"code": code, "device": device}, key)


def request_proof(key: ec.EllipticCurvePrivateKey, *, method: str, url: str, token: str, nonce: str) -> str:
    """Return a DPoP proof (RFC 9449) for one request. `nonce` may be empty: the server then asks for one."""
    claims = {
        "htm": method,
        "htu": url,
        "jti": str(uuid7()),
        "iat": 0,
        "ath": b64u(hashlib.sha256(token.encode()).digest()),
        **({"nonce": nonce} if nonce else {}),
    }
    return _signed({"alg": "ES256", "typ": "dpop+jwt", "jwk": public_jwk(key)}, claims, key)


def _signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    message = f"{b64u(orjson.dumps(header))}.{b64u(orjson.dumps(claims))}"
    return f"{message}.{b64u(es256(message.encode(), key))}"


def receipt_claims(receipt: str, key: ECKey, mission: str) -> dict[str, Any]:
    """Return what a receipt says. Raises BadReceiptError unless this mission's receipt key signed it."""
    try:
        read = jws.deserialize_compact(receipt, key, algorithms=["ES256"])
        claims: dict[str, Any] = orjson.loads(read.payload)
    except (JoseError, ValueError) as error:
        raise BadReceiptError(str(error)) from error
    if read.headers().get("typ") != RECEIPT_TYPE or claims.get("mission") != mission:
        msg = "the receipt is of another kind or of another mission"
        raise BadReceiptError(msg)
    return claims
