"""Receipts: the only thing that lets an item leave a phone's outbox (docs/protocol.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from steppe.kit.clock import iso
from steppe.missions.keys import ReceiptKey
from steppe.missions.safety import Safety
from steppe.submissions.receipts import signed


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """The facts of an item's first arrival, which every later receipt repeats."""

    seq: int
    at: datetime
    outcome: str
    reason: str
    sealed_hash: str
    id: UUID | None = None
    hash: str | None = None
    device_seq: int | None = None

    def receipt(self) -> dict[str, Any]:
        """Return the receipt's line: by id and content where the item could be read, else by its sealed text."""
        if self.id is None:
            return {"sealed": self.sealed_hash, "seq": self.seq, "at": iso(self.at)}
        facts = {"id": str(self.id), "hash": self.hash, "seq": self.seq, "device_seq": self.device_seq}
        # The phone that made it may hear of it from this list alone, not from the answer to the push.
        kept_aside = {"reason": self.reason} if self.reason else {}
        return {**facts, "at": iso(self.at), **kept_aside}


def signed_receipts(
    key: ReceiptKey,
    *,
    mission_id: UUID,
    device_id: UUID | None,
    at: datetime,
    safety: Safety,
    entries: Sequence[ReceiptEntry],
) -> str:
    """Return one JWS over the receipts of items that a device brought, or the desk (None).

    Without entries it still is the mission's word on how far it is safe, and since which restore.
    """
    items = [entry.receipt() for entry in entries]
    device = str(device_id) if device_id else None
    return signed(key, {"mission": str(mission_id), "device": device, "at": iso(at), **safety.claims(), "items": items})
