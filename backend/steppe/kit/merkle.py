"""A Merkle tree that only grows, as RFC 9162 §2.1 defines it: heads, and proofs that something is in it. Pure.

What is kept of a tree are the roots of its whole subtrees, at most one for each bit of its size: appending costs two
hashes on average, whatever its size, and a proof is one hash for each doubling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_HASH_BYTES: Final = 32
# No tree of ours comes near it; it bounds what a file can make its reader do.
MOST_LEAVES: Final = 2**48


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return an entry's canonical JSON: RFC 8785, as far as keys are ASCII and numbers whole, as they are here.

    (`rfc8785` itself takes ten times as long, in every push.)
    """
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf (RFC 9162 §2.1.1)."""
    return hashlib.sha256(_LEAF + entry).digest()


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree, as far as it has to be known to go on: its leaves' number, its whole subtrees' roots, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @classmethod
    def stored(cls, size: int, text: str) -> Tree:
        """Return the tree that `text()` was taken of. Raises ValueError when the two do not belong together."""
        raw = bytes.fromhex(text)
        peaks = tuple(raw[start : start + _HASH_BYTES] for start in range(0, len(raw), _HASH_BYTES))
        if len(raw) != size.bit_count() * _HASH_BYTES:
            msg = f"{len(peaks)} subtrees are none of a tree of {size}"
            raise ValueError(msg)
        return cls(size, peaks)

    def text(self) -> str:
        """Return the subtrees as they are stored."""
        return b"".join(self.peaks).hex()

    def with_leaf(self, leaf: bytes) -> Tree:
        """Return the tree with one more leaf, given as its hash."""
        peaks, node, rest = list(self.peaks), leaf, self.size
        while rest & 1:
            node = _parent(peaks.pop(), node)
            rest >>= 1
        return Tree(self.size + 1, (*peaks, node))

    @property
    def root(self) -> str:
        """The root hash (hex); of an empty tree that of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        *others, node = self.peaks
        for peak in reversed(others):
            node = _parent(peak, node)
        return node.hex()

    def head(self) -> dict[str, int | str]:
        """Return what is signed of it."""
        return {"size": self.size, "root": self.root}


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root of a tree of these leaves (RFC 9162 §2.1.3.1)."""
    path, level = [], list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [_parent(*pair) if len(pair) > 1 else pair[0] for pair in pairs]
        index >>= 1
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> str:
    """Return the root (hex) of a tree of `size` leaves in which `path` leads from this leaf (RFC 9162 §2.1.3.2).

    Raises ValueError when no path of a tree of this size is like that.
    """
    if not 0 <= index < size <= MOST_LEAVES:
        msg = f"a tree of {size} has no leaf {index}"
        raise ValueError(msg)
    node, place, last = leaf, index, size - 1
    for step in path:
        if last == 0:
            break
        if place & 1 or place == last:
            node = _parent(step, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = _parent(node, step)
        place, last = place >> 1, last >> 1
    else:
        if last == 0:
            return node.hex()
    msg = f"{len(path)} hashes do not lead from leaf {index} to the root of a tree of {size}"
    raise ValueError(msg)
