"""Verifying trees and chains: every entry is where it was entered, and all that was signed of it is still so. Pure."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.kit.merkle import Tree

_TOKEN: Final = re.compile(rb"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{86}(?![A-Za-z0-9_-])")


@dataclass(frozen=True, slots=True)
class SignedHead:
    """What the mission once signed of its receipts: how many there were in an epoch, and the root over them."""

    at: str
    epoch: int
    size: int
    root: str


@dataclass(slots=True)
class TreeWalk:
    """A tree that is grown again from its entries, in their order, up to the first that is not as it was entered."""

    tree: Tree = field(default_factory=Tree)
    fault: str = ""
    roots: dict[int, str] = field(default_factory=dict)

    def add(self, size: int, root: str | None, leaf: bytes, name: str) -> None:
        """Add an entry: the size and root that stand beside it, its hash as it is now, and what it is called."""
        if self.fault:
            return
        if size != self.tree.size + 1:
            self.fault = f"entry {self.tree.size + 1} is missing, before {name}"
            return
        self.tree = self.tree.with_leaf(leaf)
        if root is None or self.tree.root != root:
            self.fault = f"entry {size}, {name}, is not what was entered"
            return
        self.roots[size] = root

    def end(self, kept: Tree) -> None:
        """Compare with the head that is kept."""
        if not self.fault and self.tree.size < kept.size:
            self.fault = f"entry {self.tree.size + 1} is missing, the last is {kept.size}"
        elif not self.fault and self.tree != kept:
            self.fault = f"the head of {kept.size} entries is another than theirs"


def lost_beyond(epoch: int, epochs: Sequence[Mapping[str, Any]]) -> int | None:
    """Return how many receipts of an epoch outlived the restores since; None: all of them did."""
    return min((one["receipts"] for one in epochs if one["epoch"] > epoch), default=None)


def judge_head(head: SignedHead, roots: Mapping[int, str], epochs: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """Say in words what became of a head, and whether that is well.

    What a restore lost is said by the mission itself, in `epochs`: phones have offered it again, under other numbers.
    """
    outlived = lost_beyond(head.epoch, epochs)
    if outlived is not None and head.size > outlived:
        return f"receipts {outlived + 1} to {head.size} of epoch {head.epoch}", True
    if head.size and roots.get(head.size) != head.root:
        return f"at {head.at} another past of {head.size} receipts was signed than there is now", False
    return "", True


def signed_heads(content: bytes, known: Mapping[str, ECKey], types: Collection[str]) -> Iterator[SignedHead]:
    """Yield the heads in signed lists and checkpoints that stand anywhere in a file, of whatever form.

    `known`: keys of the mission by `kid`. What they have not signed is passed over, and so are lists of before there
    were heads.
    """
    for token in _TOKEN.findall(content):
        head = head_in(token.decode(), known, types)
        if head is not None:
            yield head


def head_in(token: str, known: Mapping[str, ECKey], types: Collection[str]) -> SignedHead | None:
    """Return the head in one signed list or checkpoint; None when none of these keys signed one."""
    payload = payload_in(token, known, types)
    if payload is None:
        return None
    try:
        head = payload.get("receipts") or payload["tree"]
        return SignedHead(payload["at"], payload["epoch"], head["size"], head["root"])
    except (KeyError, TypeError):
        return None


def payload_in(token: str, known: Mapping[str, ECKey], types: Collection[str]) -> dict[str, Any] | None:
    """Return what one signed list or checkpoint of these types says; None when none of these keys signed it."""
    try:
        header: dict[str, Any] = jws.extract_compact(token.encode()).headers()
        payload: dict[str, Any] = json.loads(
            jws.deserialize_compact(token, known[header["kid"]], algorithms=["ES256"]).payload
        )
        return payload if header["typ"] in types and isinstance(payload, dict) else None
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None


class DeviceChains:
    """What was received of each device, to be compared once everything is there: items come in any order.

    Each report names the hash of the one before it (docs/protocol.md §3).
    """

    def __init__(self) -> None:
        """Begin with nothing received."""
        self._hashes: dict[UUID, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._links: dict[UUID, list[tuple[int, str]]] = defaultdict(list)

    def add(self, device: UUID, device_seq: int, content_hash: str, prev_hash: str) -> None:
        """Note a revision: its number, its hash, and the hash it says was before it."""
        self._hashes[device][device_seq].add(content_hash)
        self._links[device].append((device_seq, prev_hash))

    def breaks(self) -> Iterator[tuple[UUID, int]]:
        """Yield device and number of every revision that follows another one than was received before it.

        Nothing can be said where the one before is missing; the list of phones at the desk names such numbers.
        """
        for device in sorted(self._links):
            for device_seq, prev_hash in sorted(self._links[device]):
                before = self._hashes[device].get(device_seq - 1)
                if (device_seq == 1 and prev_hash) or (before and prev_hash not in before):
                    yield device, device_seq
