"""Pieces of attachments are listed, so that their bytes are kept before a transaction begins.

Expand: a server of the version before writes its pieces under the old names, which are still read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attachment_chunk",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mission_id", "sha256"],
            ["attachment.mission_id", "attachment.sha256"],
            name=op.f("fk_attachment_chunk_mission_id_attachment"),
        ),
        sa.PrimaryKeyConstraint("mission_id", "sha256", "offset", name=op.f("pk_attachment_chunk")),
    )
