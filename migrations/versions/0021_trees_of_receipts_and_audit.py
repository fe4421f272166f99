"""Trees of receipts and of the audit trail, and the checkpoints signed over them. Kind: expand.

What is there already has no place in a tree yet: the first `steppe receipt checkpoint` enters it, as it enters what a
running server of the earlier version still writes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("mission", sa.Column("epochs", json_column(), server_default="[]", nullable=False))
    op.add_column("mission_counter", sa.Column("tree_size", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("mission_counter", sa.Column("tree_peaks", sa.String(), server_default="", nullable=False))
    for table in ("inbox_item", "audit_entry"):
        op.add_column(table, sa.Column("tree_size", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("tree_root", sa.String(), nullable=True))
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tree")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_checkpoint_mission_id_mission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
    )
    op.create_index(op.f("ix_checkpoint_mission_id"), "checkpoint", ["mission_id"])
