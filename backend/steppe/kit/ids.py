"""Identifiers made here: UUIDv7 (RFC 9562) keys and one-time codes."""

from __future__ import annotations

import os
import re
import secrets
import time
from uuid import UUID

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
GROUP = 5
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
"""How a SHA-256 is written everywhere: hex, small letters."""


def uuid7() -> UUID:
    """Return a new UUIDv7: 48 bits of milliseconds, 74 random bits (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def one_time_code() -> str:
    """Return a code of 100 random bits in Crockford base32, four groups of five joined by hyphens."""
    digits = "".join(secrets.choice(CROCKFORD) for _ in range(CODE_LENGTH))
    return "-".join(digits[i : i + GROUP] for i in range(0, CODE_LENGTH, GROUP))


def plain_code(code: str) -> str:
    """Return a typed code as it was made: capitals, no separators, the look-alikes O, I and L read as 0, 1 and 1."""
    kept = "".join(character for character in code.upper() if character.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))
