"""Definitions for phones whose app is older: long chains as pairs, which apps of the first format read.

An app that reads format 2 asks for it (`GET /checklists/{id}?format=2`). Whoever does not say so gets the same
questions, choices and expressions without a flat chain: until a phone has updated itself it goes on with everything,
and its pull waits for nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from steppe.checklists.expressions.chains import CHAINED, is_flat
from steppe.checklists.expressions.limits import DEFINITION_BYTES

FIRST: Final = 1
NEWEST: Final = 2
NESTED_DEPTH: Final = 190
"""Levels of one expression that every app of the first format was seen to read."""

MOST_TOGETHER: Final = 40
"""Definitions that may be asked for in one request."""

_MARK: Final = b'"format":2'


def in_first_format(content: bytes) -> bytes:
    """Return the bytes of a definition with every flat chain written as pairs; of the first format, unchanged.

    `content` is canonical JSON. Pairs stand from the left, as they are evaluated. Where that nests deeper than
    `NESTED_DEPTH` the halves of a chain are paired instead: conditions stay what they are, and of a sum or
    product of fractions the last digit may differ until the phone has updated itself.
    """
    if _MARK not in content:
        return content
    try:
        definition = json.loads(content)
        if not isinstance(definition, dict) or definition.get("format") != NEWEST:
            return content
        paired = _paired(definition) | {"format": FIRST}
    except (ValueError, RecursionError):
        # Bytes this program cannot read are set aside by their readers, not mended here.
        return content
    return json.dumps(paired, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _paired(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _paired(held) for key, held in value.items()}
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], str):
        return _from_left(value) if _depth(value) <= NESTED_DEPTH else _by_halves(value)
    return [_paired(held) for held in value]


def _is_chain(node: list[Any]) -> bool:
    """Whether a list is a flat chain. A list of words that happen to be "or" or "and" is none: operands are lists."""
    if not node or not isinstance(node[0], str) or node[0] not in CHAINED:
        return False
    return is_flat(node) and all(isinstance(part, list) for part in node[1:])


def _depth(node: Any) -> int:
    """Levels of an expression once its chains are pairs from the left."""
    if not isinstance(node, list):
        return 0
    if not _is_chain(node):
        return 1 + max((_depth(part) for part in node), default=0)
    operands = node[1:]
    return max(_depth(part) + len(operands) - max(place, 1) for place, part in enumerate(operands))


def _from_left(node: Any) -> Any:
    if not isinstance(node, list):
        return node
    parts = [_from_left(part) for part in node]
    if not _is_chain(node):
        return parts
    operator, whole, *others = parts
    for operand in others:
        whole = [operator, whole, operand]
    return whole


def _by_halves(node: Any) -> Any:
    if not isinstance(node, list):
        return node
    parts = [_by_halves(part) for part in node]
    return _halves(parts[0], parts[1:]) if _is_chain(node) else parts


def _halves(operator: str, operands: list[Any]) -> Any:
    if len(operands) == 1:
        return operands[0]
    middle = (len(operands) + 1) // 2
    return [operator, _halves(operator, operands[:middle]), _halves(operator, operands[middle:])]


class SeveralDefinitions:
    """Definitions in one answer: the first, and those after it that take no more than one definition may."""

    def __init__(self, published: Sequence[tuple[UUID, str, bytes]]) -> None:
        """Take versions as their ids, the digests of their definitions, and these themselves, canonical JSON."""
        self._taken: list[tuple[UUID, bytes]] = []
        digest, size = hashlib.sha256(), 0
        for version, content_hash, content in published:
            size += len(content)
            if self._taken and size > DEFINITION_BYTES:
                break
            self._taken.append((version, content))
            digest.update(f"{version} {content_hash} ".encode())
        self.tag = digest.hexdigest()
        """What the answer is known by: the same versions in the same order have the same."""

    def content(self) -> bytes:
        """Return the answer, a JSON object by id."""
        return b"{" + b",".join(b'"%s":%b' % (str(version).encode(), held) for version, held in self._taken) + b"}"
