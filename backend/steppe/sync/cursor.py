"""The pull cursor: where a phone is in the feed, opaque to it."""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

_FORM: Final = struct.Struct(">BIQ")
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to number `n` of an epoch has been read. The epoch is bumped when the server is restored."""

    epoch: int
    n: int

    def text(self) -> str:
        """Return the cursor as phones keep it."""
        return urlsafe_b64encode(_FORM.pack(_VERSION, self.epoch, self.n)).rstrip(b"=").decode()


def read_cursor(text: str | None, epoch: int) -> Cursor:
    """Return the cursor, or the beginning of `epoch` for none, a damaged one, or one of another epoch.

    A damaged cursor starts over instead of failing: the phone reads known things again, and cannot get stuck.
    """
    beginning = Cursor(epoch, 0)
    if text is None:
        return beginning
    try:
        version, given, n = _FORM.unpack(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (struct.error, binascii.Error, ValueError):
        return beginning
    return Cursor(epoch, n) if (version, given) == (_VERSION, epoch) and n < 2**63 else beginning
