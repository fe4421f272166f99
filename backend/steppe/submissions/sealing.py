"""What a phone does with a finished report: write it canonically, sign it, seal it (docs/protocol.md §3).

The server's half is `opening`. The field app does the same in TypeScript; this one drives the simulator and the tests,
and its output is checked against joserfc, so that two implementations of JOSE agree on every byte.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

import orjson
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from steppe.kit.clock import iso

CURVE: Final = ec.SECP256R1()
ES256: Final = ec.ECDSA(hashes.SHA256())
COORDINATE: Final = 32
IV: Final = 12
TAG: Final = 16
SEALED_TYPE: Final = "steppe-rev+jwe"


def b64u(raw: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """Return the bytes of base64url text without padding. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def content_hash(canonical: bytes) -> str:
    """Return the content hash of a revision: base64url SHA-256 of its canonical bytes."""
    return b64u(hashlib.sha256(canonical).digest())


def make_revision(
    *,
    id: str,  # noqa: A002 - the wire's own word
    submission: str,
    checklist_version: str,
    patch: Mapping[str, Any],
    team: str,
    author: str,
    device: str,
    device_seq: int,
    made_at: datetime,
    tz: str,
    prev_hash: str = "",
    base: Sequence[str] = (),
    attachments: Sequence[Mapping[str, Any]] = (),
    clock: Mapping[str, int] | None = None,
    reason: str | None = None,
) -> bytes:
    """Return a finished revision as canonical JSON. Raises rfc8785's errors for values JSON cannot carry.

    `clock`: how the phone's clock stands to the server's, `ahead` and `within` in milliseconds. `reason`: why it was
    made from those of its base.
    """
    return rfc8785.dumps(
        {
            "id": id,
            "submission": submission,
            "base": list(base),
            "checklist_version": checklist_version,
            "patch": dict(patch),
            "state": "finished",
            "attachments": [dict(one) for one in attachments],
            "team": team,
            "author": author,
            "device": device,
            "device_seq": device_seq,
            "made_at": iso(made_at),
            "tz": tz,
            "prev_hash": prev_hash,
            **({"clock": dict(clock)} if clock else {}),
            **({"reason": reason} if reason else {}),
        }
    )


class MadeBy(TypedDict):
    """Who makes the next of a phone's chain, with what, and when: what every signed fact says of itself."""

    id: str
    team: str
    author: str
    device: str
    device_seq: int
    made_at: datetime
    tz: str
    prev_hash: str


def make_reply(*, query: str, text: str, **made: Unpack[MadeBy]) -> bytes:
    """Return a reply in words as canonical JSON; `query` is the round as the mission signed it (compact JWS)."""
    by: dict[str, Any] = {**made, "made_at": iso(made["made_at"])}
    return rfc8785.dumps({**by, "kind": "reply", "query": query, "text": text})


def es256(message: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the 64-byte ES256 signature JOSE uses (RFC 7518 §3.4: r and s, 32 bytes each)."""
    r, s = decode_dss_signature(key.sign(message, ES256))
    return r.to_bytes(COORDINATE) + s.to_bytes(COORDINATE)


def sign(canonical: bytes, *, key: ec.EllipticCurvePrivateKey, kid: str) -> bytes:
    """Return the signed bytes: detached JWS (RFC 7797, `b64:false`), a newline, the canonical bytes."""
    header = {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": kid}
    protected = b64u(orjson.dumps(header)).encode()
    signature = es256(protected + b"." + canonical, key)
    return protected + b".." + b64u(signature).encode() + b"\n" + canonical


def deflate(raw: bytes) -> bytes:
    """Return raw deflate (RFC 1951), as `DecompressionStream('deflate-raw')` reads it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(raw) + packer.flush()


def derived_key(shared: bytes, apu: bytes = b"", apv: bytes = b"") -> bytes:
    """Return the A256GCM key of ECDH-ES direct agreement (RFC 7518 §4.6.2; one round of Concat KDF is 256 bits)."""
    algorithm = b"A256GCM"
    parts = (algorithm, apu, apv)
    info = b"".join(len(part).to_bytes(4) + part for part in parts) + (256).to_bytes(4)
    return hashlib.sha256((1).to_bytes(4) + shared + info).digest()


def public_key(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key of a public JWK. Raises KeyError, ValueError or TypeError when it is none."""
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        msg = "not a P-256 key"
        raise ValueError(msg)
    x, y = _coordinate(jwk["x"]), _coordinate(jwk["y"])
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, b"\x04" + x + y)


def _coordinate(text: str) -> bytes:
    return urlsafe_b64decode(text + "=")


def seal(signed: bytes, *, transport: Mapping[str, Any]) -> str:
    """Return the sealed text (JWE compact) only the holder of the mission's transport key can open.

    `transport` is that key's public JWK with its `kid`. Sealing twice gives two different texts: keep the first.
    """
    ephemeral = ec.generate_private_key(CURVE)
    numbers = ephemeral.public_key().public_numbers()
    header = {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": transport["kid"],
        "epk": {
            "kty": "EC",
            "crv": "P-256",
            "x": b64u(numbers.x.to_bytes(COORDINATE)),
            "y": b64u(numbers.y.to_bytes(COORDINATE)),
        },
        "typ": SEALED_TYPE,
    }
    protected = b64u(orjson.dumps(header))
    key = derived_key(ephemeral.exchange(ec.ECDH(), public_key(transport)))
    iv = os.urandom(IV)
    text = AESGCM(key).encrypt(iv, deflate(signed), protected.encode())
    return f"{protected}..{b64u(iv)}.{b64u(text[:-TAG])}.{b64u(text[-TAG:])}"


def encrypt_attachment(plain: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes to upload and what a revision says of them (`sha256`, `size`, `key`, `plain_sha256`)."""
    key = os.urandom(32)
    iv = os.urandom(IV)
    stored = iv + AESGCM(key).encrypt(iv, plain, None)
    return stored, {
        "sha256": hashlib.sha256(stored).hexdigest(),
        "size": len(stored),
        "key": b64u(key),
        "plain_sha256": hashlib.sha256(plain).hexdigest(),
    }
