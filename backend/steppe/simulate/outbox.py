"""What a simulated phone still has to send, and what it knows was received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steppe.simulate.proofs import BadReceiptError


@dataclass(frozen=True, slots=True)
class Attachment:
    """Encrypted bytes waiting to be uploaded, addressed by their SHA-256 (hex)."""

    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A sealed revision. Its text never changes: sending again sends the same bytes."""

    id: str
    hash: str
    device_seq: int
    sealed: str
    attachments: tuple[Attachment, ...] = ()


@dataclass
class Outbox:
    """Items leave it by a receipt and by nothing else."""

    waiting: list[Item] = field(default_factory=list)
    received: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)

    def settle(
        self, sent: Sequence[Item], results: Iterable[Mapping[str, Any]], receipts: Mapping[str, Any]
    ) -> list[Item]:
        """Take out what the receipts cover; returns those items whose attachments the server still needs.

        Raises BadReceiptError when a result is not `retry` and no receipt line stands for exactly this item.
        """
        lines = {line["id"]: line for line in receipts["items"] if "id" in line}
        needing = []
        done = set()
        for item, result in zip(sent, results, strict=True):
            if result["status"] == "retry":
                continue
            line = lines.get(item.id)
            if line is None or (line["hash"], line["device_seq"]) != (item.hash, item.device_seq):
                msg = f"no receipt for revision {item.id}: {result}"
                raise BadReceiptError(msg)
            if result["status"] == "quarantined":
                self.quarantined[item.id] = result["reason"]
            if result.get("needs"):
                needing.append(item)
            self.received[item.id] = line
            done.add(item.id)
        self.waiting = [item for item in self.waiting if item.id not in done]
        return needing
