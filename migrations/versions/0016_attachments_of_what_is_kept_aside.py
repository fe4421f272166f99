"""Which attachments reports that were kept aside name, and who may bring them. Kind: expand.

A running server of the earlier version writes none: their phones get in when they push the report again. What was kept
aside before is read here once; the inbox holds its signed bytes deflated, and no key is needed for them.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOST_BYTES = 2 * 1024 * 1024


def upgrade() -> None:
    """Apply."""
    made = op.create_table(
        "aside_attachment",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_aside_attachment_mission_id_mission")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_aside_attachment_device_id_device")),
        sa.PrimaryKeyConstraint("mission_id", "sha256", "device_id", "seq", name=op.f("pk_aside_attachment")),
    )
    inbox = sa.table(
        "inbox_item",
        sa.column("mission_id", sa.Uuid()),
        sa.column("seq", sa.BigInteger()),
        sa.column("pusher_id", sa.Uuid()),
        sa.column("maker_id", sa.Uuid()),
        sa.column("outcome", sa.String()),
        sa.column("raw_form", sa.String()),
        sa.column("revision_id", sa.Uuid()),
        sa.column("raw", sa.LargeBinary()),
    )
    read = sa.select(inbox.c.mission_id, inbox.c.seq, inbox.c.pusher_id, inbox.c.maker_id, inbox.c.raw).where(
        inbox.c.outcome == "quarantined", inbox.c.raw_form == "signed", inbox.c.revision_id.is_not(None)
    )
    connection = op.get_bind()
    for mission, seq, pusher, maker, raw in connection.execute(read).all():
        rows = [
            {"mission_id": mission, "sha256": sha256, "device_id": device, "seq": seq, "size": size}
            for sha256, size in _named(raw).items()
            for device in sorted({pusher, maker} - {None})
        ]
        if rows:
            connection.execute(sa.insert(made), rows)


def _named(deflated: bytes) -> dict[str, int]:
    """Return the attachments that signed bytes name, with their sizes: behind the signature's line is JSON."""
    raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(deflated, MOST_BYTES)
    content: dict[str, Any] = json.loads(raw.partition(b"\n")[2])
    return {one["sha256"]: one["size"] for one in content["attachments"]}
