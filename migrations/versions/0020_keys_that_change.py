"""Keys of a mission that change, its root, and what each phone holds of them. Kind: expand.

A running server of the earlier version signs with the newest receipt key, whatever a phone holds: stop it before the
first `steppe keys rotate`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("mission", sa.Column("keys_serial", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mission", sa.Column("root_jwk", json_column(), nullable=True))
    op.add_column("mission", sa.Column("root_statement", sa.String(), nullable=True))
    op.add_column("mission", sa.Column("root_serial", sa.Integer(), nullable=True))
    op.add_column("mission", sa.Column("root_at", UtcDateTime(), nullable=True))
    op.add_column("mission_key", sa.Column("serial", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mission_key", sa.Column("stolen_since", UtcDateTime(), nullable=True))
    op.add_column("device", sa.Column("receipt_kid", sa.String(), nullable=True))
    op.add_column("device", sa.Column("transport_kid", sa.String(), nullable=True))
    op.add_column("device", sa.Column("keys_serial", sa.Integer(), nullable=True))
