"""Which attachments of its reports a push is told to bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steppe.attachments.lost import lost_among
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.sync.queries import Push


async def add_lost(database: Database, blobs: Blobs, push: Push, answer: Mapping[str, Any]) -> None:
    """Add to the `needs` of a stored push's answer what its rows call whole and the store has lost.

    After the commit, for nothing may wait for the store in a transaction. A push that names no attachment, or none that
    the rows call whole, asks nothing and nobody.
    """
    named = {
        number: [one.sha256 for one in item.revision.attachments]
        for number, item in enumerate(push.items)
        if item.revision is not None and item.revision.attachments and answer["results"][number]["status"] != "retry"
    }
    missing = {number: answer["results"][number].get("needs", []) for number in named}
    claimed = {one for number, names in named.items() for one in names if one not in missing[number]}
    lost = await lost_among(database, blobs, push.caller.mission_id, claimed)
    for number, names in named.items():
        if not lost.isdisjoint(names):
            answer["results"][number]["needs"] = [one for one in names if one in lost or one in missing[number]]
