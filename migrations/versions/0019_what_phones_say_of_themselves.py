"""What phones say of themselves; orders to wipe; when people left. Kind: expand.

A running server of the earlier version writes none of it and gives no orders; its phones are listed as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("troubles", json_column(), nullable=False, server_default="[]"))
    for name in ("storage", "storage_lost", "offered_again"):
        op.add_column("device", sa.Column(name, json_column(), nullable=True))
    for name in ("revoked_serial", "wiped_serial"):
        op.add_column("device", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("wiped_at", UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("left_at", UtcDateTime(), nullable=True))
