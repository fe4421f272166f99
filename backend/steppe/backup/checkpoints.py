"""Checkpoints: what a mission signs of its past, so that it cannot sign another one later (docs/protocol.md §11)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from joserfc.jwk import ECKey
from sqlalchemy import bindparam, insert, select, update

from steppe.audit.models import AuditEntry, AuditTree
from steppe.audit.trail_tree import audit_leaf
from steppe.backup.models import Checkpoint
from steppe.backup.queries import inbox_facts
from steppe.backup.receipts.receipt_file import CHECKPOINT_TYPE
from steppe.backup.trees import payload_in
from steppe.kit.clock import iso, now
from steppe.kit.columns import table_of
from steppe.kit.db import Database, ReadSession, WriteSession
from steppe.kit.merkle import Tree
from steppe.kit.settings import Settings
from steppe.missions.feed import take_numbers, take_numbers_in_tree
from steppe.missions.keys import RECEIPT, ReceiptKey
from steppe.missions.mission_keys import mission_keys
from steppe.missions.models import Mission
from steppe.missions.queries import every_mission, key_rows
from steppe.missions.safety import settle_numbers
from steppe.submissions.receipts import signed
from steppe.sync.models import InboxItem
from steppe.sync.receipt_tree import enter_receipts

ENTERED_AT_ONCE: Final = 500
"""Rows that one transaction enters: pushes wait for it."""


async def enter_older_receipts(session: WriteSession, mission_id: UUID) -> int:
    """Enter receipts that are in no tree: given before there was one, or by a server of an earlier version.

    Returns how many; at most ENTERED_AT_ONCE, the lowest numbers first.
    """
    _, tree = await take_numbers_in_tree(session, mission_id, 0)
    items = table_of(InboxItem)
    query = inbox_facts(mission_id).where(items.c.tree_size.is_(None)).order_by(items.c.seq).limit(ENTERED_AT_ONCE)
    rows = [dict(row) for row in (await session.execute(query)).mappings()]
    if rows:
        tree = enter_receipts(tree, rows)
        own = items.c.mission_id == mission_id, items.c.seq == bindparam("number")
        places = [{"number": row["seq"], "size": row["tree_size"], "root": row["tree_root"]} for row in rows]
        placed = update(items).where(*own).values(tree_size=bindparam("size"), tree_root=bindparam("root"))
        await (await session.connection()).execute(placed, places)
        await settle_numbers(session, mission_id, 0, tree)
    return len(rows)


async def enter_trail(session: WriteSession, first_mission: UUID) -> int:
    """Enter what the audit trail got since the last time, and return how much; at most ENTERED_AT_ONCE.

    The trail is the whole server's; the counter of its `first_mission` is the lock.
    """
    await take_numbers(session, first_mission, 0)
    entries, kept = table_of(AuditEntry), table_of(AuditTree)
    tree = await audit_tree(session)
    query = select(entries).where(entries.c.tree_size.is_(None)).order_by(entries.c.at, entries.c.id)
    places = []
    for row in (await session.execute(query.limit(ENTERED_AT_ONCE))).mappings():
        tree = tree.with_leaf(audit_leaf(dict(row)))
        places.append({"entry": row["id"], "size": tree.size, "root": tree.root})
    if places:
        placed = update(entries).where(entries.c.id == bindparam("entry"))
        connection = await session.connection()
        await connection.execute(placed.values(tree_size=bindparam("size"), tree_root=bindparam("root")), places)
        head = {"size": tree.size, "peaks": tree.text()}
        is_new = tree.size == len(places)
        await session.execute(insert(kept).values(id=1, **head) if is_new else update(kept).values(**head))
    return len(places)


async def sign_checkpoint(database: Database, mission_id: UUID, settings: Settings) -> Checkpoint:
    """Enter what is in no tree yet, some at a time, then sign where the trees are."""
    async with database.read() as session:
        first = min(mission.id for mission in await every_mission(session))
        key = (await mission_keys(session, mission_id, settings)).receipts[-1].key
    for enter, lock in ((enter_older_receipts, mission_id), (enter_trail, first)):
        entered = ENTERED_AT_ONCE
        while entered == ENTERED_AT_ONCE:
            async with database.write() as session:
                entered = await enter(session, lock)
    async with database.write() as session:
        return await make_checkpoint(session, mission_id, key)


async def audit_tree(session: Any) -> Tree:
    """Return the tree of the audit trail; empty before the first checkpoint."""
    kept = table_of(AuditTree)
    row = (await session.execute(select(kept.c.size, kept.c.peaks))).first()
    return Tree.stored(row.size, row.peaks) if row else Tree()


async def make_checkpoint(session: WriteSession, mission_id: UUID, key: ReceiptKey) -> Checkpoint:
    """Sign where both trees of a mission are, keep it, and return it."""
    _, tree = await take_numbers_in_tree(session, mission_id, 0)
    mission = await session.get_one(Mission, mission_id)
    at = now()
    payload = {
        "mission": str(mission_id),
        "at": iso(at),
        "epoch": mission.epoch,
        "epochs": mission.epochs,
        "receipts": tree.head(),
        "audit": (await audit_tree(session)).head(),
    }
    made = Checkpoint(
        mission_id=mission_id,
        made_at=at,
        receipts=tree.size,
        kid=key.kid,
        jws=signed(key, payload, CHECKPOINT_TYPE),
    )
    session.add(made)
    return made


async def fault_of_checkpoint(session: ReadSession, checkpoint: Checkpoint) -> str:
    """Say in words why a checkpoint does not fit the trees as they stand; empty: it does.

    Only the entry at each head is looked at; that all before it is as it was entered, `steppe verify` says.
    """
    mine = [row for row in await key_rows(session, checkpoint.mission_id) if row.purpose == RECEIPT]
    known = {row.kid: ECKey.import_key(row.public_jwk) for row in mine}
    said = payload_in(checkpoint.jws, known, [CHECKPOINT_TYPE])
    if said is None:
        return "the mission has not signed it"
    items = table_of(InboxItem)
    receipts, audit = said["receipts"], said["audit"]
    entered = select(items.c.tree_root).where(items.c.mission_id == checkpoint.mission_id)
    entered = entered.where(items.c.tree_size == receipts["size"])
    if receipts["size"] and (await session.execute(entered)).scalars().all() != [receipts["root"]]:
        return f"it was signed over {receipts['size']} other receipts than there are now"
    if audit["size"] and await _trail_roots(session, audit["size"]) != [audit["root"]]:
        return f"it was signed over {audit['size']} other entries of the audit trail than there are now"
    return ""


async def _trail_roots(session: ReadSession, size: int) -> list[str | None]:
    entries = table_of(AuditEntry)
    query = select(entries.c.tree_root).where(entries.c.tree_size == size)
    return list((await session.execute(query)).scalars().all())
