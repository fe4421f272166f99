"""What was kept aside and taken since: an item that is sent again is answered by what it is now.

The inbox's row and its receipt in the tree say for ever how it came; that a revision or another fact lies under its
number says that it was taken.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, union_all
from sqlmodel import col

from steppe.kit.db import ReadSession, in_list
from steppe.submissions.models import Revision, SignedFact
from steppe.sync.models import InboxItem
from steppe.sync.receipts import ReceiptEntry

Standing = dict[UUID, dict[str, ReceiptEntry]]
"""Id → content hash → the first arrival of what is stored under them."""


async def stored_under(session: ReadSession, mission_id: UUID, ids: Collection[UUID]) -> Standing:
    """Return what the mission stores under these ids, with its first arrival, whatever that was receipted as."""
    standing: Standing = {}
    if not ids:
        return standing
    item = InboxItem
    query = union_all(
        *(
            select(
                col(table.id),
                col(table.hash),
                col(item.seq),
                col(item.received_at),
                col(item.sealed_hash),
                col(item.revision_id),
                col(item.hash),
                col(item.device_seq),
            )
            .join(item, (col(item.mission_id) == col(table.mission_id)) & (col(item.seq) == col(table.seq)))
            .where(col(table.id).in_(in_list(ids)), col(table.mission_id) == mission_id)
            for table in (Revision, SignedFact)
        )
    )
    for key, hashed, seq, at, *read in (await session.execute(query)).all():
        standing.setdefault(key, {})[hashed] = ReceiptEntry(seq, at, "stored", "", *read)
    return standing


async def as_they_stand(session: ReadSession, mission_id: UUID, entries: Sequence[ReceiptEntry]) -> list[ReceiptEntry]:
    """Return entries as they are to be receipted now: what was taken since it was kept aside needs no person."""
    aside = {entry.id for entry in entries if entry.id is not None and entry.reason}
    standing = await stored_under(session, mission_id, aside)
    return [replace(entry, outcome="stored", reason="") if _is_taken(entry, standing) else entry for entry in entries]


def _is_taken(entry: ReceiptEntry, standing: Standing) -> bool:
    return entry.id is not None and bool(entry.reason) and entry.hash in standing.get(entry.id, {})
