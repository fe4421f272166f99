"""The digits by which two ends see that they hold each other's keys and nobody's in between."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from joserfc.jwk import ECKey

DIGITS = 6


def matching_code(device_jwk: dict[str, Any], mission_keys: dict[str, dict[str, Any]]) -> str:
    """Return six digits from the thumbprints of the device's, receipt and transport keys (protocol.md §2)."""
    prints = {purpose: ECKey.import_key(jwk).thumbprint() for purpose, jwk in mission_keys.items()}
    digest = hashlib.sha256(rfc8785.dumps({**prints, "device": ECKey.import_key(device_jwk).thumbprint()})).digest()
    return f"{int.from_bytes(digest[:4]) % 10**DIGITS:0{DIGITS}d}"
