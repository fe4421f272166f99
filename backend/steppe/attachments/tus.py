"""The headers of tus 1.0 we speak: core, creation, checksum (docs/protocol.md §5). Pure."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

from steppe.attachments.problems import ChecksumMismatch, NotTus
from steppe.kit.http import BadRequest
from steppe.kit.ids import SHA256_HEX

VERSION: Final = "1.0.0"
CHUNK_TYPE: Final = "application/offset+octet-stream"
_NUMBER: Final = re.compile(r"\d{1,12}", re.ASCII)


def check_version(headers: Mapping[str, str]) -> None:
    """Raise NotTus unless the request speaks our version."""
    if headers.get("tus-resumable") != VERSION:
        raise NotTus(headers={"Tus-Version": VERSION})


def number(headers: Mapping[str, str], name: str) -> int:
    """Return a header's whole number. Raises BadRequest."""
    text = headers.get(name, "")
    if _NUMBER.fullmatch(text) is None:
        msg = f"the header {name} must be a number"
        raise BadRequest(msg)
    return int(text)


def named_sha256(headers: Mapping[str, str]) -> str:
    """Return the hex SHA-256 in Upload-Metadata. Raises BadRequest."""
    for pair in headers.get("upload-metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "sha256":
            try:
                found = b64decode(value, validate=True).decode()
            except (binascii.Error, ValueError):
                break
            if is_sha256(found):
                return found
    msg = "the header Upload-Metadata must hold `sha256` and the base64 of the hash in lower-case hex"
    raise BadRequest(msg)


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 in lower-case hex."""
    return SHA256_HEX.fullmatch(text) is not None


def check_chunk(headers: Mapping[str, str], chunk: bytes, offset: int) -> None:
    """Compare a chunk with its Upload-Checksum. Raises BadRequest for another algorithm, ChecksumMismatch."""
    algorithm, _, value = headers.get("upload-checksum", "").partition(" ")
    try:
        expected = b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if algorithm != "sha256" or len(expected) != hashlib.sha256().digest_size:
        msg = "the header Upload-Checksum must be `sha256` and the base64 of the chunk's hash"
        raise BadRequest(msg)
    if hashlib.sha256(chunk).digest() != expected:
        raise ChecksumMismatch(headers={"Upload-Offset": str(offset)})
