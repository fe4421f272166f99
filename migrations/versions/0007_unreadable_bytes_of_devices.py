"""How much a device brought in a day that nobody signed. Expand: two columns that running servers do not look at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("unreadable_on", sa.Date(), nullable=True))
    op.add_column("device", sa.Column("unreadable_bytes", sa.Integer(), server_default="0", nullable=False))
