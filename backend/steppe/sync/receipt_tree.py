"""The mission's tree of receipts, each a leaf, in the order in which they were given (docs/protocol.md §11). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from steppe.kit.clock import iso
from steppe.kit.merkle import Tree, canonical, leaf_hash


def receipt_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the tree holds of a row of the inbox: what its receipt says, and `row`, a hash of whose it is here.

    Whoever is shown the entry learns neither who brought it nor whose guests its team are.
    """
    own = {"maker": _text(row["maker_id"]), "origin": row["origin"], "pusher": _text(row["pusher_id"])}
    return {
        "mission": str(row["mission_id"]),
        "seq": row["seq"],
        "at": iso(row["received_at"]),
        "outcome": row["outcome"],
        "reason": row["reason"],
        "id": _text(row["revision_id"]),
        "hash": row["hash"],
        "device_seq": row["device_seq"],
        "sealed": row["sealed_hash"],
        "row": hashlib.sha256(canonical(own)).hexdigest(),
    }


def receipt_leaf(row: Mapping[str, Any]) -> bytes:
    """Return the hash under which a row of the inbox stands in the tree."""
    return leaf_hash(canonical(receipt_entry(row)))


def enter_receipts(tree: Tree, rows: Iterable[dict[str, Any]]) -> Tree:
    """Write into rows of the inbox where they stand in the tree, and return the tree that holds them."""
    for row in rows:
        tree = tree.with_leaf(receipt_leaf(row))
        row["tree_size"], row["tree_root"] = tree.size, tree.root
    return tree


def _text(value: object) -> str | None:
    return None if value is None else str(value)
