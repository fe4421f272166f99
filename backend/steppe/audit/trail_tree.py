"""The tree of the audit trail: entries go into it with the next checkpoint, not as they are written. Pure.

An act takes no lock for its trace; so what was written since the last checkpoint is not held to anything yet (the
"merge delay" of RFC 9162).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steppe.kit.merkle import canonical, leaf_hash


def audit_leaf(row: Mapping[str, Any]) -> bytes:
    """Return the hash under which a row of the trail stands in its tree."""
    entry = {
        "id": str(row["id"]),
        "mission": None if row["mission_id"] is None else str(row["mission_id"]),
        "at": row["at"].isoformat(),
        "actor": row["actor"],
        "action": row["action"],
        "object": row["object_id"],
        "detail": row["detail"],
    }
    return leaf_hash(canonical(entry))
