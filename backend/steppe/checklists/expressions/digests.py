"""`digest()` and `base64-decode()`. `pwa/src/engine/functions/digests.ts` is the twin."""

import base64
import binascii
import hashlib
import re
from typing import Final

_ALGORITHMS: Final = {
    "md5": "md5",
    "sha-1": "sha1",
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
}
_LONE: Final = re.compile("[\ud800-\udfff]")


def digest(text: str, algorithm: str, encoding: str = "base64") -> str:
    """The digest of a text's UTF-8 bytes in `base64` or `hex`; empty for an unknown algorithm or encoding."""
    name = _ALGORITHMS.get(algorithm.lower())
    if name is None:
        return ""
    found = hashlib.new(name, _LONE.sub("\ufffd", text).encode(), usedforsecurity=False).digest()
    if encoding.lower() == "hex":
        return found.hex()
    return base64.b64encode(found).decode() if encoding.lower() == "base64" else ""


def base64_decoded(text: str) -> str:
    """The UTF-8 text behind Base64; bytes that are none become U+FFFD, text that is no Base64 the empty string."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text):
        return ""
    try:
        return base64.b64decode(text).decode(errors="replace")
    except binascii.Error:
        return ""
