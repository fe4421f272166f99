"""Files and retirement of checklist versions; an index for what was kept aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checklist_file",
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('media', 'table', 'include')", name=op.f("ck_checklist_file_role_word")),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f("fk_checklist_file_checklist_version_id_checklist_version"),
        ),
        sa.PrimaryKeyConstraint("checklist_version_id", "name", name=op.f("pk_checklist_file")),
    )
    with op.batch_alter_table("checklist_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checklist_file_sha256"), ["sha256"], unique=False)

    with op.batch_alter_table("checklist_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("published_by", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("retired_at", UtcDateTime(), nullable=True))

    aside = sa.text("outcome = 'quarantined'")
    op.create_index(
        "ix_inbox_item_quarantined",
        "inbox_item",
        ["mission_id", "seq"],
        unique=False,
        sqlite_where=aside,
        postgresql_where=aside,
    )
