"""What a simulated phone still has to send, and what it knows was received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steppe.simulate.proofs import BadReceiptError
from steppe.submissions.sealing import b64u


@dataclass(frozen=True, slots=True)
class Attachment:
    """Encrypted bytes waiting to be uploaded, addressed by their SHA-256 (hex)."""

    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A sealed revision or reply. Its text never changes: sending again sends the same bytes."""

    id: str
    hash: str
    device_seq: int
    sealed: str
    attachments: tuple[Attachment, ...] = ()


@dataclass
class Outbox:
    """Items leave it by a receipt and by nothing else, and are held until they are safe (docs/protocol.md §4)."""

    waiting: list[Item] = field(default_factory=list)
    received: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    held: dict[str, Item] = field(default_factory=dict)
    """Received items by revision, which headquarters may still lose; a new epoch offers them again."""

    files: dict[str, int] = field(default_factory=dict)
    """The number of each attachment that was received, by its SHA-256."""

    epoch: int = 1

    def hear(self, word: Mapping[str, Any]) -> None:
        """Take what a signed word says of epoch and safety.

        Of a higher epoch: everything held waits again. What is safe is let go; what nobody could read or count never
        is. Raises BadReceiptError for a lower epoch than known: two servers answer by turns, and nothing may change.
        """
        epoch = word.get("epoch", 1)
        if epoch < self.epoch:
            msg = f"signed in epoch {epoch}, after one of epoch {self.epoch}"
            raise BadReceiptError(msg)
        if epoch > self.epoch:
            self.epoch = epoch
            again = sorted(self.held.values(), key=lambda item: item.device_seq)
            known = {item.id for item in self.waiting}
            self.waiting = [item for item in again if item.id not in known] + self.waiting
            self.held.clear()
            self.files.clear()
        safe = word.get("safe_seq")
        if safe is not None:
            self.held = {key: item for key, item in self.held.items() if not self._is_safe(item, safe)}

    def _is_safe(self, item: Item, safe: int) -> bool:
        numbers = [self.received[item.id]["seq"], *(self.files.get(one.sha256) for one in item.attachments)]
        return item.id not in self.quarantined and all(one is not None and one <= safe for one in numbers)

    def settle(
        self, sent: Sequence[Item], results: Iterable[Mapping[str, Any]], receipts: Mapping[str, Any]
    ) -> list[Item]:
        """Take out what the receipts cover; returns those items whose attachments the server still needs.

        Raises BadReceiptError when a result is not `retry` and no receipt line stands for exactly this item: its id and
        content or, of what gave no revision of a known device, its sealed text.
        """
        lines = {line["id"]: line for line in receipts["items"] if "id" in line}
        sealed = {line["sealed"]: line for line in receipts["items"] if "sealed" in line}
        taken: dict[str, tuple[Item, Mapping[str, Any], dict[str, Any]]] = {}
        for item, result in zip(sent, results, strict=True):
            if result["status"] == "retry":
                continue
            line = lines.get(item.id)
            if line is None or (line["hash"], line["device_seq"]) != (item.hash, item.device_seq):
                line = sealed.get(sealed_hash(item.sealed))
            if line is None:
                msg = f"no receipt for revision {item.id}: {result}"
                raise BadReceiptError(msg)
            taken[item.id] = (item, result, line)
        self.hear(receipts)
        for item, result, line in taken.values():
            if result["status"] == "quarantined":
                self.quarantined[item.id] = result["reason"]
            else:
                # Kept aside by a server that did not know the phone then, and read now.
                self.quarantined.pop(item.id, None)
            self.received[item.id] = line
            self.held[item.id] = item
        self.waiting = [item for item in self.waiting if item.id not in taken]
        return [item for item, result, _ in taken.values() if result.get("needs")]


def sealed_hash(text: str) -> str:
    """Return the b64u SHA-256 of a sealed text, by which a receipt names what nobody could read."""
    return b64u(hashlib.sha256(text.encode()).digest())
