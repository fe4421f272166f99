"""A key of each phone to which what goes down with content is encrypted. Kind: expand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("content_jwk", json_column(), nullable=True))
    op.add_column("device", sa.Column("content_key_at", UtcDateTime(), nullable=True))
