"""Tokens and passwords: made here, kept only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_passwords = PasswordHasher()


def new_token() -> str:
    """Return 256 random bits as base64url text."""
    return secrets.token_urlsafe(32)


def token_of(secret: bytes, *facts: str) -> str:
    """Return 256 bits as base64url text that only who holds the server's secret can work out, the same for the same
    facts: whoever asks twice gets one token, in whatever order the two requests arrive.
    """
    mac = hmac.digest(secret, "\0".join(("token", *facts)).encode(), "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """Return the hex SHA-256 under which a token is kept. A token is random: no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def password_hash(password: str) -> str:
    """Return the Argon2id hash of a password (RFC 9106 defaults of argon2-cffi)."""
    return _passwords.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Compare a typed password with the kept hash; takes as long when there is none, so that names cannot be probed."""
    try:
        _passwords.verify(kept or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


_NOBODY = password_hash(secrets.token_urlsafe(16))
