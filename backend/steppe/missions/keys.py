"""The mission's key pairs: made once, the private half wrapped by the server's secret.

JOSE throughout (RFC 7515–7518): JWE `dir`+`A256GCM` to wrap, P-256 for transport (ECDH-ES) and receipts (ES256).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

TRANSPORT = "transport"
RECEIPT = "receipt"
PURPOSES = (TRANSPORT, RECEIPT)
_WRAPPING = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """A receipt key of a mission, private half, with its `kid`."""

    kid: str
    private: ec.EllipticCurvePrivateKey


def make_key() -> ECKey:
    """Return a new P-256 key whose `kid` is its RFC 7638 thumbprint."""
    key = ECKey.generate_key("P-256")
    return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()})


def public_jwk(key: ECKey) -> dict[str, Any]:
    """Return the public half as a JWK with its `kid`."""
    return dict(key.as_dict(private=False))


def wrap(key: ECKey, secret: bytes) -> str:
    """Return the private JWK as JWE compact text under the server's 32-byte secret."""
    plain = json.dumps(key.as_dict(private=True)).encode()
    return jwe.encrypt_compact(_WRAPPING, plain, OctKey.import_key(secret))


def unwrap(wrapped: str, *secrets: bytes) -> ECKey:
    """Return the key that `wrap` hid with one of these secrets. Raises joserfc's JoseError when it was none of them."""
    *others, last = secrets
    for secret in others:
        if opens(wrapped, secret):
            return unwrap(wrapped, secret)
    plain = jwe.decrypt_compact(wrapped, OctKey.import_key(last)).plaintext
    return ECKey.import_key(json.loads(plain or b"{}"))


def opens(wrapped: str, *secrets: bytes) -> bool:
    """Say whether a wrapped key opens with one of these secrets."""
    try:
        unwrap(wrapped, *secrets)
    except JoseError:
        return False
    return True
