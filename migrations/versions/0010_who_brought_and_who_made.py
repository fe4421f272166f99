"""Reports that somebody else brought: who made them, who brought them again, a desk that has no phone. Kind: expand.

A running server of the earlier version always names a phone as the one that brought an item, and knows no other: what
it writes meanwhile has no maker beside it, and the phone that made it gets its receipt when it pushes it again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MADE_ELSEWHERE = "maker_id IS NOT NULL"
AT_THE_DESK = "pusher_id IS NULL"


def upgrade() -> None:
    """Apply."""
    op.add_column("inbox_item", sa.Column("maker_id", sa.Uuid(), nullable=True))
    # SQLite makes the table anew for this, and reads back all of it but its checks.
    checks = (
        sa.CheckConstraint("outcome IN ('stored', 'quarantined')", name=op.f("ck_inbox_item_outcome_word")),
        sa.CheckConstraint("raw_form IN ('sealed', 'signed')", name=op.f("ck_inbox_item_raw_form_word")),
    )
    with op.batch_alter_table("inbox_item", schema=None, table_args=checks) as batch_op:
        batch_op.alter_column("pusher_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(op.f("fk_inbox_item_maker_id_device"), "device", ["maker_id"], ["id"])
    op.create_index(
        "ix_inbox_item_made_elsewhere",
        "inbox_item",
        ["maker_id", "seq"],
        unique=False,
        sqlite_where=sa.text(MADE_ELSEWHERE),
        postgresql_where=sa.text(MADE_ELSEWHERE),
    )
    op.create_index(
        "ix_inbox_item_at_the_desk",
        "inbox_item",
        ["mission_id", "received_at"],
        unique=False,
        sqlite_where=sa.text(AT_THE_DESK),
        postgresql_where=sa.text(AT_THE_DESK),
    )
    op.create_table(
        "revision_bringer",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_bringer_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_revision_bringer_device_id_device")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_revision_bringer_mission_id_mission")),
        sa.PrimaryKeyConstraint("revision_id", "device_id", name=op.f("pk_revision_bringer")),
    )
