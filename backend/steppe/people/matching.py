"""How two ends see that nobody stands between them: the thumbprint of keys in the link, and six digits."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from joserfc.jwk import ECKey

from steppe.kit.ids import CROCKFORD

DIGITS = 6
PRINT_LENGTH = 30
_BITS_A_CHARACTER = 5


def matching_code(device_jwk: dict[str, Any], mission_keys: dict[str, dict[str, Any]]) -> str:
    """Return six digits from the thumbprints of the device's, receipt and transport keys (protocol.md §2).

    A courtesy: whoever stands between can make keys until the digits fit (2 to 5 s on a laptop).
    """
    prints = {**_prints(mission_keys), "device": ECKey.import_key(device_jwk).thumbprint()}
    digest = hashlib.sha256(rfc8785.dumps(prints)).digest()
    return f"{int.from_bytes(digest[:4]) % 10**DIGITS:0{DIGITS}d}"


def shown_code(digits: str) -> str:
    """Return a matching code as people compare it, `322 500`: on the command line as on every screen."""
    return f"{digits[:3]} {digits[3:]}"


def keys_thumbprint(mission_keys: dict[str, dict[str, Any]]) -> str:
    """Return what an enrolment link says of the mission's receipt and transport keys (protocol.md §2).

    `mission_keys` are public JWKs by purpose. 30 characters of Crockford's base32: the first 150 bits of a SHA-256,
    too many for anybody to make keys that fit them, few enough for a QR code that a worn screen still shows.
    """
    return _shortened(_prints(mission_keys))


def root_thumbprint(root: dict[str, Any]) -> str:
    """Return what an enrolment link says of the mission's root, a public JWK: in the same form, over it alone."""
    return _shortened(_prints({"root": root}))


def _shortened(prints: dict[str, str]) -> str:
    bits = int.from_bytes(hashlib.sha256(rfc8785.dumps(prints)).digest())
    top = bits >> (8 * hashlib.sha256().digest_size - _BITS_A_CHARACTER * PRINT_LENGTH)
    shifts = range(_BITS_A_CHARACTER * (PRINT_LENGTH - 1), -1, -_BITS_A_CHARACTER)
    return "".join(CROCKFORD[top >> shift & (len(CROCKFORD) - 1)] for shift in shifts)


def enrolment_link(address: str, code: str, thumbprint: str) -> str:
    """Return the link, and the content of the QR code, that sets up a phone and lets it refuse other keys.

    The dot is no character of codes: an app that knows no thumbprints takes the code before it and drops the rest.
    Without a thumbprint (a code noted down before there were any) the six digits are all there is to compare.
    """
    return f"{address}/#enrol={code}.{thumbprint}" if thumbprint else f"{address}/#enrol={code}"


def _prints(mission_keys: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {purpose: ECKey.import_key(jwk).thumbprint() for purpose, jwk in mission_keys.items()}
